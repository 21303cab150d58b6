package bot

import (
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Runs of different lanes may share a commit. The newer one owns what it shows; one
// that was passed over before it began has nothing to show, however new it is.
func TestWhoOwnsWhatACommitShows(t *testing.T) {
	t.Parallel()
	began := []pipeline.StageExecution{{Name: "Build", Status: pipeline.StageSucceeded}}
	run := func(number int64, status pipeline.ExecutionStatus, stages ...pipeline.StageExecution) *pipeline.Execution {
		return &pipeline.Execution{ID: string(status), Number: number, Status: status, Stages: stages, Lane: pipeline.BranchLane(string(status))}
	}
	old, passed := run(3, pipeline.ExecutionSucceeded, began...), run(9, pipeline.ExecutionSuperseded)
	for _, test := range []struct {
		name       string
		shown, run *pipeline.Execution
		stays      bool
	}{
		{"a newer run takes over", old, run(9, pipeline.ExecutionFailed, began...), false},
		{"an older run does not", run(9, pipeline.ExecutionFailed, began...), old, true},
		{"a newer one that was passed over does not", old, passed, true},
		{"an older run takes over from one that was passed over", passed, old, false},
		{"a newer one that was superseded after it began takes over", old, run(9, pipeline.ExecutionSuperseded, began...), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			row := pipeline.Report{Execution: test.shown.ID, Lane: test.shown.Lane, Number: rank(test.shown)}
			if got := ownedByNewer(row, test.run); got != test.stays {
				t.Errorf("what is shown stays: %t, want %t", got, test.stays)
			}
		})
	}
}

// Two runs of one commit are shown one after the other: at once, each would miss
// what the other is just making.
func TestOneHandForACommit(t *testing.T) {
	t.Parallel()
	r := New(Options{Now: time.Now}).NewReporter()
	for _, e := range []*entry{{id: "a", sha: "1", listed: true}, {id: "b", sha: "1", listed: true}, {id: "c", sha: "2", listed: true}} {
		e.rev = 1
		r.entries[e.id] = e
	}
	due, _ := r.due()
	seen := map[string]bool{}
	for _, e := range due {
		if seen[e.sha] {
			t.Errorf("two hands for commit %s", e.sha)
		}
		seen[e.sha] = true
		e.busy = true
	}
	if len(due) != 2 {
		t.Errorf("%d are due, want one of each commit", len(due))
	}
	if again, _ := r.due(); len(again) != 0 {
		t.Errorf("%d more are due while their commit is being shown", len(again))
	}
}
