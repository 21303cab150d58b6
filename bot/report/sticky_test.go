package report_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// another is a run of another pipeline of the same pull request.
func another(name string, number int64, sha string) report.Run {
	run := newRun()
	run.Pipeline.Name, run.Execution.Pipeline, run.Execution.Number, run.Execution.Revision.SHA = name, name, number, sha
	run.Execution.ID, run.Execution.CreatedAt = "01939f3e-0000-7000-8000-00000000"+name, at(-int(number))
	return run
}

func TestSticky(t *testing.T) {
	t.Parallel()
	one := newRun()
	gate := waiting(one)
	gate.Policy.Required = 2
	docs, lint := another("docs", 7, sha), another("lint", 12, "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00")
	buildFailed(docs)
	built(lint)
	lint.Execution.Status, lint.Execution.Stages[1].Status, lint.Execution.EndedAt = pipeline.ExecutionSucceeded, pipeline.StageSkipped, at(200)
	golden(t, "sticky.golden", renderer().Sticky([]report.Run{docs, lint, one}))

	closed := newRun()
	decided(closed, pipeline.ApprovalCancelled)
	closed.Execution.Status, closed.Execution.Reason = pipeline.ExecutionCancelled, "the pull request was closed"
	golden(t, "sticky_closed.golden", renderer().Sticky([]report.Run{closed}))
	held := newRun()
	held.Paused = "Penstock is paused: moving the disk"
	building(held)
	golden(t, "sticky_paused.golden", report.New(report.Options{URL: "http://localhost:8080", CommandPrefix: "ship"}).Sticky([]report.Run{held, one}))
}

// Whatever stands in the runs, the comment has its one marker, one table, and fits.
func TestHostileSticky(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := hostile()
		run, other := newRun(), newRun()
		gate := waiting(run)
		gate.Name, run.Execution.Pipeline, other.Execution.Pipeline = word.Draw(t, "gate"), word.Draw(t, "pipeline"), word.Draw(t, "other")
		buildFailed(other)
		s := &other.Execution.Stages[0]
		s.Name, s.Actions[1].Name, s.Actions[1].Summary = word.Draw(t, "stage"), word.Draw(t, "action"), word.Draw(t, "summary")
		text := renderer().Sticky([]report.Run{run, other})
		body, found := strings.CutPrefix(text, report.StickyMarker+"\n")
		if !found {
			t.Fatalf("no marker:\n%s", text)
		}
		checkMarkdown(t, "sticky", body)
	})
	run := newRun()
	buildFailed(run)
	run.Execution.Stages[0].Actions[1].Name, run.Execution.Pipeline = strings.Repeat("größer ", 300), strings.Repeat("|", 900)
	runs := make([]report.Run, 500)
	for i := range runs {
		e := *run.Execution
		e.CreatedAt = at(0).Add(time.Duration(i))
		runs[i] = report.Run{Execution: &e, Pipeline: run.Pipeline}
	}
	if text := renderer().Sticky(runs); len(text) > 60000 {
		t.Errorf("%d bytes", len(text))
	}
}
