package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// mostSeen is how many of a repository's newest runs are looked at for the
// environments that their stages enter.
const mostSeen = 100

// setLock locks an environment of a repository, or unlocks it, for somebody who may.
func (b *Bot) setLock(ctx context.Context, r pipeline.Repository, key string, in pipeline.LockEnvironment) error {
	state, names, err := b.environments(ctx, r)
	if err != nil {
		return err
	}
	if !nameIn(names, &in.Environment) { // it may be new
		declared, err := b.declared(ctx, r, state.Key.Lane.Name)
		switch {
		case err != nil:
			return err
		case nameIn(declared, &in.Environment):
		case len(names)+len(declared) == 0:
			return pipeline.Errorf(pipeline.NotFound, "%s has no environment", r.FullName())
		default:
			names = append(names, declared...)
			slices.Sort(names)
			return pipeline.Errorf(pipeline.NotFound, "%s has no environment %s; there is %s", r.FullName(), in.Environment, strings.Join(slices.Compact(names), ", "))
		}
	}
	if !in.Locked && state.Lockout(in.Environment) == nil {
		return pipeline.Errorf(pipeline.Conflict, "environment %s is not locked", in.Environment)
	}
	_, err = b.Engine.Submit(ctx, state.Key, key, in)
	return err
}

// nameIn reports whether a name is one of a list, in any case of letters, and writes
// it as it stands there.
func nameIn(names []string, name *string) bool {
	i := slices.IndexFunc(names, func(have string) bool { return strings.EqualFold(have, *name) })
	if i >= 0 {
		*name = names[i]
	}
	return i >= 0
}

// declared names the environments that the default branch declares.
func (b *Bot) declared(ctx context.Context, r pipeline.Repository, branch string) ([]string, error) {
	head, err := b.Forge.Head(ctx, r, branch)
	if err != nil {
		return nil, err
	}
	files, err := b.Forge.PipelineFiles(ctx, r, head)
	if err != nil {
		return nil, err
	}
	var read []definition.File
	for _, f := range files {
		read = append(read, definition.File{Path: f.Path, Content: f.Content})
	}
	all, err := definition.Environments(read, definition.Options{Catalog: b.Catalog})
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
	}
	return names, err
}

// environments names the environments of a repository that stages of its newest runs
// enter or that somebody has touched, in the order of the alphabet, and the lane that
// a lock goes through: that of the default branch in the pipeline that ran last.
func (b *Bot) environments(ctx context.Context, r pipeline.Repository) (pipeline.State, []string, error) {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, Limit: mostSeen})
	if err != nil {
		return pipeline.State{}, nil, err
	}
	if len(runs) == 0 {
		return pipeline.State{}, nil, pipeline.Errorf(pipeline.NotFound, "nothing of %s has ever run", r.FullName())
	}
	if r, err = b.withDefaultBranch(ctx, r); err != nil {
		return pipeline.State{}, nil, err
	}
	key := runs[0].Key()
	key.Lane = pipeline.BranchLane(r.DefaultBranch)
	state, err := b.Store.LoadState(ctx, key)
	if err != nil {
		return pipeline.State{}, nil, err
	}
	var names []string
	if declared, err := b.declared(ctx, r); err == nil { // a lock does not wait for GitHub
		for _, e := range declared {
			names = append(names, e.Name)
		}
	}
	for _, l := range state.Lockouts {
		names = append(names, l.Environment)
	}
	seen := map[string]bool{}
	for _, run := range runs {
		if seen[run.Definition] {
			continue
		}
		seen[run.Definition] = true
		pinned, err := b.Store.Definition(ctx, r.ID, run.Definition)
		if err != nil {
			return pipeline.State{}, nil, err
		}
		for _, s := range pinned.Stages {
			if s.Environment != "" {
				names = append(names, s.Environment)
			}
		}
	}
	slices.Sort(names)
	return state, slices.Compact(names), nil
}

// Environments are those of a repository that are in use or that somebody has touched,
// by name, each with its lock.
func (b *Bot) Environments(ctx context.Context, r pipeline.Repository) ([]pipeline.EnvironmentLockout, error) {
	state, names, err := b.environments(ctx, r)
	if pipeline.KindOf(err) == pipeline.NotFound { // nothing has ever run
		return nil, nil
	}
	var all []pipeline.EnvironmentLockout
	for _, name := range names {
		lock := pipeline.EnvironmentLockout{Environment: name}
		for _, l := range state.Lockouts {
			if l.Environment == name {
				lock = l
			}
		}
		all = append(all, lock)
	}
	return all, err
}
