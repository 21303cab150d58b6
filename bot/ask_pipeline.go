package bot

import (
	"context"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Rollback starts a run that brings a stage back to where an earlier run had it, and
// returns its id, which is the same if the same request is made again. The errors
// are those of Ask.
func (b *Bot) Rollback(ctx context.Context, q pipeline.Request, r pipeline.Repository, target *pipeline.Execution, stage, reason string) (string, error) {
	id := b.idFor(q, r, target.Pipeline)
	return id, b.Ask(ctx, q, r, target.Key(), pipeline.RollbackStage{
		ExecutionID: id, Stage: stage, Target: target.ID, By: q.By, Reason: reason,
	})
}

// Door opens or closes the way into a stage of a pipeline: for the lane, or for all
// lanes if it is zero. The errors are those of Ask.
func (b *Bot) Door(ctx context.Context, q pipeline.Request, r pipeline.Repository, name string, lane pipeline.Lane, to pipeline.SetTransition) error {
	if err := b.knowsStage(ctx, r, name, to.Stage); err != nil {
		return err
	}
	r, err := b.withDefaultBranch(ctx, r)
	if err != nil {
		return err
	}
	if to.AllLanes = lane == (pipeline.Lane{}); to.AllLanes {
		lane = pipeline.BranchLane(r.DefaultBranch)
	}
	to.By = q.By
	return b.Ask(ctx, q, r, pipeline.StateKey{Host: r.Host, RepositoryID: r.ID, Pipeline: name, Lane: lane}, to)
}

// knowsStage is nil if the newest run of a pipeline has a stage of that name.
func (b *Bot) knowsStage(ctx context.Context, r pipeline.Repository, name, stage string) error {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, Pipeline: name, Limit: 1})
	switch {
	case err != nil:
		return err
	case len(runs) == 0:
		return pipeline.Errorf(pipeline.NotFound, "no pipeline %s of %s has ever run", name, r.FullName())
	case runs[0].Stage(stage) != nil:
		return nil
	}
	var names []string
	for _, s := range runs[0].Stages {
		names = append(names, s.Name)
	}
	return pipeline.Errorf(pipeline.Invalid, "pipeline %s has no stage %q; there is %s", name, stage, strings.Join(names, ", "))
}
