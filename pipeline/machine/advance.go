package machine

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// settle moves runs until none can move.
func (t *turn) settle() {
	for moved := true; moved; {
		t.supersedeWaiting()
		moved = false
		for i := range t.state.Executions {
			if e := t.state.Executions[i]; !e.Status.Ended() && t.advance(e) {
				moved = true
			}
		}
	}
}

// advance moves one run one step, if it can.
func (t *turn) advance(e *pipeline.Execution) bool {
	s := e.Current()
	switch {
	case e.Stop != nil:
		return t.finishStop(e)
	case s == nil:
		t.end(t.edit(e), pipeline.ExecutionSucceeded, "")
		return true
	case s.Status == "":
		return t.enter(e, s.Name)
	case s.Status == pipeline.StageInProgress:
		return t.advanceStage(e, s)
	}
	return false
}

// step is how far one of the things is that a stage goes through.
type step int

const (
	passes step = iota // it is done, or there is none
	waits              // somebody else has to move first
	moved              // it has changed the run
)

// advanceStage takes a stage one step further: through what lets it begin, its
// groups of actions, and what follows their end.
func (t *turn) advanceStage(e *pipeline.Execution, s *pipeline.StageExecution) bool {
	if s.RollingBack {
		return false
	}
	definition := t.state.Definition(e).Stage(s.Name)
	for _, entry := range []func(*pipeline.Execution, *pipeline.StageExecution, *pipeline.Stage) step{
		t.when, t.rules, t.gate, t.fresh, t.lockEnvironment, t.inside, t.beforeEntry,
	} {
		if how := entry(e, s, definition); how != passes {
			return how == moved
		}
	}
	group, failed, running := t.nextGroup(definition, s)
	switch {
	case failed != nil && running:
		return false // siblings go on to their end, nothing new starts
	case failed != nil:
		return t.actionsFailed(e, s, definition, failed) == moved
	case len(group) > 0:
		for _, action := range group {
			t.startAction(e, s.Name, action)
		}
		return true
	case running:
		return false
	}
	if how := t.onSuccess(e, s, definition); how != passes {
		return how == moved
	}
	t.leaveStage(t.edit(e), s.Name, pipeline.StageSucceeded, "", "")
	return true
}

// gate waits at the gate of the stage's environment.
func (t *turn) gate(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	switch {
	case isInside(s, definition) || !s.Entry.Gated:
		return passes
	case s.Gate.Status == pipeline.ApprovalPending:
		return waits
	case s.Gate.Status != pipeline.ApprovalApproved:
		return t.failStage(e, s.Name, gateFailure(s.Gate), gateSentence(s.Gate))
	}
	return passes
}

// leaveStage gives a stage its last word. e is this turn's own copy.
func (t *turn) leaveStage(e *pipeline.Execution, stage string, status pipeline.StageStatus, failure pipeline.FailureType, reason string) {
	s := e.Stage(stage)
	s.Status, s.FailureType, s.Reason, s.EndedAt = status, failure, reason, t.now
	s.RollingBack = false
	if status == pipeline.StageSucceeded && e.Rollback == nil {
		t.state.Ledger.Succeeded[stage] = e.ID
	}
	kind := map[pipeline.StageStatus]pipeline.EventKind{
		pipeline.StageSucceeded: pipeline.EventStageSucceeded,
		pipeline.StageSkipped:   pipeline.EventStageSkipped,
		pipeline.StageFailed:    pipeline.EventStageFailed,
		pipeline.StageStopped:   pipeline.EventStageStopped,
	}[status]
	t.event(kind, e, pipeline.Event{Stage: stage, Detail: reason})
	t.releaseEnvironment(e, s)
}

// nextGroup returns the actions of the lowest run order that is not done yet and
// that have not been started, the first action that failed, and whether any is
// in progress.
func (t *turn) nextGroup(definition *pipeline.Stage, s *pipeline.StageExecution) (group []*pipeline.Action, failed *pipeline.ActionExecution, running bool) {
	lowest := 0
	for i := range definition.Actions {
		action := &definition.Actions[i]
		switch latest := s.Latest(action.Name); {
		case latest == nil || latest.Retried:
		case latest.Status.Passed():
			continue
		case latest.Status == pipeline.ActionInProgress:
			running = true
		case failed == nil:
			failed = latest
		}
		if lowest == 0 || action.RunOrder < lowest {
			lowest = action.RunOrder
		}
	}
	for i := range definition.Actions {
		action := &definition.Actions[i]
		if latest := s.Latest(action.Name); action.RunOrder == lowest && (latest == nil || latest.Retried) {
			group = append(group, action)
		}
	}
	return group, failed, running
}

// failStage ends a stage and its run with it.
func (t *turn) failStage(e *pipeline.Execution, stage string, failure pipeline.FailureType, reason string) step {
	e = t.edit(e)
	t.leaveStage(e, stage, pipeline.StageFailed, failure, reason)
	e.FailureType = failure
	t.end(e, pipeline.ExecutionFailed, fmt.Sprintf("%s: %s", stage, reason))
	return moved
}

// skipStage lets a run pass a stage in which nothing ran.
func (t *turn) skipStage(e *pipeline.Execution, stage, reason string) step {
	t.leaveStage(t.edit(e), stage, pipeline.StageSkipped, "", reason)
	return moved
}

func actionSentence(a *pipeline.ActionExecution) string {
	if a.Summary == "" {
		return a.Name + " failed"
	}
	return a.Name + ": " + a.Summary
}

// end gives a run its last word.
func (t *turn) end(e *pipeline.Execution, status pipeline.ExecutionStatus, reason string) {
	e.Status, e.Reason, e.EndedAt = status, reason, t.now
	kind := map[pipeline.ExecutionStatus]pipeline.EventKind{
		pipeline.ExecutionSucceeded:  pipeline.EventExecutionSucceeded,
		pipeline.ExecutionFailed:     pipeline.EventExecutionFailed,
		pipeline.ExecutionStopped:    pipeline.EventExecutionStopped,
		pipeline.ExecutionSuperseded: pipeline.EventExecutionSuperseded,
		pipeline.ExecutionCancelled:  pipeline.EventExecutionCancelled,
	}[status]
	t.event(kind, e, pipeline.Event{Detail: reason})
}
