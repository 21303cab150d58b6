// Package secret decides which secrets and connections an action may use, and
// reads them. It never stores a value, never logs one, and never puts one into an
// error.
//
// The operator declares them and binds each to repositories, refs and
// environments. A pipeline file only names them, so a change of the file can ask
// for one but not give itself the right to it.
package secret

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// Declaration is one secret of the operator's configuration.
type Declaration struct {
	Name string
	Binding
	Source Source
}

// Binding is who may use a secret or a connection.
type Binding struct {
	// Repositories that may use it: owner/name, or owner/* for all of an owner.
	Repositories []string
	// Refs are patterns of branches, as pipeline files write them. None means the
	// default branch.
	Refs []string
	// Environments are the stages that may use it. None means every stage.
	Environments []string
	// PullRequests lets runs of pull requests use it too, of branches that Refs
	// name; from forks never.
	PullRequests bool
}

// Source is where the value of a secret is: a file or a variable now, a secret
// manager later.
type Source interface {
	// Value reads it anew. The error says what is wrong without quoting the value.
	// Kind Unavailable means that another try may help. It may be called at once
	// from many goroutines.
	Value(ctx context.Context) (string, error)
}

// Use is what an action of a run asks for.
type Use struct {
	Repository  pipeline.Repository
	Lane        pipeline.Lane
	Revision    pipeline.Revision
	Environment string // of the stage, empty if it has none
	Names       []string
	Connection  string // empty: none
}

// Given is what an action gets.
type Given struct {
	Secrets    map[string]string // by name
	Connection *pipeline.Connection
}

// Vault is all secrets and connections of a server. It is read-only and safe for
// many goroutines.
type Vault struct {
	secrets     map[string]Declaration
	connections map[string]ConnectionDeclaration
}

// NewVault makes a vault.
func NewVault(secrets []Declaration, connections []ConnectionDeclaration) *Vault {
	v := &Vault{secrets: map[string]Declaration{}, connections: map[string]ConnectionDeclaration{}}
	for _, d := range secrets {
		v.secrets[d.Name] = d
	}
	for _, d := range connections {
		v.connections[d.Name] = d
	}
	return v
}

// MinLength is the least length of a value in bytes: what is shorter cannot be
// masked in a log without masking half of the log.
const MinLength = 4

// Values returns what an action asks for. An error of kind Forbidden names the
// secret or connection and the rule that refuses it; kind Unavailable means that a
// value cannot be read now.
func (v *Vault) Values(ctx context.Context, use Use) (Given, error) {
	for _, name := range use.Names {
		if err := v.secrets[name].allowed("secret "+name, use); err != nil {
			return Given{}, err
		}
	}
	if use.Connection != "" {
		if err := v.connections[use.Connection].allowed("connection "+use.Connection, use); err != nil {
			return Given{}, err
		}
	}
	return v.read(ctx, use, true)
}

// Known returns the same as far as it is declared, for masking, whoever may use
// it.
func (v *Vault) Known(ctx context.Context, use Use) (Given, error) {
	use.Names = slices.DeleteFunc(slices.Clone(use.Names), func(name string) bool {
		_, declared := v.secrets[name]
		return !declared
	})
	if _, declared := v.connections[use.Connection]; !declared {
		use.Connection = ""
	}
	return v.read(ctx, use, false)
}

func (v *Vault) read(ctx context.Context, use Use, strict bool) (Given, error) {
	given := Given{Secrets: make(map[string]string, len(use.Names))}
	for _, name := range use.Names {
		value, err := value(ctx, "secret "+name, v.secrets[name].Source, strict)
		if err != nil {
			return Given{}, err
		}
		given.Secrets[name] = value
	}
	if use.Connection == "" {
		return given, nil
	}
	d := v.connections[use.Connection]
	given.Connection = &pipeline.Connection{Name: d.Name, Type: d.Type, Settings: maps.Clone(d.Settings)}
	for setting, source := range d.Secrets {
		value, err := value(ctx, "connection "+d.Name+": "+setting, source, strict)
		if err != nil {
			return Given{}, err
		}
		given.Connection.Settings[setting] = value
	}
	return given, nil
}

func value(ctx context.Context, what string, source Source, strict bool) (string, error) {
	value, err := source.Value(ctx)
	switch {
	case err != nil:
		return "", pipeline.Errorf(pipeline.Unavailable, "%s: %w", what, err)
	case strict && len(value) < MinLength:
		return "", pipeline.Errorf(pipeline.Forbidden, "%s is shorter than %d characters and could not be masked", what, MinLength)
	}
	return value, nil
}

// allowed says which rule refuses a use, or nil. What is not declared and what is
// of other repositories give the same answer: nobody learns the names of others'
// secrets.
func (d Binding) allowed(what string, use Use) error {
	refuse := func(format string, args ...any) error {
		return pipeline.Errorf(pipeline.Forbidden, "%s %s", what, fmt.Sprintf(format, args...))
	}
	if !ofRepository(d.Repositories, use.Repository) {
		return refuse("is not available to %s", use.Repository.FullName())
	}
	refs := d.Refs
	if len(refs) == 0 {
		refs = []string{use.Repository.DefaultBranch}
	}
	pull := use.Lane.Kind == pipeline.LanePull
	switch {
	case use.Revision.Fork:
		return refuse("is never given to pull requests from forks")
	case pull && !d.PullRequests:
		return refuse("is bound to pushes, this run is of a pull request")
	case !pull && use.Lane.Kind != pipeline.LaneBranch:
		return refuse("is bound to branches, this run is of %s", use.Lane)
	case !matches(refs, branch(use)):
		return refuse("is bound to %s, this run is of %s", strings.Join(refs, ", "), branch(use))
	case len(d.Environments) > 0 && !slices.Contains(d.Environments, use.Environment):
		where := "this stage has none"
		if use.Environment != "" {
			where = "this stage is of " + use.Environment
		}
		return refuse("is bound to the environment %s, %s", strings.Join(d.Environments, ", "), where)
	}
	return nil
}

// branch is what the run is of: its lane's branch, or that of the pull request's
// head, which lies in this repository.
func branch(use Use) string {
	if use.Lane.Kind == pipeline.LanePull {
		return use.Revision.Branch
	}
	return use.Lane.Name
}

func ofRepository(allowed []string, r pipeline.Repository) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		if owner, all := strings.CutSuffix(a, "/*"); all {
			return strings.EqualFold(owner, r.Owner)
		}
		return strings.EqualFold(a, r.FullName())
	})
}

func matches(patterns []string, branch string) bool {
	return branch != "" && slices.ContainsFunc(patterns, func(p string) bool {
		if below, ok := strings.CutSuffix(p, "/**"); ok {
			p = below + "/**/*" // release/** is what is below, not release itself
		}
		ok, err := doublestar.Match(p, branch)
		return ok && err == nil
	})
}
