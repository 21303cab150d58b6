package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// Slack is a workspace in which gates are asked and runs are told of.
type Slack struct {
	App      *slackapp.App
	Store    SlackStore
	Channels []SlackChannel
	// LinkURL is the address of the page on which the link of a token is confirmed.
	LinkURL func(token string) string
	// MatchByEmail lets accounts that have the same verified address count as linked.
	MatchByEmail bool
	// DirectMessages tells those who can vote on a gate of it by a message of their own.
	DirectMessages bool
}

// SlackStore is what must be remembered of a workspace.
type SlackStore interface {
	// OfferSlackLink stores the offer to link an account.
	OfferSlackLink(ctx context.Context, link pipeline.SlackLink) error
	// SlackAccount returns the account that a Slack user speaks for. Kind NotFound.
	SlackAccount(ctx context.Context, user pipeline.SlackUser, host string) (pipeline.SlackAccount, error)
	// SlackAccounts lists those of a workspace, the oldest first.
	SlackAccounts(ctx context.Context, team, host string, limit int) ([]pipeline.SlackAccount, error)
	// SaveSlackAccount stores an account that was linked by its address.
	SaveSlackAccount(ctx context.Context, account pipeline.SlackAccount) error
	// RemoveSlackAccount and MuteSlackAccount report whether there was one.
	RemoveSlackAccount(ctx context.Context, user pipeline.SlackUser, host string) (bool, error)
	MuteSlackAccount(ctx context.Context, user pipeline.SlackUser, host string, muted bool) (bool, error)
	// AccountByEmail returns whose verified address it is. Kind NotFound.
	AccountByEmail(ctx context.Context, host, digest string) (pipeline.Actor, error)

	// Untold returns runs that have changed since Slack was last told of them, those
	// that wait for people first, then the longest waiting; MarkTold notes that it was, as of a revision; ToTell is
	// signalled after runs have changed.
	Untold(ctx context.Context, limit int) ([]Unreported, error)
	MarkTold(ctx context.Context, repositoryID int64, executionID string, rev int64) error
	ToTell() <-chan struct{}
}

// slackEvents is what the events of stored deliveries from Slack begin with.
const slackEvents = "slack."

// slash is our slash command.
const slash = "/penstock"

// AcceptSlack stores what came from Slack, with the order to work on it.
func (b *Bot) AcceptSlack(ctx context.Context, r slackapp.Received) error {
	event := slackEvents + r.Kind
	if err := b.Ready(); err != nil {
		b.OnDelivery(event, "unstored", 0)
		return err
	}
	_, isNew, err := b.Store.AddDelivery(ctx, pipeline.Delivery{
		ID: r.ID, Event: event, Host: b.Forge.Host(), Body: r.Body, ReceivedAt: b.Now(), Status: pipeline.DeliveryReceived,
	})
	switch {
	case err != nil:
		b.OnDelivery(event, "unstored", 0)
		return err
	case isNew:
		b.OnDelivery(event, "accepted", 0)
	default:
		b.OnDelivery(event, "repeated", 0)
	}
	return nil
}

// slackReceived works on what came from Slack.
func (b *Bot) slackReceived(ctx context.Context, d pipeline.Delivery) (outcome, error) {
	if b.Slack == nil {
		return ignored("Slack is not set up any more"), nil
	}
	event, err := slackapp.Parse(slackapp.Received{ID: d.ID, Kind: strings.TrimPrefix(d.Event, slackEvents), Body: d.Body})
	if err != nil {
		return ignored("%v", err), nil
	}
	switch e := event.(type) {
	case slackapp.Click:
		return b.slackClick(ctx, e)
	case slackapp.Submission:
		return b.slackSubmission(ctx, e)
	case slackapp.SlashCommand:
		return b.slackCommand(ctx, e)
	}
	return ignored("Penstock has no use for this event"), nil
}

// CheckSlackSubmission says what is wrong with a modal that was filled in, by its
// blocks.
func CheckSlackSubmission(s slackapp.Submission) map[string]string {
	seen, err := report.ParseSlackVoteMetadata(s.Metadata)
	if err != nil || s.CallbackID != report.SlackVoteCallback {
		return nil
	}
	if seen.Verdict == pipeline.Reject && strings.TrimSpace(s.Values[report.SlackReasonBlock]) == "" {
		return map[string]string{report.SlackReasonBlock: "Say why, in a few words."}
	}
	return nil
}

// whisper tells one person something. That it could not be told stops nothing.
func (b *Bot) whisper(ctx context.Context, to slackapp.Whisper, m report.SlackMessage) {
	if err := b.Slack.App.Whisper(ctx, to, slackapp.Message{Text: m.Text, Blocks: m.Blocks}); err != nil {
		b.Logger.Warn("somebody in Slack was not answered", "user", to.User, "error", err)
	}
}

// answerInSlack tells somebody what came of what they did, and notes it.
func (b *Bot) answerInSlack(ctx context.Context, to slackapp.Whisper, m report.SlackMessage, note string) (outcome, error) {
	b.whisper(ctx, to, m)
	return done("%s in Slack: %s", to.User, note), nil
}

// unknownRun is why nobody can vote on a run that we do not have. Slack gives each click
// to one of the servers that use the same app, whichever has asked.
const unknownRun = "this server does not know that run: it is not kept any more, or another Penstock server uses the same app in Slack and has asked. Vote on GitHub, and tell whoever runs Penstock"

// slackRun finds a run and its gate by ids that came from outside. why says that
// nothing can be voted on there.
func (b *Bot) slackRun(ctx context.Context, runID, gateID string) (run *pipeline.Execution, gate *pipeline.Approval, why string, err error) {
	run, _, err = b.Store.Execution(ctx, 0, runID) // ids are unique over all repositories
	switch {
	case err != nil && pipeline.KindOf(err) == pipeline.NotFound:
		return nil, nil, unknownRun, nil
	case err != nil:
		return nil, nil, "", err
	case !b.Allows(run.Repository.Owner, run.Repository.Name):
		return nil, nil, "this server does not work for " + run.Repository.FullName() + " any more", nil
	}
	if gate = gateOf(run, gateID); gate == nil {
		return nil, nil, fmt.Sprintf("run #%d does not ask this any more: it was tried again since", run.Number), nil
	}
	return run, gate, "", nil
}

// unknownInSlack tells the operator of a click that may have been meant for another server.
func (b *Bot) unknownInSlack(why, runID, user string) {
	if why == unknownRun {
		b.Logger.Warn("somebody in Slack answers for a run that is not known here", "perhaps", "another server uses the same app in Slack: give each an app of its own", "execution", runID, "user", user)
	}
}

// slackView is what a run's messages are made of.
func (b *Bot) slackView(ctx context.Context, run *pipeline.Execution) (report.Run, error) {
	definition, err := b.Store.Definition(ctx, run.Repository.ID, run.Definition)
	if err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		return report.Run{}, err
	}
	return report.Run{Execution: run, Pipeline: definition, Paused: b.Paused()}, nil
}
