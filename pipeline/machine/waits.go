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
		return t.waitsForEntry(e)
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

// waitsForEntry says what keeps a run from being let into its environment, unless
// that is its gate.
func (t *turn) waitsForEntry(e *pipeline.Execution) string {
	s := e.Current()
	if s == nil || s.Status != pipeline.StageInProgress || s.Entry == nil || s.Entry.Inside || e.Stop != nil {
		return ""
	}
	environment := t.state.Definition(e).Stage(s.Name).Environment
	locked := t.state.Lockout(environment)
	switch {
	case s.Entry.Reads() && s.Entry.Trouble != "":
		return fmt.Sprintf("the rules of %s cannot be read: %s", environment, s.Entry.Trouble)
	case s.Entry.Frozen != nil && s.Entry.Overridden == nil && e.Rollback == nil:
		return fmt.Sprintf("%s is frozen until %s%s", environment, s.Entry.Frozen.Until.UTC().Format("2006-01-02 15:04 UTC"), detailOf(s.Entry.Frozen.Reason))
	case locked != nil:
		return fmt.Sprintf("%s was locked by %s%s", environment, locked.By.Login, detailOf(locked.Reason))
	}
	return ""
}
