package bot

import (
	"context"
	"fmt"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// checkRun is a click on one of our checks: a button of a gate, or "Re-run".
func (b *Bot) checkRun(ctx context.Context, e githubapp.CheckRunEvent) (outcome, error) {
	us, err := b.Forge.App(ctx)
	if err != nil {
		return outcome{}, err
	}
	of, ours := report.ParseExternal(e.CheckRun.ExternalID)
	switch {
	case e.AppID != us.ID || !ours:
		return ignored("the check is not one of ours"), nil
	case e.Sender.Bot:
		return ignored("bots give no commands"), nil
	case e.Action == "requested_action" && of.Kind == report.ExternalGate:
		return b.button(ctx, e, of.Execution, of.Name)
	case e.Action == "rerequested" && of.Kind == report.ExternalStage:
		return b.rerun(ctx, e.Repository, e.Sender, of.Execution, of.Name, fmt.Sprintf("check %d", e.CheckRun.ID))
	case e.Action == "rerequested":
		return b.rerunCommit(ctx, e.Repository, e.CheckRun.HeadSHA, e.Sender, fmt.Sprintf("check %d", e.CheckRun.ID))
	}
	return ignored("nothing follows from %s of %q", e.Action, e.CheckRun.Name), nil
}

// button is a click on Approve or Reject of a gate's check.
func (b *Bot) button(ctx context.Context, e githubapp.CheckRunEvent, executionID, approvalID string) (outcome, error) {
	verdict, ok := map[string]pipeline.Verdict{report.ButtonApprove: pipeline.Approve, report.ButtonReject: pipeline.Reject}[e.Button]
	if !ok {
		return ignored("there is no button %q", e.Button), nil
	}
	run, _, err := b.Store.Execution(ctx, e.Repository.ID, executionID)
	if pipeline.KindOf(err) == pipeline.NotFound {
		return ignored("there is no such run"), nil
	}
	if err != nil {
		return outcome{}, err
	}
	gate := gateOf(run, approvalID)
	if gate == nil || gate.SHA != e.CheckRun.HeadSHA {
		return ignored("there is no such gate"), nil
	}
	facts, err := b.facts(ctx, e.Repository, e.Sender)
	if err != nil {
		return outcome{}, err
	}
	number, err := b.threadOf(ctx, run, gate)
	if err != nil {
		return outcome{}, err
	}
	say := func(why string) (outcome, error) {
		return done("%s: not counted: %s", e.Sender.Login, why), b.sayOnce(ctx, run, number,
			fmt.Sprintf("click:%s:%d:%s", approvalID, e.Sender.ID, e.Button), b.texts.VoteRefused(report.Asked{Line: "the button " + e.Button + " of " + gate.Name, Login: e.Sender.Login}, why))
	}
	if n := run.Lane.PullNumber(); n != 0 && gate.Status == pipeline.ApprovalPending {
		pull, err := b.Forge.PullRequest(ctx, e.Repository, n)
		if err != nil {
			return outcome{}, err
		}
		if pull.HeadSHA != gate.SHA {
			return say(fmt.Sprintf("%s is not the head of the pull request any more", pipeline.ShortSHA(gate.SHA)))
		}
	}
	result, err := b.vote(ctx, run, gate, pipeline.Vote{
		Verdict: verdict, Facts: facts, Door: pipeline.DoorCheck, Source: fmt.Sprint(e.CheckRun.ID),
	}, fmt.Sprintf("button %d %d %s", e.CheckRun.ID, e.Sender.ID, e.Button))
	switch {
	case err != nil:
		return outcome{}, err
	case !result.counted:
		return say(result.why)
	}
	return done("%s: %s of %s counted", e.Sender.Login, verdict, gate.Name), nil
}

// rerun retries the failed actions of a stage, or starts a new run of the commit
// if there is nothing to retry.
func (b *Bot) rerun(ctx context.Context, r pipeline.Repository, by githubapp.Account, executionID, stage, key string) (outcome, error) {
	facts, err := b.facts(ctx, r, by)
	switch {
	case err != nil:
		return outcome{}, err
	case !facts.Permission.CanWrite():
		return ignored("%s has no write access", by.Login), nil
	}
	run, _, err := b.Store.Execution(ctx, r.ID, executionID)
	if pipeline.KindOf(err) == pipeline.NotFound {
		return ignored("there is no such run"), nil
	}
	if err != nil {
		return outcome{}, err
	}
	if why, err := b.forkVoid(ctx, r, run); err != nil || why != "" {
		return done("run #%d: %s", run.Number, why), err
	}
	key = fmt.Sprintf("rerun %s %s %d", key, run.ID, run.Attempt) // once for each attempt
	_, err = b.Engine.Submit(ctx, run.Key(), key, pipeline.RetryStage{ExecutionID: run.ID, Stage: stage, By: by.Actor})
	switch {
	case err == nil || isDuplicate(err):
		return done("run #%d: stage %s is retried", run.Number, stage), nil
	case pipeline.KindOf(err) != pipeline.Conflict && pipeline.KindOf(err) != pipeline.NotFound:
		return outcome{}, err
	case !run.Status.Ended():
		return done("run #%d: %v", run.Number, err), nil
	}
	return b.runAgain(ctx, r, run, by, key)
}

// runAgain starts a new run of the commit of an earlier one, if that commit is
// still where its ref stands: a newer commit is never followed by an older one.
func (b *Bot) runAgain(ctx context.Context, r pipeline.Repository, old *pipeline.Execution, by githubapp.Account, key string) (outcome, error) {
	head, err := b.headOf(ctx, r, old)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound || err == nil && head != old.Revision.SHA:
		return done("run #%d: %s is not the head of %s any more", old.Number, old.Revision.ShortSHA(), old.Lane), nil
	case err != nil:
		return outcome{}, err
	}
	return b.start(ctx, commit{
		repository: r, lane: old.Lane, revision: old.Revision,
		trigger: pipeline.Trigger{Kind: pipeline.TriggerManual, By: by.Actor, PullRequest: old.Trigger.PullRequest},
		key:     key + " again",
		named:   old.Pipeline,
		head:    func() (string, error) { return head, nil },
	})
}

func (b *Bot) headOf(ctx context.Context, r pipeline.Repository, run *pipeline.Execution) (string, error) {
	if n := run.Lane.PullNumber(); n != 0 {
		pull, err := b.Forge.PullRequest(ctx, r, n)
		if err == nil && pull.State != "open" {
			return "", pipeline.Errorf(pipeline.NotFound, "pull request #%d is closed", n)
		}
		return pull.HeadSHA, err
	}
	if run.Lane.Kind == pipeline.LaneTag {
		sha, err := b.Forge.Ref(ctx, r, "refs/tags/"+run.Lane.Name)
		if err == nil && sha != run.Revision.SHA { // an annotated tag points at a tag
			commit, wrong := b.Forge.Commit(ctx, r, sha)
			return commit.SHA, wrong
		}
		return sha, err
	}
	return b.Forge.Head(ctx, r, run.Lane.Name)
}
