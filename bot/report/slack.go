package report

import (
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// SlackMessage is what one message in Slack shows. Sending it replaces what was
// shown: no buttons means that they go.
type SlackMessage struct {
	// Text is what notifications and screen readers say: one line of mrkdwn, at most 300
	// characters, escaped already.
	Text string
	// Blocks are what the message shows, within every limit of Slack's.
	Blocks []slack.Block
}

// Action ids of a gate's buttons. The value of the first two is SlackGateValue.
const (
	SlackApprove = "penstock.approve"
	SlackReject  = "penstock.reject"
	SlackChange  = "penstock.change" // a link: a click on it asks for nothing
	SlackRun     = "penstock.run"    // a link too
)

// SlackGateValue is what a gate's buttons bring back: which gate of which run. It
// comes from outside then, and neither need exist.
func SlackGateValue(executionID, approvalID string) string { return executionID + ":" + approvalID }

// ParseSlackGateValue reads what SlackGateValue makes of two UUIDs. ok is false for
// anything else.
func ParseSlackGateValue(s string) (executionID, approvalID string, ok bool) {
	executionID, approvalID, ok = strings.Cut(s, ":")
	if !ok || !uuid.MatchString(executionID) || !uuid.MatchString(approvalID) {
		return "", "", false
	}
	return executionID, approvalID, true
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// slackSign is the sign in front of how a gate stands.
func slackSign(gate *pipeline.Approval) string {
	switch {
	case gate.Status == pipeline.ApprovalApproved && gate.Overridden != nil:
		return "🔓"
	case gate.Status == pipeline.ApprovalApproved:
		return "✅"
	case gate.Status == pipeline.ApprovalRejected:
		return "❌"
	case gate.Status == pipeline.ApprovalExpired:
		return "⌛"
	case gate.Status == pipeline.ApprovalCancelled:
		return "🚫"
	}
	return "⏳"
}
