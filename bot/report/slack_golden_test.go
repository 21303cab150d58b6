package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// slackGolden compares what Slack is sent with testdata/slack_<name>, and holds it to
// what Slack takes.
func slackGolden(t *testing.T, name string, m report.SlackMessage) {
	t.Helper()
	for _, problem := range slackProblems(m) {
		t.Errorf("%s: %s", name, problem)
	}
	golden(t, "slack_"+name+".golden", m.Text+"\n\n"+indented(t, m.Blocks))
}

func indented(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	// What slack-go encodes by itself is escaped: undone, to be read by people.
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(b.String())
}

func TestSlackGate(t *testing.T) {
	t.Parallel()
	for _, test := range gateScenes() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := newRun()
			gate := test.set(run)
			slackGolden(t, "gate_"+test.name, renderer().SlackGate(run, gate, nil))
			slackGolden(t, "decision_"+test.name, renderer().SlackDecision(run, gate))
		})
	}
}

// What is shown is compared by its hash: it is the same until the gate is another.
func TestSlackMessagesAreComparable(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	hash := func() string { return report.Hash(renderer().SlackGate(run, gate, nil)) }
	first := hash()
	if hash() != first {
		t.Error("the same gate is two messages")
	}
	gate.Votes = []pipeline.Vote{teamVote(pipeline.Approve, 21, "hubot", "sre")}
	if hash() == first {
		t.Error("a vote changes nothing")
	}
}

// A gate that took several votes names them all, each with its door.
func TestSlackQuorum(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	first, second := teamVote(pipeline.Approve, 21, "hubot", "sre"), vote(pipeline.Approve, 7, "monalisa", "fine")
	first.Door, second.Door, second.At = pipeline.DoorSlack, pipeline.DoorComment, at(800)
	gate.Votes, gate.Status, gate.DecidedAt = []pipeline.Vote{first, second}, pipeline.ApprovalApproved, at(800)
	slackGolden(t, "quorum", renderer().SlackGate(run, gate, nil))
}

func TestSlackThread(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	gate.Votes = []pipeline.Vote{teamVote(pipeline.Approve, 21, "hubot", "sre")}
	slackGolden(t, "mention", renderer().SlackGate(run, gate, []string{"U024BE7LH", "W012A3CDE", "octocat"}))
	slackGolden(t, "reminder", renderer().SlackReminder(run, gate, []string{"U024BE7LH", "here"}, false))
	slackGolden(t, "reminder_nobody", renderer().SlackReminder(run, gate, nil, false))
	gate.Policy.Escalate = &pipeline.Escalation{To: []pipeline.Selector{{Team: "leads"}}}
	gate.EscalatedAt = gate.OpenedAt.Add(24 * time.Hour)
	slackGolden(t, "escalated", renderer().SlackReminder(run, gate, []string{"U024BE7LH"}, true))
}

func TestSlackNote(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		occasion report.SlackOccasion
		set      func(report.Run)
	}{
		{"started", report.SlackStarted, func(report.Run) {}},
		{"succeeded", report.SlackSucceeded, func(run report.Run) {
			built(run)
			run.Execution.Status, run.Execution.EndedAt = pipeline.ExecutionSucceeded, at(200)
		}},
		{"failed", report.SlackFailed, buildFailed},
		{"rejected", report.SlackRejected, func(run report.Run) { decided(run, pipeline.ApprovalRejected) }},
		{"expired", report.SlackExpired, func(run report.Run) { decided(run, pipeline.ApprovalExpired) }},
		{"superseded", report.SlackSuperseded, func(run report.Run) { decided(run, pipeline.ApprovalCancelled) }},
		{"stopped", report.SlackStopped, func(run report.Run) {
			building(run)
			run.Execution.Status, run.Execution.Stop = pipeline.ExecutionStopped, &pipeline.StopRequest{By: pipeline.Actor{Login: "hubot-owner"}}
		}},
		{"retried", report.SlackFailed, func(run report.Run) { building(run) }},
		{"rollback", report.SlackStarted, func(run report.Run) { run.Execution.Rollback = &pipeline.Rollback{TargetNumber: 41} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := newRun()
			test.set(run)
			slackGolden(t, "note_"+test.name, renderer().SlackNote(run, test.occasion, slackTail()))
		})
	}
}

func slackTail() []pipeline.LogLine {
	var tail []pipeline.LogLine
	for range 20 {
		tail = append(tail, pipeline.LogLine{At: at(80), Text: "=== RUN   TestCart"})
	}
	return append(tail,
		pipeline.LogLine{At: at(90), Stream: pipeline.Stdout, Text: "--- FAIL: TestCart (0.00s)"},
		pipeline.LogLine{At: at(91), Stream: pipeline.Stderr, Text: "\x1b[31mexit status 1\x1b[0m <!channel>"},
		pipeline.LogLine{At: at(91), Stream: pipeline.Stdout, Text: "```"},
	)
}

func TestSlackVoteModal(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	gate.ID, gate.Brief.Flagged = "01939f3e-0000-7000-8000-000000000002", []string{"db/007_carts.sql"}
	seen := report.SlackVoteSeen{Channel: "C024BE91L", Message: 1726000000000100}
	for name, verdict := range map[string]pipeline.Verdict{"approve": pipeline.Approve, "reject": pipeline.Reject} {
		view := renderer().SlackVoteModal(run, gate, verdict, seen)
		for _, problem := range slackViewProblems(view) {
			t.Errorf("%s: %s", name, problem)
		}
		golden(t, "slack_modal_"+name+".golden", indented(t, view))
		got, err := report.ParseSlackVoteMetadata(view.PrivateMetadata)
		want := report.SlackVoteMetadata{Verdict: verdict, Run: run.Execution.ID, Gate: gate.ID, SHA: sha, Channel: "C024BE91L", Message: 1726000000000100}
		if err != nil || got != want {
			t.Errorf("%s comes back as %+v, %v", view.PrivateMetadata, got, err)
		}
	}
}

func TestSlackWhispers(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	two := newRun()
	done := decided(two, pipeline.ApprovalApproved)
	account := pipeline.SlackAccount{Actor: pipeline.Actor{ID: 7, Login: "monalisa"}}
	muted := account
	muted.Muted = true
	lines := []string{"/penstock approve octo-org/shop production 4f2c9d1", "/penstock approve octo-org/docs production 1234567"}
	r := renderer()
	for name, m := range map[string]report.SlackMessage{
		"not_linked":      r.SlackNotLinked("/penstock"),
		"link_offer":      r.SlackLinkOffer("https://penstock.example.com/slack/link/t0ken?a=1&b=<x>", at(600)),
		"vote_taken":      r.SlackVoteTaken(run, gate, pipeline.Approve),
		"vote_refused":    r.SlackVoteRefused(run, gate, "octocat is the author of the pull request"),
		"gate_decided":    r.SlackGateDecided(two, done),
		"refused":         r.SlackRefused("guests cannot vote; members of the workspace whose account is linked can."),
		"too_late":        r.SlackTooLate(),
		"no_gate":         r.SlackNoGate(nil),
		"several":         r.SlackNoGate(lines),
		"not_open":        r.SlackNotOpen("staging", lines),
		"wrong_commit":    r.SlackWrongCommit("7654321", []string{"/penstock reject octo-org/shop production 4f2c9d1 <reason>"}),
		"unknown":         r.SlackUnknownCommand("aprove", "approve"),
		"unknown_at_all":  r.SlackUnknownCommand("dance`<!here>", ""),
		"malformed":       r.SlackMalformed("/penstock status [repository]"),
		"help":            r.SlackHelp(&muted),
		"help_not_linked": r.SlackHelp(nil),
		"runs":            r.SlackRuns([]report.Run{run, two}),
		"no_runs":         r.SlackNoRuns("", true),
		"no_runs_unknown": r.SlackNoRuns("shop #7 `<!here>", false),
		"nothing_to_mute": r.SlackNothingToMute("/penstock"),
		"why":             r.SlackWhy(run, []string{"production waits for approval of commit 4f2c9d1", "Whoever is asked: /approve production"}),
		"linked":          r.SlackLinked(account),
		"unlinked":        r.SlackUnlinked("monalisa"),
		"was_not_linked":  r.SlackUnlinked(""),
		"muted":           r.SlackMuted(true),
		"unmuted":         r.SlackMuted(false),
	} {
		slackGolden(t, "whisper_"+name, m)
	}
}
