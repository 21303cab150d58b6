package machine

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// supersedeWaiting lets each run that waits in front of a stage be replaced by a
// newer one that has arrived there: at most one waits. At the gate of an
// environment the run in front of it counts as waiting too: people approve what
// is newest.
func (t *turn) supersedeWaiting() {
	for i := len(t.state.Executions) - 1; i >= 0; i-- {
		newer := t.state.Executions[i]
		stage := arrivedAt(newer)
		if stage == "" || t.mode(newer) != pipeline.ModeSuperseded {
			continue
		}
		for _, older := range t.state.Executions[:i] {
			if t.mode(older) == pipeline.ModeParallel {
				continue
			}
			if arrivedAt(older) == stage {
				t.supersede(older, newer)
			} else if s := older.Stage(stage); !older.Status.Ended() && older.Stop == nil && s != nil && t.waitsAtGate(older, s) {
				t.supersede(older, newer)
			}
		}
	}
}

// arrivedAt returns the stage that a run stands in front of, or "".
func arrivedAt(e *pipeline.Execution) string {
	if e.Status != pipeline.ExecutionInProgress || e.Stop != nil {
		return ""
	}
	if s := e.Current(); s != nil && s.Status == "" {
		return s.Name
	}
	return ""
}

// waitsAtGate reports whether a run holds a stage but has not been let into its
// environment: it is asked for, frozen or locked. A rollback is never replaced.
func (t *turn) waitsAtGate(e *pipeline.Execution, s *pipeline.StageExecution) bool {
	return s.Status == pipeline.StageInProgress && s.Entry != nil && !s.Entry.Inside && e.Rollback == nil &&
		s.Environment == pipeline.EnvironmentFree && len(s.Actions) == 0
}

func (t *turn) supersede(older, newer *pipeline.Execution) {
	t.requestStop(older, pipeline.StopRequest{
		Abandon: true, As: pipeline.ExecutionSuperseded, Newer: newer.ID,
		Reason: fmt.Sprintf("superseded by %s", newer.Revision.ShortSHA()),
	})
}

// enter lets a run into the stage it stands in front of, if the rules allow it
// now. It reports whether anything changed.
func (t *turn) enter(e *pipeline.Execution, name string) bool {
	parallel := t.mode(e) == pipeline.ModeParallel
	if t.state.ClosedTransition(name) != nil {
		return false
	}
	if newest := t.state.Ledger.Entered[name]; newest > e.Position && !parallel {
		t.requestStop(e, pipeline.StopRequest{
			Abandon: true, As: pipeline.ExecutionSuperseded,
			Reason: fmt.Sprintf("superseded: a newer run has been in stage %s already", name),
		})
		return true
	}
	for _, other := range t.state.Executions {
		if other.ID == e.ID || other.Status.Ended() || parallel || t.mode(other) == pipeline.ModeParallel {
			continue
		}
		s := other.Stage(name)
		switch {
		case s == nil: // its definition lacks the stage: it counts as past it
		case s.Status.Active(): // the stage lock
			return false
		case other.Position < e.Position && other.Stop == nil && !s.Status.Passed(): // the order of the ref
			return false
		}
	}
	t.occupy(e, name)
	if !parallel {
		t.state.Ledger.Entered[name] = e.Position
	}
	return true
}

// occupy makes a run the one in the stage.
func (t *turn) occupy(e *pipeline.Execution, name string) {
	e = t.edit(e)
	s := e.Stage(name)
	s.Status = pipeline.StageInProgress
	s.StartedAt = t.now
	t.event(pipeline.EventStageStarted, e, pipeline.Event{Stage: name})
}

// mode is how a run behaves among the others of its lane.
func (t *turn) mode(e *pipeline.Execution) pipeline.ExecutionMode {
	return t.state.Definition(e).Mode()
}
