package machine

import (
	"github.com/penstock-cd/penstock/pipeline"
)

// startAction begins a new attempt of an action.
func (t *turn) startAction(e *pipeline.Execution, stage string, action *pipeline.Action) {
	e = t.edit(e)
	s := e.Stage(stage)
	attempt := 1
	for i := range s.Actions { // of all rounds
		if s.Actions[i].Name == action.Name {
			attempt++
		}
	}
	a := pipeline.ActionExecution{
		ID:   pipeline.AttemptID(e.ID, stage, action.Name, attempt),
		Name: action.Name, Attempt: attempt, RunOrder: action.RunOrder,
		Status: pipeline.ActionInProgress, StartedAt: t.now,
	}
	asks := action.IsApproval() && action.When == pipeline.When{}
	switch {
	case action.IsApproval() && e.Rollback != nil: // who may roll back has agreed by asking for it
		a.Status, a.Summary, a.EndedAt = pipeline.ActionSkipped, "not asked in a rollback", t.now
	case asks:
		t.askGate(e, stage, &a)
	default:
		t.order(pipeline.StartAction, e, a.ID)
	}
	s.Actions = append(s.Actions, a)
	if a.Status == pipeline.ActionSkipped {
		t.event(pipeline.EventActionSkipped, e, pipeline.Event{Stage: stage, Action: a.Name, Attempt: a.ID, Detail: a.Summary})
		return
	}
	t.event(pipeline.EventActionStarted, e, pipeline.Event{Stage: stage, Action: a.Name, Attempt: a.ID})
}

func (t *turn) launched(in pipeline.ActionLaunched) {
	e, a := t.attempt(in.ExecutionID, in.AttemptID)
	if a == nil || a.Status.Ended() || len(a.Handle) > 0 {
		return
	}
	e = t.edit(e)
	s, a := e.FindAction(in.AttemptID)
	if t.asksPeople(e, a) {
		switch {
		case e.Stop != nil:
			t.endAction(e, s, a, pipeline.ActionAbandoned, "", e.Stop.Reason)
		case !a.Asking: // its expression has let it ask
			t.askGate(e, s.Name, a)
		}
		return
	}
	a.Handle = in.Handle
	if e.Stop != nil && e.Stop.Abandon { // asked to stop before there was a handle
		t.order(pipeline.StopAction, e, a.ID)
	}
}

// asksPeople reports whether the attempt is of a Manual action.
func (t *turn) asksPeople(e *pipeline.Execution, a *pipeline.ActionExecution) bool {
	s, _ := e.FindAction(a.ID)
	action := t.state.Definition(e).Stage(s.Name).Action(a.Name)
	return a.Block == "" && action != nil && action.IsApproval()
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
	if in.Status == pipeline.ActionSucceeded && t.asksPeople(e, a) {
		return // a provider's word opens no gate
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
		pipeline.ActionSkipped:   pipeline.EventActionSkipped,
	}[status]
	t.event(kind, e, pipeline.Event{Stage: s.Name, Action: a.Name, Attempt: a.ID, Detail: summary})
}
