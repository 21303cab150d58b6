package bot

import (
	"context"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// lookFirst is how long somebody's rights are looked up before the form of a vote is
// opened all the same: Slack opens it within three seconds only. What counts is looked
// up when the form comes back.
const lookFirst = 1200 * time.Millisecond

// slackClick is a click on a button of a gate's message: it opens the form of the vote,
// for those whose vote may count.
func (b *Bot) slackClick(ctx context.Context, c slackapp.Click) (outcome, error) {
	verdict := pipeline.Approve
	switch c.ActionID {
	case report.SlackApprove:
	case report.SlackReject:
		verdict = pipeline.Reject
	default:
		return ignored("a click that asks for nothing"), nil
	}
	to := slackapp.Whisper{ResponseURL: c.ResponseURL, Channel: c.Channel, User: c.User}
	runID, gateID, ok := report.ParseSlackGateValue(c.Value)
	if !ok {
		return ignored("a button that is none of ours"), nil
	}
	run, gate, why, err := b.slackRun(ctx, runID, gateID)
	switch {
	case err != nil:
		return outcome{}, err
	case why != "":
		b.unknownInSlack(why, runID, c.User)
		return b.answerInSlack(ctx, to, b.texts.SlackRefused(why), why)
	}
	if err := b.adopt(ctx, run, gate, c.Channel, c.MessageTS); err != nil {
		return outcome{}, err
	}
	view, err := b.slackView(ctx, run)
	switch {
	case err != nil:
		return outcome{}, err
	case gate.Status != pipeline.ApprovalPending:
		return b.answerInSlack(ctx, to, b.texts.SlackGateDecided(view, gate), "the gate is decided")
	}
	refused, why := b.refusedFirst(ctx, view, gate, verdict, slackVoter{c.Team, c.User})
	if refused != nil {
		return b.answerInSlack(ctx, to, *refused, why)
	}
	seen := report.SlackVoteSeen{Channel: c.Channel, Message: c.MessageTS}
	return b.askInSlack(ctx, view, gate, verdict, seen, c.TriggerID, to)
}

// refusedFirst says why a vote would not count, if that is known at once.
func (b *Bot) refusedFirst(ctx context.Context, view report.Run, gate *pipeline.Approval, verdict pipeline.Verdict, who slackVoter) (*report.SlackMessage, string) {
	ctx, cancel := context.WithTimeout(ctx, lookFirst)
	defer cancel()
	account, refused, why, err := b.slackPerson(ctx, who)
	if err != nil || refused != nil {
		return refused, why
	}
	facts, err := b.factsFor(ctx, view.Execution.Repository, account.Actor, teamsOf(gate.Policy, gate.Brief))
	if err != nil || len(facts.Unknown) > 0 {
		return nil, ""
	}
	if ok, why := policy.Counts(gate, pipeline.Vote{Verdict: verdict, Facts: facts}); !ok {
		message := b.texts.SlackVoteRefused(view, gate, why)
		return &message, why
	}
	return nil, ""
}

// askInSlack opens the form of a vote.
func (b *Bot) askInSlack(ctx context.Context, view report.Run, gate *pipeline.Approval, verdict pipeline.Verdict, seen report.SlackVoteSeen, trigger string, to slackapp.Whisper) (outcome, error) {
	err := b.Slack.App.OpenModal(ctx, trigger, b.texts.SlackVoteModal(view, gate, verdict, seen))
	switch kind := pipeline.KindOf(err); {
	case err == nil:
		return done("%s in Slack: asked to %s %s of run #%d", to.User, verdict, gate.Name, view.Execution.Number), nil
	case kind == pipeline.Conflict || kind == pipeline.Unavailable: // a later try would be too late
		b.whisper(ctx, to, b.texts.SlackTooLate())
	default:
		b.Logger.Error("a form in Slack was not opened", "error", err)
		b.whisper(ctx, to, b.texts.SlackRefused("Slack did not take the form; the server's log says more"))
	}
	return done("%s in Slack: the form was not opened: %v", to.User, err), nil
}

// slackSubmission is the form of a vote, filled in: the vote.
func (b *Bot) slackSubmission(ctx context.Context, s slackapp.Submission) (outcome, error) {
	seen, err := report.ParseSlackVoteMetadata(s.Metadata)
	if err != nil || s.CallbackID != report.SlackVoteCallback {
		return ignored("a form that is none of ours"), nil
	}
	ballot := pipeline.Ballot{SHA: seen.SHA, Verdict: seen.Verdict, Reason: strings.TrimSpace(s.Values[report.SlackReasonBlock])}
	return b.voteInSlack(ctx, slackVoter{s.Team, s.User}, seen.Run, seen.Gate, ballot, s.ID, slackapp.Whisper{Channel: seen.Channel, User: s.User})
}

// voteInSlack brings somebody's vote to a gate, and tells them what came of it.
func (b *Bot) voteInSlack(ctx context.Context, who slackVoter, runID, gateID string, ballot pipeline.Ballot, id string, to slackapp.Whisper) (outcome, error) {
	account, refused, why, err := b.slackPerson(ctx, who)
	switch {
	case err != nil:
		return outcome{}, err
	case refused != nil:
		return b.answerInSlack(ctx, to, *refused, why)
	}
	run, gate, why, err := b.slackRun(ctx, runID, gateID)
	switch {
	case err != nil:
		return outcome{}, err
	case why != "":
		b.unknownInSlack(why, runID, who.id)
		return b.answerInSlack(ctx, to, b.texts.SlackRefused(why), why)
	}
	q := pipeline.Request{By: account.Actor, Door: pipeline.DoorSlack, Key: "slack " + id}
	if before, err := b.hadEffect(ctx, q, run.Repository); err != nil || before {
		return done("%s in Slack: voted before", account.Actor.Login), err
	}
	result, err := b.castOn(ctx, q, run.Repository, run, gate, ballot)
	switch kind := pipeline.KindOf(err); {
	case err != nil && (kind == pipeline.Conflict || kind == pipeline.Forbidden || kind == pipeline.NotFound):
		result = verdict{why: err.Error()}
	case err != nil:
		return outcome{}, err
	}
	now, _, err := b.Store.Execution(ctx, run.Repository.ID, run.ID)
	if err != nil {
		return outcome{}, err
	}
	view, err := b.slackView(ctx, now)
	if err != nil {
		return outcome{}, err
	}
	gate = gateOf(now, gateID)
	switch {
	case result.counted:
		return b.answerInSlack(ctx, to, b.texts.SlackVoteTaken(view, gate, ballot.Verdict), account.Actor.Login+": counted for "+gate.Name)
	case gate.Status != pipeline.ApprovalPending:
		return b.answerInSlack(ctx, to, b.texts.SlackGateDecided(view, gate), account.Actor.Login+": the gate is decided")
	}
	return b.answerInSlack(ctx, to, b.texts.SlackVoteRefused(view, gate, result.why), account.Actor.Login+": "+result.why)
}
