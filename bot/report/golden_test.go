package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

var update = flag.Bool("update", false, "rewrite testdata")

// golden compares a text with testdata/<name>, and holds it to what every text
// of ours keeps.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if command.HasLiveCommand(got) {
		t.Errorf("%s has a line that would be heard as a command:\n%s", name, got)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-update rewrites it):\n%s", name, diff)
	}
}

// show writes a check down for people to read.
func show(c report.CheckContent) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s %s: %s\n%s\n%s\n", c.Name, c.Status, c.Conclusion, c.Title, c.DetailsURL, c.ExternalID)
	fmt.Fprintf(&b, "from %s to %s\n", c.StartedAt.Format("15:04:05"), c.CompletedAt.Format("15:04:05"))
	for _, a := range c.Actions {
		fmt.Fprintf(&b, "[%s] %s (%s)\n", a.Label, a.Description, a.Identifier)
	}
	for _, a := range c.Annotations {
		fmt.Fprintf(&b, "%s:%d-%d:%d-%d %s %s: %q\n", a.Path, a.StartLine, a.EndLine, a.StartColumn, a.EndColumn, a.Level, a.Title, a.Message)
	}
	fmt.Fprintf(&b, "\n== summary\n%s", c.Summary)
	if c.Text != "" {
		fmt.Fprintf(&b, "\n== text\n%s", c.Text)
	}
	return b.String()
}

// checkLimits holds a check to what the forge takes.
func checkLimits(t *testing.T, c report.CheckContent) {
	t.Helper()
	for name, is := range map[string]bool{
		"title":      utf8.RuneCountInString(c.Title) <= 255 && c.Title != "" && !strings.Contains(c.Title, "\n"),
		"summary":    len(c.Summary) <= 65535 && c.Summary != "" && utf8.ValidString(c.Summary),
		"text":       len(c.Text) <= 65535 && utf8.ValidString(c.Text),
		"conclusion": (c.Conclusion != "") == (c.Status == report.CheckCompleted),
		"buttons":    len(c.Actions) <= 3,
	} {
		if !is {
			t.Errorf("%s of %q is not what the forge takes", name, c.Name)
		}
	}
	for _, a := range c.Actions {
		if len(a.Label) > 20 || len(a.Description) > 40 || len(a.Identifier) > 20 {
			t.Errorf("button %+v is too long", a)
		}
	}
	for _, text := range []string{c.Summary, c.Text, c.Title} {
		if command.HasLiveCommand(text) {
			t.Errorf("heard as a command:\n%s", text)
		}
	}
}

func TestStageCheck(t *testing.T) {
	t.Parallel()
	log := []pipeline.LogLine{
		{At: at(2), Stream: pipeline.System, Text: "go test ./..."},
		{At: at(90), Stream: pipeline.Stdout, Text: "--- FAIL: TestCart (0.00s)"},
		{At: at(91), Stream: pipeline.Stderr, Text: "\x1b[31mexit status 1\x1b[0m"},
		{At: at(91), Stream: pipeline.Stdout, Text: "```"},
		{At: at(91), Stream: pipeline.Stdout, Text: "/approve"},
	}
	tests := []struct {
		name, stage string
		set         func(report.Run)
	}{
		{"queued", "Build", func(report.Run) {}},
		{"running", "Build", func(run report.Run) { building(run).Actions[1].Percent = 40 }},
		{"failed", "Build", buildFailed},
		{"timed_out", "Build", func(run report.Run) {
			buildFailed(run)
			s := run.Execution.Stage("Build")
			s.FailureType, s.Actions[1].FailureType, s.Actions[1].Summary = pipeline.TimedOut, pipeline.TimedOut, "longer than 55m"
		}},
		{"succeeded", "Build", built},
		{"waiting", "Release", func(run report.Run) { waiting(run) }},
		{"approved", "Release", func(run report.Run) { decided(run, pipeline.ApprovalApproved) }},
		{"rejected", "Release", func(run report.Run) { decided(run, pipeline.ApprovalRejected) }},
		{"expired", "Release", func(run report.Run) { decided(run, pipeline.ApprovalExpired) }},
		{"superseded", "Release", func(run report.Run) { decided(run, pipeline.ApprovalCancelled) }},
		{"not_reached", "Release", buildFailed},
		{"stopping", "Build", func(run report.Run) {
			building(run).Status = pipeline.StageStopping
			run.Execution.Status = pipeline.ExecutionStopping
			run.Execution.Stop = &pipeline.StopRequest{As: pipeline.ExecutionStopped, Reason: "stopped by hubot-owner"}
		}},
		{"skipped", "Release", func(run report.Run) {
			s := run.Execution.Stage("Release")
			s.Status, s.Reason = pipeline.StageSkipped, "only main may enter"
		}},
		{"unreadable", "Release", func(run report.Run) { entering(run).Trouble = "GitHub answers 502" }},
		{"frozen", "Release", func(run report.Run) { entering(run).Frozen = &pipeline.Frozen{Until: at(3600), Reason: "no Fridays"} }},
		{"locked", "Release", func(run report.Run) {
			entering(run)
			run.Execution.Waits = "production is locked by octocat: moving the database"
		}},
		{"not_admitted", "Release", func(run report.Run) {
			s := run.Execution.Stage("Release")
			s.Status, s.Reason = pipeline.StageSkipped, "environment production takes the branch main only, and this is topic"
		}},
		{"environment_gate", "Release", func(run report.Run) {
			gate := waiting(run)
			gate.Name, gate.Action = "production", ""
			s := run.Execution.Stage("Release")
			s.Gate, s.Actions = gate, nil
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := newRun()
			test.set(run)
			c := renderer().StageCheck(run, test.stage, log)
			checkLimits(t, c)
			golden(t, "stage_"+test.name+".golden", show(c))
		})
	}
}

func TestFileAndForkCheck(t *testing.T) {
	t.Parallel()
	problems := []report.Problem{
		{File: ".penstock.yml", Line: 3, Column: 5, Message: `unknown key "stagess"`, Hint: "write stages"},
		{File: ".penstock.yml", Line: 0, Message: "the file has no stages"},
		{File: ".penstock.yml", Line: 9, Column: 1, Message: "a|b `c` <!-- d", Warning: true},
	}
	for name, c := range map[string]report.CheckContent{
		"file_mistakes":    renderer().FileCheck(".penstock.yml", problems),
		"file_warning":     renderer().FileCheck(".penstock.yml", problems[2:]),
		"file_valid":       renderer().FileCheck(".penstock.yml", nil),
		"fork":             renderer().ForkCheck("c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", false),
		"fork_unsandboxed": renderer().ForkCheck("c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", true),
		"fork_allowed":     renderer().ForkAllowed("c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", "hubot`<b>"),
	} {
		checkLimits(t, c)
		golden(t, name+".golden", show(c))
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := decided(run, pipeline.ApprovalApproved)
	explained := func(run report.Run, reason string) []report.Explained {
		return []report.Explained{{Execution: run.Execution, Lines: []explain.Line{
			{Text: "The transition into stage Release is disabled: " + reason, Move: "Anyone with write access opens it: /enable Release in a pull request."}, {Text: "Build/compile is about to start"},
		}}}
	}
	a := report.Asked{Line: "/approve Release/approve", Login: "octocat"}
	lines := []string{"/approve Release/approve 4f2c9d1", "/approve production 4f2c9d1"}
	help := []report.HelpLine{{Line: "/approve Release/approve 4f2c9d1", Does: "Approve an open gate of a run"}, {Line: "/stop", Does: "Stop a run"}}
	ended := newRun()
	ended.Execution.Status, ended.Execution.EndedAt = pipeline.ExecutionSucceeded, ended.Execution.CreatedAt.Add(200*time.Second)
	standing := append(explained(run, "octocat: @everybody, see #7."), report.Explained{Execution: ended.Execution})
	r := renderer()
	for name, got := range map[string]string{
		"no_permission":   r.NoPermission(a, ""),
		"vote_refused":    r.VoteRefused(a, "octocat is a bot; people decide"),
		"lookup_failed":   r.LookupFailed(a),
		"no_open_gate":    r.NoOpenGate(a),
		"ambiguous":       r.Ambiguous(a, lines),
		"not_open":        r.NotOpen(a, "staging", lines),
		"wrong_commit":    r.WrongCommit(a, "1234567", lines[:1]),
		"stale_vote":      r.StaleVote(a, lines[:1]),
		"stale_head":      r.StaleVote(a, nil),
		"gate_decided":    r.GateDecided(a, run, gate),
		"needs_reason":    r.NeedsReason(report.Asked{Line: "/reject"}, []string{"/reject production 4f2c9d1 <reason>"}),
		"unknown_command": r.UnknownCommand(report.Asked{Line: "/aprove"}, "aprove", "/approve"),
		"unknown_at_all":  r.UnknownCommand(report.Asked{Line: "/penstock dance"}, "dance", ""),
		"not_supported":   r.NotSupported(report.Asked{Line: "/rollback Release"}),
		"malformed":       r.Malformed(report.Asked{Line: "/stop now"}, "/stop [abandon]"),
		"retried":         r.Retried(a, run, "Build"),
		"stopping":        r.Stopping(a, run, false),
		"stopping_now":    r.Stopping(a, run, true),
		"refused":         r.Refused(report.Asked{Line: "/retry"}, "run #142 is stopping already"),
		"no_run":          r.NoRun(report.Asked{Line: "/retry"}),
		"why":             r.Why(report.Asked{Line: "/why"}, explained(run, "octocat: @everybody, see #7")),
		"help":            r.Help("octocat", help, ""),
		"help_reader":     r.Help("monalisa", help[:1], "Everything else takes write access to octo-org/shop"),
		"standing":        r.Standing(report.Asked{Line: "/status"}, standing),
		"not_named":       r.NotNamed(report.Asked{Line: "/override it burns"}, []string{"/override production 4f2c9d1 <reason>"}),
		"not_voted":       r.NotVoted(report.Asked{Line: "/unapprove staging", Login: "octocat"}, "staging", []string{"/unapprove production 4f2c9d1"}),
	} {
		golden(t, "reply_"+name+".golden", got)
	}
}
