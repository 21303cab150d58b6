package report_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// TestSlackForeignWords puts hostile strings wherever somebody else's words go.
func TestSlackForeignWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.OneOf(slackScrap(), hostile())
		word := func(name string) string { return words.Draw(t, name) }
		r := report.New(report.Options{URL: "http://localhost:8080/"})
		run := newRun()
		buildFailed(run)
		foreignRun(run, word)
		tail := []pipeline.LogLine{{Text: word("log")}, {Text: word("log"), Stream: pipeline.System}}

		gateRun := newRun()
		gate := decided(gateRun, rapid.SampledFrom([]pipeline.ApprovalStatus{
			pipeline.ApprovalPending, pipeline.ApprovalApproved, pipeline.ApprovalRejected, pipeline.ApprovalExpired, pipeline.ApprovalCancelled,
		}).Draw(t, "status"))
		foreignRun(gateRun, word)
		gate.Name, gate.Policy.Message, gate.Policy.Link = word("gate"), word("ask"), word("link")
		gate.Votes = append(gate.Votes, vote(pipeline.Reject, 3, word("voter"), word("reason")))
		foreignBriefOf(t, words, gateRun, gate)
		gate.Brief.CompareURL = "https://github.com/octo-org/shop/compare/" + word("compare") // the forge's
		gateRun.Execution.Reason = word("why")

		ids := []string{"U024BE7LH", word("mention"), "<!here>", "u1"}
		checkSlack(t, "gate", r.SlackGate(gateRun, gate, ids), "U024BE7LH")
		checkSlack(t, "decision", r.SlackDecision(gateRun, gate))
		checkSlack(t, "reminder", r.SlackReminder(gateRun, gate, ids, true), "U024BE7LH")
		view := r.SlackVoteModal(gateRun, gate, rapid.SampledFrom([]pipeline.Verdict{pipeline.Approve, pipeline.Reject}).Draw(t, "verdict"), report.SlackVoteSeen{})
		for _, problem := range slackViewProblems(view) {
			t.Fatalf("modal: %s", problem)
		}
		checkPlainText(t, "modal", view.Title.Text)
		checkSlackBlocks(t, "modal", view.Blocks.BlockSet)
		for _, occasion := range []report.SlackOccasion{report.SlackStarted, report.SlackFailed, report.SlackStopped} {
			checkSlack(t, "note", r.SlackNote(run, occasion, tail))
		}
		account := &pipeline.SlackAccount{Name: word("name"), Actor: pipeline.Actor{Login: word("login")}, Muted: true}
		for name, m := range map[string]report.SlackMessage{
			"taken":     r.SlackVoteTaken(gateRun, gate, pipeline.Approve),
			"refused":   r.SlackVoteRefused(gateRun, gate, word("refusal")),
			"decided":   r.SlackGateDecided(gateRun, gate),
			"who":       r.SlackRefused(word("who")),
			"no gate":   r.SlackNoGate([]string{word("copy"), word("copy two")}),
			"not open":  r.SlackNotOpen(word("named"), []string{word("copy")}),
			"commit":    r.SlackWrongCommit(word("commit"), []string{word("copy")}),
			"unknown":   r.SlackUnknownCommand(word("word"), "approve"),
			"malformed": r.SlackMalformed(word("usage")),
			"help":      r.SlackHelp(account),
			"runs":      r.SlackRuns([]report.Run{run, gateRun}),
			"why":       r.SlackWhy(run, []string{word("sentence"), word("sentence two")}),
			"linked":    r.SlackLinked(*account),
			"unlinked":  r.SlackUnlinked(word("unlinked")),
			"offer":     r.SlackLinkOffer("http://localhost:8080/slack/link/"+word("token"), at(600)),
		} {
			checkSlack(t, name, m)
		}
	})
}

// foreignRun fills in what others write of a run.
func foreignRun(run report.Run, word func(string) string) {
	e := run.Execution
	e.Revision.Branch, e.Revision.Message, e.Revision.Author = word("branch"), word("message"), word("author")
	e.Revision.WebURL, e.Trigger.By.Login, e.Pipeline = "https://github.com/octo-org/shop/"+word("url"), word("starter"), word("pipeline")
	s := &e.Stages[0]
	for i := range s.Actions {
		s.Actions[i].Name, s.Actions[i].Summary = word("action"), word("summary")
	}
}

// A word of theirs and a colon of ours make no emoji.
func TestSlackColonAfterWords(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	gate.Policy.AllOf = []pipeline.Requirement{{Required: 1, From: []pipeline.Selector{{Team: ":tada"}}}}
	gate.Votes = []pipeline.Vote{teamVote(pipeline.Approve, 21, "hubot", ":tada")}
	text := shown(renderer().SlackGate(run, gate, nil).Blocks)
	if !strings.Contains(text, "tada: `hubot`") || strings.Contains(text, ":tada:") {
		t.Error(text)
	}
}
