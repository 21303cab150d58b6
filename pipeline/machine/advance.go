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

// advanceStage opens the gate of the stage, starts the next group of actions, or
// ends the stage.
func (t *turn) advanceStage(e *pipeline.Execution, s *pipeline.StageExecution) bool {
	definition := t.state.Definition(e).Stage(s.Name)
	if definition.Approval != nil {
		switch {
		case s.Gate == nil:
			t.openStageGate(e, definition)
			return true
		case s.Gate.Status == pipeline.ApprovalPending:
			return false
		case s.Gate.Status != pipeline.ApprovalApproved:
			return t.failStage(e, s.Name, gateFailure(s.Gate), gateSentence(s.Gate))
		}
	}
	group, failed, running := t.nextGroup(definition, s)
	switch {
	case failed != nil && running:
		return false // siblings go on to their end, nothing new starts
	case failed != nil:
		return t.failStage(e, s.Name, failed.FailureType, actionSentence(failed))
	case len(group) > 0:
		for _, action := range group {
			t.startAction(e, s.Name, action)
		}
		return true
	case running:
		return false
	}
	e = t.edit(e)
	s = e.Stage(s.Name)
	s.Status, s.EndedAt = pipeline.StageSucceeded, t.now
	t.event(pipeline.EventStageSucceeded, e, pipeline.Event{Stage: s.Name})
	return true
}

// nextGroup returns the actions of the lowest run order that is not done yet and
// that have not been started, the first action that failed, and whether any is
// in progress.
func (t *turn) nextGroup(definition *pipeline.Stage, s *pipeline.StageExecution) (group []*pipeline.Action, failed *pipeline.ActionExecution, running bool) {
	lowest := 0
	for i := range definition.Actions {
		action := &definition.Actions[i]
		switch latest := s.Latest(action.Name); {
		case latest == nil:
		case latest.Status == pipeline.ActionSucceeded:
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
		if action := &definition.Actions[i]; action.RunOrder == lowest && s.Latest(action.Name) == nil {
			group = append(group, action)
		}
	}
	return group, failed, running
}

// startAction begins a new attempt of an action.
func (t *turn) startAction(e *pipeline.Execution, stage string, action *pipeline.Action) {
	e = t.edit(e)
	s := e.Stage(stage)
	attempt := 1
	if latest := s.Latest(action.Name); latest != nil {
		attempt = latest.Attempt + 1
	}
	a := pipeline.ActionExecution{
		ID:   pipeline.AttemptID(e.ID, stage, action.Name, attempt),
		Name: action.Name, Attempt: attempt, RunOrder: action.RunOrder,
		Status: pipeline.ActionInProgress, StartedAt: t.now,
	}
	if action.IsApproval() {
		a.Approval = t.openGate(e, a.ID, stage, action)
	} else {
		t.order(pipeline.StartAction, e, a.ID)
	}
	s.Actions = append(s.Actions, a)
	t.event(pipeline.EventActionStarted, e, pipeline.Event{Stage: stage, Action: a.Name, Attempt: a.ID})
	if a.Approval != nil {
		t.gateOpened(e, a.Approval)
	}
}

func (t *turn) launched(in pipeline.ActionLaunched) {
	e, a := t.attempt(in.ExecutionID, in.AttemptID)
	if a == nil || a.Status.Ended() || len(a.Handle) > 0 {
		return
	}
	e = t.edit(e)
	_, a = e.FindAction(in.AttemptID)
	a.Handle = in.Handle
	if e.Stop != nil && e.Stop.Abandon { // asked to stop before there was a handle
		t.order(pipeline.StopAction, e, a.ID)
	}
}

func (t *turn) progressed(in pipeline.ActionProgressed) {
	e, a := t.attempt(in.ExecutionID, in.AttemptID)
	if a == nil || a.Status.Ended() || a.Percent == in.Percent && a.Summary == in.Summary && a.URL == in.URL {
		return
	}
	_, a = t.edit(e).FindAction(in.AttemptID)
	a.Percent, a.Summary, a.URL = in.Percent, in.Summary, in.URL
}

func (t *turn) ended(in pipeline.ActionEnded) {
	e, a := t.attempt(in.ExecutionID, in.AttemptID)
	if a == nil || a.Status.Ended() || !in.Status.Ended() {
		return
	}
	e = t.edit(e)
	s, a := e.FindAction(in.AttemptID)
	if in.URL != "" {
		a.URL = in.URL
	}
	a.Variables, a.Artifacts = in.Variables, in.Artifacts
	t.endAction(e, s, a, in.Status, in.FailureType, in.Summary)
}

// attempt finds an attempt that providers tell of; gates are not theirs.
func (t *turn) attempt(executionID, attemptID string) (*pipeline.Execution, *pipeline.ActionExecution) {
	e := t.find(executionID)
	if e == nil {
		return nil, nil
	}
	_, a := e.FindAction(attemptID)
	if a == nil || a.Approval != nil {
		return nil, nil
	}
	return e, a
}

func (t *turn) endAction(e *pipeline.Execution, s *pipeline.StageExecution, a *pipeline.ActionExecution,
	status pipeline.ActionStatus, failure pipeline.FailureType, summary string,
) {
	a.Status, a.FailureType, a.Summary, a.EndedAt = status, failure, summary, t.now
	kind := map[pipeline.ActionStatus]pipeline.EventKind{
		pipeline.ActionSucceeded: pipeline.EventActionSucceeded,
		pipeline.ActionFailed:    pipeline.EventActionFailed,
		pipeline.ActionAbandoned: pipeline.EventActionAbandoned,
	}[status]
	t.event(kind, e, pipeline.Event{Stage: s.Name, Action: a.Name, Attempt: a.ID, Detail: summary})
}

// failStage ends a stage and its run with it.
func (t *turn) failStage(e *pipeline.Execution, stage string, failure pipeline.FailureType, reason string) bool {
	e = t.edit(e)
	s := e.Stage(stage)
	s.Status, s.FailureType, s.Reason, s.EndedAt = pipeline.StageFailed, failure, reason, t.now
	t.event(pipeline.EventStageFailed, e, pipeline.Event{Stage: stage, Detail: reason})
	e.FailureType = failure
	t.end(e, pipeline.ExecutionFailed, fmt.Sprintf("%s: %s", stage, reason))
	return true
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
