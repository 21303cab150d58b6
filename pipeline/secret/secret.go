// Package secret decides which secrets an action may use, and reads them. It
// never stores a value, never logs one, and never puts one into an error.
//
// The operator declares secrets and binds each to repositories, refs and
// environments. A pipeline file only names them, so a change of the file can ask
// for a secret but not give itself the right to it.
package secret

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// Declaration is one secret of the operator's configuration.
type Declaration struct {
	Name string
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
	Source       Source
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
}

// Vault is all secrets of a server. It is read-only and safe for many goroutines.
type Vault struct{ declared map[string]Declaration }

// NewVault makes a vault.
func NewVault(declarations ...Declaration) *Vault {
	v := &Vault{declared: map[string]Declaration{}}
	for _, d := range declarations {
		v.declared[d.Name] = d
	}
	return v
}

// MinLength is the least length of a value in bytes: what is shorter cannot be
// masked in a log without masking half of the log.
const MinLength = 4

// Values returns the values that an action asks for, by name. An error of kind
// Forbidden names the secret and the rule that refuses it; kind Unavailable means
// that a value cannot be read now.
func (v *Vault) Values(ctx context.Context, use Use) (map[string]string, error) {
	for _, name := range use.Names {
		if err := v.allowed(name, use); err != nil {
			return nil, err
		}
	}
	return v.read(ctx, use.Names, true)
}

// Known returns the values of these secrets as far as they are declared, for
// masking, whoever may use them.
func (v *Vault) Known(ctx context.Context, names []string) (map[string]string, error) {
	return v.read(ctx, slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, declared := v.declared[name]
		return !declared
	}), false)
}

func (v *Vault) read(ctx context.Context, names []string, strict bool) (map[string]string, error) {
	values := make(map[string]string, len(names))
	for _, name := range names {
		value, err := v.declared[name].Source.Value(ctx)
		switch {
		case err != nil:
			return nil, pipeline.Errorf(pipeline.Unavailable, "secret %s: %w", name, err)
		case strict && len(value) < MinLength:
			return nil, pipeline.Errorf(pipeline.Forbidden, "secret %s is shorter than %d characters and could not be masked", name, MinLength)
		}
		values[name] = value
	}
	return values, nil
}

// allowed says which rule refuses a use, or nil. A secret that is not declared
// and one of other repositories give the same answer: nobody learns the names of
// others' secrets.
func (v *Vault) allowed(name string, use Use) error {
	refuse := func(format string, args ...any) error {
		return pipeline.Errorf(pipeline.Forbidden, "secret %s %s", name, fmt.Sprintf(format, args...))
	}
	d, declared := v.declared[name]
	if !declared || !ofRepository(d.Repositories, use.Repository) {
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
