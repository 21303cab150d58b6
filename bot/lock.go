package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// mostSeen is how many of a repository's newest runs are looked at for environments.
const mostSeen = 100

// setLock locks an environment of a repository, or unlocks it, for somebody who may.
func (b *Bot) setLock(ctx context.Context, r pipeline.Repository, key string, in pipeline.LockEnvironment) error {
	state, names, err := b.environments(ctx, r)
	if err != nil {
		return err
	}
	i := slices.Index(names, in.Environment)
	if i < 0 { // people do not mind the case of letters
		i = slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, in.Environment) })
	}
	switch {
	case len(names) == 0:
		return pipeline.Errorf(pipeline.NotFound, "%s has no environment", r.FullName())
	case i < 0:
		return pipeline.Errorf(pipeline.NotFound, "%s has no environment %s; there is %s", r.FullName(), in.Environment, strings.Join(names, ", "))
	}
	in.Environment = names[i]
	if !in.Locked && state.Lockout(in.Environment) == nil {
		return pipeline.Errorf(pipeline.Conflict, "environment %s is not locked", in.Environment)
	}
	_, err = b.Engine.Submit(ctx, state.Key, key, in)
	return err
}

// environments names the environments of a repository, in the order of the alphabet:
// those that the default branch declares, and what is locked besides. If the files
// there cannot be read, they are those of the newest runs: somebody may have to lock
// one just then. The state is of the lane that a lock goes through, that of the default
// branch in the pipeline that ran last. Kind NotFound: nothing has ever run.
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
	names, err := b.environmentNames(ctx, r, runs)
	if err != nil {
		return pipeline.State{}, nil, err
	}
	for _, l := range state.Lockouts {
		if l.Locked {
			names = append(names, l.Environment)
		}
	}
	slices.Sort(names)
	return state, slices.Compact(names), nil
}

// environmentNames are those that the default branch declares, or if that cannot be
// read, that the stages of some runs enter.
func (b *Bot) environmentNames(ctx context.Context, r pipeline.Repository, runs []*pipeline.Execution) (names []string, err error) {
	if declared, err := b.declared(ctx, r); err == nil { // a lock does not wait for GitHub
		for _, e := range declared {
			names = append(names, e.Name)
		}
		return names, nil
	}
	seen := map[string]bool{}
	for _, run := range runs {
		if seen[run.Definition] {
			continue
		}
		seen[run.Definition] = true
		definition, err := b.Store.Definition(ctx, r.ID, run.Definition)
		if err != nil {
			return nil, err
		}
		for _, s := range definition.Stages {
			if s.Environment != "" {
				names = append(names, s.Environment)
			}
		}
	}
	return names, nil
}

// Environments are those of a repository, by name, each with its lock.
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
