package machine

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// tellWaits notes for each run why it stands in front of its stage, for people to
// see.
func (t *turn) tellWaits() {
	for i := range t.state.Executions {
		e := t.state.Executions[i]
		if why := t.waitsFor(e); why != e.Waits {
			t.edit(e).Waits = why
		}
	}
}

// waitsFor says what keeps a run from entering the stage in front of it; empty if
// it is not in front of one.
func (t *turn) waitsFor(e *pipeline.Execution) string {
	name := arrivedAt(e)
	if name == "" {
		return ""
	}
	if door := t.state.ClosedTransition(name); door != nil {
		by := ""
		if door.By.Login != "" {
			by = " by " + door.By.Login
		}
		return fmt.Sprintf("the transition into %s was disabled%s: %s", name, by, door.Reason)
	}
	if t.mode(e) == pipeline.ModeParallel {
		return ""
	}
	for _, other := range t.state.Executions {
		s := other.Stage(name)
		switch {
		case other.ID == e.ID || other.Status.Ended() || s == nil || t.mode(other) == pipeline.ModeParallel:
		case s.Status.Active():
			return fmt.Sprintf("%s is in %s", called(other), name)
		case other.Rollback == nil && other.Position < e.Position && other.Stop == nil && !s.Status.Passed():
			return fmt.Sprintf("%s is older and goes first", called(other))
		}
	}
	return ""
}

// called names a run: by its number, once it has one.
func called(e *pipeline.Execution) string {
	if e.Number > 0 {
		return fmt.Sprintf("run #%d", e.Number)
	}
	return "the run of " + e.Revision.ShortSHA()
}
