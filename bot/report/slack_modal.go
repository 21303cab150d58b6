package report

import (
	"strings"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// What the modal of a vote is called, and where its reason is.
const (
	SlackVoteCallback = "penstock.vote"
	SlackReasonBlock  = "reason"
	SlackReasonAction = "reason"
)

// SlackVoteSeen is the message whose button was pressed. Message is its time stamp in
// microseconds; 0 if the modal was asked for otherwise.
type SlackVoteSeen struct {
	Channel string
	Message int64
	// Reason stands in the field already; it may be empty.
	Reason string
}

// SlackVoteModal asks for the last word: its submission is the vote. It says what is
// voted on, and its private metadata is a SlackVoteMetadata, so that the vote counts
// for the commit that the voter has seen.
func (r *Renderer) SlackVoteModal(run Run, gate *pipeline.Approval, verdict pipeline.Verdict, seen SlackVoteSeen) slack.ModalViewRequest {
	e, v := run.Execution, r.gateView(run, gate, 0)
	word, label, input := "Approve", "Reason", slack.NewPlainTextInputBlockElement(nil, SlackReasonAction)
	does := "The run goes on once its rules are met."
	if verdict == pipeline.Reject {
		word, does = "Reject", "The run fails with your reason. One rejection is enough."
		label = "Reason, for everybody to see"
		input.MinLength = 1
	}
	input.Multiline, input.MaxLength = true, slackMaxReason
	input.InitialValue = slackFit(strings.ToValidUTF8(cutBytes(seen.Reason, 8*slackMaxReason), "\ufffd"), slackMaxReason, func(s string) string { return s })
	c := r.card(run)
	c.most = slackGateSection
	c.section(0, word+" *"+slackWords(gate.Name, slackName)+"*?", r.slackWhere(run))
	c.section(2, slackChange(v.Change, 0)...)
	c.section(1, slackNotes(v.Notes)...)
	c.section(0, "Your vote counts for commit `"+pipeline.ShortSHA(gate.SHA)+"` alone, as shown here. "+does)
	field := slack.NewInputBlock(SlackReasonBlock, slackPlainText(label), nil, input)
	field.Optional = verdict != pipeline.Reject
	c.parts = append(c.parts, slackPart{block: field})
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: SlackVoteCallback,
		Title: slackPlainText(slackPlain(word+" "+gate.Name, slackMaxTitle)), Submit: slackPlainText(word), Close: slackPlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: c.blocks()},
		PrivateMetadata: SlackVoteMetadata{
			Verdict: verdict, Run: e.ID, Gate: gate.ID, SHA: gate.SHA, Channel: seen.Channel, Message: seen.Message,
		}.String(),
	}
}
