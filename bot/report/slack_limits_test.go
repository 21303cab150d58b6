package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// slackProblems says what Slack would not take of a message.
func slackProblems(m report.SlackMessage) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if m.Text == "" || long(m.Text) > 300 || strings.ContainsAny(m.Text, "\n\r") {
		say("the text of %d, %.100q", long(m.Text), m.Text)
	}
	b, err := json.Marshal(m.Blocks)
	if err != nil || len(m.Blocks) == 0 || len(m.Blocks) > 50 || utf8.RuneCount(b) >= 12000 {
		say("%d blocks of %d characters, %v", len(m.Blocks), utf8.RuneCount(b), err)
	}
	return append(problems, slackBlockProblems(m.Blocks)...)
}

// slackViewProblems says what Slack would not take of a modal.
func slackViewProblems(v slack.ModalViewRequest) []string {
	problems := slackBlockProblems(v.Blocks.BlockSet)
	for name, text := range map[string]*slack.TextBlockObject{"title": v.Title, "submit": v.Submit, "close": v.Close} {
		if text.Type != slack.PlainTextType || text.Validate() != nil || long(text.Text) > 24 {
			problems = append(problems, fmt.Sprintf("the %s %q", name, text.Text))
		}
	}
	if len(v.PrivateMetadata) > 3000 || len(v.CallbackID) > 255 || len(v.Blocks.BlockSet) > 100 {
		problems = append(problems, "too much metadata or too many blocks")
	}
	return problems
}

func slackBlockProblems(blocks []slack.Block) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	object := func(o *slack.TextBlockObject, kind string, limit int) {
		switch {
		case o == nil || o.Type != kind || o.Validate() != nil || long(o.Text) > limit || !utf8.ValidString(o.Text):
			say("a %s of more than %d, or none: %.100v", kind, limit, *o)
		case kind == slack.MarkdownType && !o.Verbatim:
			say("Slack makes links of %q", o.Text)
		case kind == slack.PlainTextType && *o.Emoji:
			say("Slack makes emoji of %q", o.Text)
		}
	}
	for _, block := range blocks {
		switch b := block.(type) {
		case *slack.HeaderBlock:
			object(b.Text, slack.PlainTextType, 150)
		case *slack.SectionBlock:
			object(b.Text, slack.MarkdownType, 3000)
		case *slack.ContextBlock:
			if n := len(b.ContextElements.Elements); n == 0 || n > 10 {
				say("a context of %d", n)
			}
			for _, e := range b.ContextElements.Elements {
				object(e.(*slack.TextBlockObject), slack.MarkdownType, 3000)
			}
		case *slack.ActionBlock:
			if n := len(b.Elements.ElementSet); n == 0 || n > 25 {
				say("%d buttons", n)
			}
			for _, e := range b.Elements.ElementSet {
				button := e.(*slack.ButtonBlockElement)
				object(button.Text, slack.PlainTextType, 75)
				if button.ActionID == "" || len(button.ActionID) > 255 || seen[button.ActionID] || long(button.Value) > 2000 || long(button.URL) > 3000 {
					say("the button %+v", button)
				}
				seen[button.ActionID] = true
			}
		case *slack.InputBlock:
			object(b.Label, slack.PlainTextType, 2000)
			if in := b.Element.(*slack.PlainTextInputBlockElement); long(in.InitialValue) > in.MaxLength || in.MaxLength > 3000 || !utf8.ValidString(in.InitialValue) {
				say("a field of at most %d with %d", in.MaxLength, long(in.InitialValue))
			}
		default:
			say("a block of type %T", block)
		}
	}
	return problems
}

// long counts as JavaScript does, which is never less than what Slack says.
func long(s string) int { return len(utf16.Encode([]rune(s))) }

// Whatever there is to say, Slack takes it, and what is cut off says where it is.
func TestSlackLimits(t *testing.T) {
	t.Parallel()
	for name, long := range map[string]string{
		"letters": strings.Repeat("größer ", 20000), "escaped": strings.Repeat("<&> ", 20000), "markup": strings.Repeat("*a_ `b`", 20000),
		"wide": strings.Repeat("😀 ", 20000), "one word": strings.Repeat("x", 60000), "angles": strings.Repeat("<<<<<<<<<<<<<<<<<<< ", 6000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := newRun()
			gate := waiting(run)
			gate.Policy.Message, gate.Policy.Link, gate.Policy.Required, gate.Name = long, long, 100, long[:2000]
			for i := range 500 {
				gate.Votes = append(gate.Votes, vote(pipeline.Approve, int64(i%50), long[:100], long))
			}
			fullBrief(run, gate, long)
			run.Execution.Stage("Release").Entry = &pipeline.Entry{Trouble: long, Frozen: &pipeline.Frozen{Until: at(3600), Reason: long}}
			gate.Policy.Escalate, gate.EscalatedAt = &pipeline.Escalation{To: []pipeline.Selector{{Team: long[:200]}}}, at(900)
			gate.Brief.CompareURL = "https://github.com/octo-org/shop/compare/" + strings.Repeat("a|", 5000)
			e := run.Execution
			e.Repository.WebURL += "/" + strings.Repeat("x&", 400)
			e.Revision.Message, e.Revision.Branch, e.Revision.Author, e.Trigger.By.Login, e.Pipeline = long, long, long, long, long
			m := renderer().SlackGate(run, gate, slackIDs(500))
			check := func(name string, m report.SlackMessage) {
				for _, problem := range slackProblems(m) {
					t.Errorf("%s: %s", name, problem)
				}
			}
			check("gate", m)
			if text := shown(m.Blocks); !strings.Contains(text, "The rest is on <http://localhost:8080/runs/"+e.ID+"|the page of the run>.") {
				t.Errorf("the cut is not stated: %.2000s", text)
			}
			for _, problem := range slackViewProblems(renderer().SlackVoteModal(run, gate, pipeline.Reject, report.SlackVoteSeen{Reason: long})) {
				t.Errorf("modal: %s", problem)
			}
			check("reminder", renderer().SlackReminder(run, gate, slackIDs(500), true))
			check("refused", renderer().SlackVoteRefused(run, gate, long))
			check("why", renderer().SlackWhy(run, []string{long, long, long, long, long, long}))
			check("lines", renderer().SlackNoGate([]string{long, long, long, long, long, long, long, long, long, long, long, long, long}))
			var runs []report.Run
			for range 100 {
				runs = append(runs, run)
			}
			check("runs", renderer().SlackRuns(runs))
			gate.Status = pipeline.ApprovalRejected
			gate.Votes = []pipeline.Vote{vote(pipeline.Reject, 2, long, long)}
			check("decided", renderer().SlackGate(run, gate, nil))
			check("decision", renderer().SlackDecision(run, gate))
			var tail []pipeline.LogLine
			for range 100 {
				tail = append(tail, pipeline.LogLine{Text: long})
			}
			failed := newRun()
			buildFailed(failed)
			failed.Execution.Stages[0].Actions[1].Summary, failed.Execution.Pipeline = long, long
			check("note", renderer().SlackNote(failed, report.SlackFailed, tail))
		})
	}
}

func slackIDs(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("U%08d", i))
	}
	return ids
}

// shown is all the text of some blocks.
func shown(blocks []slack.Block) string {
	var all []string
	for _, block := range blocks {
		switch b := block.(type) {
		case *slack.SectionBlock:
			all = append(all, b.Text.Text)
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				all = append(all, e.(*slack.TextBlockObject).Text)
			}
		}
	}
	return strings.Join(all, "\n")
}
