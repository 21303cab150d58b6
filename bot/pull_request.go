package bot

import (
	"context"
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// pullRequest starts runs for new commits of a pull request, and ends them when
// it is closed.
func (b *Bot) pullRequest(ctx context.Context, e githubapp.PullRequestEvent, d pipeline.Delivery) (outcome, error) {
	p := e.PullRequest
	event := pipeline.PullRequestUpdated
	var only func(*pipeline.Pipeline) bool
	switch e.Action {
	case "opened", "reopened":
		event = pipeline.PullRequestOpened
	case "synchronize":
	case "labeled", "unlabeled":
		only = asksFor(func(f pipeline.PullRequestFilter) bool { return f.Labels != nil })
	case "ready_for_review", "converted_to_draft":
		only = asksFor(func(f pipeline.PullRequestFilter) bool { return f.Drafts != nil })
	case "closed":
		closed, err := b.closePull(ctx, e)
		if err != nil || p.Fork() {
			return closed, err
		}
		ran, err := b.startPull(ctx, e, d, pipeline.PullRequestClosed, nil)
		return done("%s %s", closed.note, ran.note), err
	case "edited":
		if e.OldBaseRef == "" {
			return ignored("a pull request whose text was edited starts nothing"), nil
		}
	default:
		return ignored("a pull request that is %s starts nothing", e.Action), nil
	}
	if p.Fork() {
		if only != nil {
			return ignored("a pull request from a fork that is %s starts nothing", e.Action), nil
		}
		return b.fork(ctx, e)
	}
	if d.ID != "" {
		if found, err := b.foundBefore(ctx, e.Repository, pipeline.PullLane(p.Number), p.HeadSHA, p.UpdatedAt); err != nil || found {
			return ignored("%s runs already: it was found before this delivery came", pipeline.ShortSHA(p.HeadSHA)), err
		}
	}
	return b.startPull(ctx, e, d, event, only)
}

// asksFor is for changes that only some filters look at: without one, nothing new
// is to be run.
func asksFor(looks func(pipeline.PullRequestFilter) bool) func(*pipeline.Pipeline) bool {
	return func(p *pipeline.Pipeline) bool { return slices.ContainsFunc(p.Triggers.PullRequest, looks) }
}

// startPull starts a run of each pipeline that wants the pull request as it is. A
// pipeline that ran this head already does not run again for its labels.
func (b *Bot) startPull(ctx context.Context, e githubapp.PullRequestEvent, d pipeline.Delivery, event pipeline.PullRequestEvent, only func(*pipeline.Pipeline) bool) (outcome, error) {
	p := e.PullRequest
	if only != nil {
		runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{
			Host: e.Repository.Host, RepositoryID: e.Repository.ID, SHA: p.HeadSHA,
		})
		if err != nil {
			return outcome{}, err
		}
		asks := only
		only = func(pl *pipeline.Pipeline) bool {
			return asks(pl) && !slices.ContainsFunc(runs, func(run *pipeline.Execution) bool {
				return run.Pipeline == pl.Name && run.Lane == pipeline.PullLane(p.Number)
			})
		}
	}
	commit := commit{
		repository: e.Repository,
		lane:       pipeline.PullLane(p.Number),
		revision: pipeline.Revision{
			SHA: p.HeadSHA, Ref: "refs/heads/" + p.HeadRef, Branch: p.HeadRef, Message: firstLine(p.Title),
			Author: p.Author.Login, BaseRef: p.BaseRef, BaseSHA: p.BaseSHA, WebURL: p.URL, BeforeSHA: e.Before,
		},
		trigger: pullTrigger(pipeline.TriggerPullRequest, e.Sender.Actor, p, d.ID),
		change:  &pipeline.Change{At: p.UpdatedAt, Before: e.Before, After: p.HeadSHA},
		key:     fmt.Sprintf("pull %d %s %s %s %d", p.Number, e.Action, p.HeadSHA, p.BaseSHA, p.UpdatedAt.Unix()),
		what:    b.pullChange(ctx, e.Repository, p, event),
		only:    only,
		message: func() (string, error) {
			head, err := b.Forge.Commit(ctx, e.Repository, p.HeadSHA)
			return head.Message, err
		},
		head: func() (string, error) {
			now, err := b.Forge.PullRequest(ctx, e.Repository, p.Number)
			return now.HeadSHA, err
		},
	}
	if event == pipeline.PullRequestClosed {
		commit.change, commit.keep = nil, true
	}
	return b.start(ctx, commit)
}

// pullChange is a pull request as triggers look at it.
func (b *Bot) pullChange(ctx context.Context, r pipeline.Repository, p githubapp.PullRequest, event pipeline.PullRequestEvent) definition.Change {
	return definition.Change{
		Kind: pipeline.TriggerPullRequest, Branch: p.BaseRef, DefaultBranch: r.DefaultBranch,
		PullRequest: event, Labels: p.Labels, Draft: p.Draft, Files: b.pullFiles(ctx, r, p.Number),
	}
}

func pullTrigger(kind pipeline.TriggerKind, by pipeline.Actor, p githubapp.PullRequest, delivery string) pipeline.Trigger {
	return pipeline.Trigger{Kind: kind, By: by, PullRequest: p.Number, Delivery: delivery, Title: p.Title, Labels: p.Labels, Draft: p.Draft}
}

// closePull stops the runs of every lane that the pull request has, or may get
// from deliveries that come late. Closing twice is harmless, and two closings
// may differ in nothing that a delivery says, so there is no business key: the
// pull request itself is asked whether it is closed still.
func (b *Bot) closePull(ctx context.Context, e githubapp.PullRequestEvent) (outcome, error) {
	p := e.PullRequest
	now, err := b.Forge.PullRequest(ctx, e.Repository, p.Number)
	switch {
	case err != nil && pipeline.KindOf(err) != pipeline.NotFound:
		return outcome{}, err
	case err == nil && now.State == "open":
		return done("pull request #%d has been opened again since", p.Number), nil
	}
	names, err := b.pipelinesOfPull(ctx, e)
	if err != nil {
		return outcome{}, err
	}
	for name := range names {
		key := pipeline.StateKey{Host: e.Repository.Host, RepositoryID: e.Repository.ID, Pipeline: name, Lane: pipeline.PullLane(p.Number)}
		word := "closed"
		if p.Merged {
			word = "merged"
		}
		_, err := b.Engine.Submit(ctx, key, "", pipeline.CloseLane{Reason: "the pull request was " + word, By: e.Sender.Actor, At: p.UpdatedAt})
		if err != nil {
			return outcome{}, err
		}
	}
	if p.Merged { // gates of the run on the base branch are announced here now
		if err := b.announceAgain(ctx, e.Repository, p.MergeCommitSHA); err != nil {
			return outcome{}, err
		}
	}
	return done("%d pipelines were told that pull request #%d is closed", len(names), p.Number), nil
}

func (b *Bot) pipelinesOfPull(ctx context.Context, e githubapp.PullRequestEvent) (map[string]bool, error) {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{
		Host: e.Repository.Host, RepositoryID: e.Repository.ID, Lane: pipeline.PullLane(e.PullRequest.Number),
	})
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, run := range runs {
		names[run.Pipeline] = true
	}
	if e.PullRequest.Fork() {
		return names, nil
	}
	files, err := b.Forge.PipelineFiles(ctx, e.Repository, e.PullRequest.HeadSHA)
	if err != nil && pipeline.KindOf(err) == pipeline.Unavailable {
		return nil, err
	}
	for _, file := range files { // what cannot be read starts nothing, late or not
		if p, problems := b.read(file, e.Repository); !problems.HasErrors() {
			names[p.Name] = true
		}
	}
	return names, nil
}
