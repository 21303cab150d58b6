package bot

import (
	"context"
	"fmt"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// fork answers a pull request from another repository, when it is opened, has new
// commits or another base: whatever was allowed before is void, and a check says
// how somebody can let the commit run that is the head now.
func (b *Bot) fork(ctx context.Context, e githubapp.PullRequestEvent) (outcome, error) {
	p := e.PullRequest
	if err := b.voidForkRuns(ctx, e.Repository, p); err != nil {
		return outcome{}, err
	}
	files, err := b.Forge.PipelineFiles(ctx, e.Repository, p.BaseSHA)
	switch {
	case err != nil && pipeline.KindOf(err) == pipeline.Unavailable:
		return outcome{}, err
	case len(files) == 0:
		return ignored("the base branch has no pipeline file"), nil
	}
	if err := b.showForkCheck(ctx, e); err != nil {
		return outcome{}, err
	}
	return done("pull request #%d is from a fork; a check says how to let it run", p.Number), nil
}

// voidForkRuns stops the runs of a fork's pull request that are not what somebody
// has looked at any more.
func (b *Bot) voidForkRuns(ctx context.Context, r pipeline.Repository, p githubapp.PullRequest) error {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, Lane: pipeline.PullLane(p.Number)})
	if err != nil {
		return err
	}
	for _, run := range runs {
		why := void(run, p)
		if run.Status.Ended() || why == "" {
			continue
		}
		_, err := b.Engine.Submit(ctx, run.Key(), "", pipeline.StopExecution{ExecutionID: run.ID, Abandon: true, Reason: why})
		if kind := pipeline.KindOf(err); err != nil && kind != pipeline.Conflict && kind != pipeline.NotFound {
			return err
		}
	}
	return nil
}

// void says why a run of a fork is not covered by its /ok-to-test any more; empty
// if it is, or if the run is of no fork.
func void(run *pipeline.Execution, now githubapp.PullRequest) string {
	switch was := run.Revision; {
	case !was.Fork:
		return ""
	case now.State == "closed":
		return "the pull request was closed"
	case was.SHA != now.HeadSHA:
		return fmt.Sprintf("new commits: /ok-to-test was for %s", was.ShortSHA())
	case was.BaseRef != now.BaseRef:
		return fmt.Sprintf("the base branch was changed: /ok-to-test was for %s", was.BaseRef)
	}
	return ""
}

// forkVoid is void with what the forge says now.
func (b *Bot) forkVoid(ctx context.Context, r pipeline.Repository, run *pipeline.Execution) (string, error) {
	if !run.Revision.Fork {
		return "", nil
	}
	now, err := b.Forge.PullRequest(ctx, r, run.Lane.PullNumber())
	if pipeline.KindOf(err) == pipeline.NotFound {
		return "the pull request is gone", nil
	}
	return void(run, now), err
}
