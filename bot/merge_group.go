package bot

import (
	"context"
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// mergeGroup starts runs for a group of pull requests in the merge queue, and ends
// them when the group is gone.
func (b *Bot) mergeGroup(ctx context.Context, e githubapp.MergeGroup, d pipeline.Delivery) (outcome, error) {
	lane := pipeline.BranchLane(e.Branch())
	switch e.Action {
	case "checks_requested":
	case "destroyed":
		return b.endMergeGroup(ctx, e, lane)
	default:
		return ignored("a merge group that is %s starts nothing", e.Action), nil
	}
	return b.start(ctx, commit{
		repository: e.Repository,
		lane:       lane,
		revision: pipeline.Revision{
			SHA: e.HeadSHA, Ref: e.HeadRef, Branch: e.Branch(), Message: firstLine(e.Head.Message), Author: e.Head.AuthorName,
			BaseRef: e.Base(), BaseSHA: e.BaseSHA, BeforeSHA: e.BaseSHA,
		},
		trigger: pipeline.Trigger{Kind: pipeline.TriggerMergeGroup, By: e.Sender.Actor, Delivery: d.ID},
		key:     fmt.Sprintf("merge group %s %s", e.HeadRef, e.HeadSHA),
		what: definition.Change{
			Kind: pipeline.TriggerMergeGroup, Branch: e.Base(), DefaultBranch: e.Repository.DefaultBranch,
			Files: b.pushedFiles(ctx, e.Repository, e.BaseSHA, e.HeadSHA),
		},
		head: func() (string, error) { return b.Forge.Head(ctx, e.Repository, e.Branch()) },
	})
}

// endMergeGroup stops what runs for a group that nobody waits for any more.
func (b *Bot) endMergeGroup(ctx context.Context, e githubapp.MergeGroup, lane pipeline.Lane) (outcome, error) {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: e.Repository.Host, RepositoryID: e.Repository.ID, Lane: lane})
	if err != nil {
		return outcome{}, err
	}
	runs = slices.DeleteFunc(runs, func(run *pipeline.Execution) bool { return run.Status.Ended() })
	for _, run := range runs {
		_, err := b.Engine.Submit(ctx, run.Key(), "", pipeline.StopExecution{
			ExecutionID: run.ID, Abandon: true, Reason: "the merge group is gone: " + e.Reason, By: e.Sender.Actor,
		})
		if kind := pipeline.KindOf(err); err != nil && kind != pipeline.Conflict && kind != pipeline.NotFound {
			return outcome{}, err
		}
	}
	return done("the merge group is gone; %d runs were stopped", len(runs)), nil
}
