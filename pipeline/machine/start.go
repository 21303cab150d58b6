package machine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// start adds a run at its place in the order of the ref.
func (t *turn) start(in pipeline.StartExecution) error {
	if in.Definition == nil || len(in.Definition.Stages) == 0 {
		return fmt.Errorf("machine: a run without a definition")
	}
	if t.find(in.Execution.ID) != nil {
		return pipeline.Errorf(pipeline.Conflict, "run %s exists already: %w", in.Execution.ID, pipeline.ErrDuplicate)
	}
	variables, err := in.Definition.ResolveVariables(in.Execution.Variables)
	if err != nil {
		return err
	}
	place, err := t.place(in)
	if err != nil {
		return err
	}
	e := in.Execution.Clone()
	e.Variables = variables
	e.V, e.Attempt, e.Number = 1, 1, 0
	e.Position = place.position
	e.Status = pipeline.ExecutionInProgress
	e.CreatedAt, e.UpdatedAt = t.now, t.now
	e.Stages = make([]pipeline.StageExecution, len(in.Definition.Stages))
	for i, s := range in.Definition.Stages {
		e.Stages[i].Name = s.Name
	}
	t.add(e, in.Definition)
	t.event(pipeline.EventExecutionStarted, e, pipeline.Event{By: e.Trigger.By, Detail: e.Revision.SHA})

	mode := in.Definition.Mode()
	switch closed := t.state.Ledger.ClosedAt; {
	case mode != pipeline.ModeSuperseded && t.unfinished() > pipeline.MaxConcurrent:
		e.FailureType = pipeline.ConfigurationError
		t.end(e, pipeline.ExecutionFailed, fmt.Sprintf("%d runs of %s are unfinished, and more than %d are not started in mode %s",
			t.unfinished()-1, t.state.Key.Lane, pipeline.MaxConcurrent, mode))
	case place.late && mode == pipeline.ModeSuperseded:
		t.end(e, pipeline.ExecutionSuperseded, fmt.Sprintf("superseded from birth: %s is newer and was here first",
			pipeline.ShortSHA(place.newer.After)))
	case !closed.IsZero() && in.Change != nil && in.Change.At.Before(closed):
		t.end(e, pipeline.ExecutionCancelled, "the pull request is closed")
	default:
		if !in.KeepClosed {
			t.reopen()
		}
		if in.Definition.CancelsInProgress(t.state.Key.Lane) {
			t.cancelOlder(e)
		}
	}
	return nil
}

// unfinished counts the runs of the lane that go on.
func (t *turn) unfinished() int {
	n := 0
	for _, e := range t.state.Executions {
		if !e.Status.Ended() {
			n++
		}
	}
	return n
}

// add puts a run among the others, oldest first.
func (t *turn) add(e *pipeline.Execution, definition *pipeline.Pipeline) {
	at, _ := slices.BinarySearchFunc(t.state.Executions, e.Position, func(have *pipeline.Execution, p int64) int {
		return cmp.Compare(have.Position, p)
	})
	t.state.Executions = slices.Insert(t.state.Executions, at, e)
	t.changed[e.ID] = true
	definitions := map[string]*pipeline.Pipeline{e.Definition: definition}
	for digest, d := range t.state.Definitions {
		definitions[digest] = d
	}
	t.state.Definitions = definitions
}

// place is where a change stands among those the lane remembers.
type place struct {
	position int64
	late     bool            // a newer one was accepted before
	newer    pipeline.Change // that one
}

// positionGap leaves room between two runs for about twenty that arrive late.
const positionGap = 1 << 20

// place orders a change of the ref: by the forge's time, and within the same
// second by the chain of before and after. Where these do not decide, the ref's
// head does; and where that was not read, the answer is ErrOrderUnknown.
func (t *turn) place(in pipeline.StartExecution) (place, error) {
	ledger := &t.state.Ledger
	if in.Change == nil || len(ledger.Changes) == 0 {
		return t.newest(in.Change), nil
	}
	change, newest := *in.Change, ledger.Changes[0]
	switch {
	case change.At.After(newest.At):
		return t.newest(&change), nil
	case change.At.Before(newest.At):
		return t.late(change), nil
	}
	follows := change.Before == newest.After && known(change.Before)
	precedes := slices.ContainsFunc(ledger.Changes, func(have pipeline.Change) bool {
		return have.At.Equal(change.At) && have.Before == change.After && known(have.Before)
	})
	switch {
	case follows && !precedes:
		return t.newest(&change), nil
	case precedes && !follows:
		return t.late(change), nil
	case in.Head == "":
		return place{}, pipeline.Errorf(pipeline.Conflict, "two changes of %s in the same second, %s and %s: %w",
			t.state.Key.Lane, pipeline.ShortSHA(change.After), pipeline.ShortSHA(newest.After), pipeline.ErrOrderUnknown)
	case in.Head == newest.After && in.Head != change.After:
		return t.late(change), nil
	}
	return t.newest(&change), nil
}

// known reports whether a commit id names a commit: a branch that was just
// created or deleted has zeros.
func known(sha string) bool { return strings.Trim(sha, "0") != "" }

func (t *turn) newest(change *pipeline.Change) place {
	ledger := &t.state.Ledger
	ledger.LastPosition += positionGap
	if change != nil {
		c := *change
		c.Position = ledger.LastPosition
		ledger.Changes = slices.Insert(ledger.Changes, 0, c)
		ledger.Changes = ledger.Changes[:min(len(ledger.Changes), pipeline.MaxChanges)]
	}
	return place{position: ledger.LastPosition}
}

// late remembers a change directly behind the oldest one known to be newer, so that
// even later arrivals find their place. Runs that somebody asked for in between are
// older than it.
func (t *turn) late(change pipeline.Change) place {
	changes := t.state.Ledger.Changes
	at := 1
	for at < len(changes) && (changes[at].At.After(change.At) ||
		changes[at].At.Equal(change.At) && changes[at].Before == change.After) {
		at++
	}
	newer, older := changes[at-1], int64(0)
	if at < len(changes) {
		older = changes[at].Position
	} else if at == pipeline.MaxChanges { // what came before is forgotten
		older = newer.Position - 2
	}
	older = max(older, (newer.Position-1)/positionGap*positionGap)
	change.Position = older + (newer.Position-older)/2
	t.state.Ledger.Changes = slices.Insert(changes, at, change)
	t.state.Ledger.Changes = t.state.Ledger.Changes[:min(len(t.state.Ledger.Changes), pipeline.MaxChanges)]
	return place{position: change.Position, late: true, newer: changes[0]}
}
