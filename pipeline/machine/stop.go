package machine

import (
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// stop is a person's wish to end a run.
func (t *turn) stop(in pipeline.StopExecution) error {
	e := t.find(in.ExecutionID)
	switch {
	case e == nil:
		return pipeline.Errorf(pipeline.NotFound, "there is no such run")
	case e.Status.Ended():
		return pipeline.Errorf(pipeline.Conflict, "run #%d is over: it %s", e.Number, ended(e.Status))
	case e.Stop != nil && (e.Stop.Abandon || !in.Abandon):
		if e.Stop.Abandon {
			return pipeline.Errorf(pipeline.Conflict, "run #%d is stopping already", e.Number)
		}
		return pipeline.Errorf(pipeline.Conflict, "run #%d is stopping already and waits for what runs; abandon it to stop that, too", e.Number)
	}
	t.requestStop(e, pipeline.StopRequest{
		Abandon: in.Abandon, As: pipeline.ExecutionStopped, Reason: in.Reason, By: in.By,
	})
	return nil
}

func ended(status pipeline.ExecutionStatus) string {
	if status == pipeline.ExecutionSucceeded || status == pipeline.ExecutionFailed {
		return map[bool]string{true: "succeeded", false: "failed"}[status == pipeline.ExecutionSucceeded]
	}
	return fmt.Sprintf("was %s", map[pipeline.ExecutionStatus]string{
		pipeline.ExecutionStopped: "stopped", pipeline.ExecutionSuperseded: "superseded", pipeline.ExecutionCancelled: "cancelled",
	}[status])
}

// cancelOlder stops every older run of the lane at once, except inside a stage
// that names an environment: a deployment is never cut off by a push.
func (t *turn) cancelOlder(newer *pipeline.Execution) {
	for _, older := range t.state.Executions {
		if older.Position >= newer.Position || older.Status.Ended() || older.Stop != nil {
			continue
		}
		if s := older.Current(); s != nil && s.Status.Active() && !t.waitsAtGate(older, s) &&
			t.state.Definition(older).Stage(s.Name).Environment != "" {
			continue
		}
		t.supersede(older, newer)
	}
}

// closeLane stops everything in the lane: its pull request was closed.
func (t *turn) closeLane(in pipeline.CloseLane) {
	ledger := &t.state.Ledger
	if len(ledger.Changes) > 0 && in.At.Before(ledger.Changes[0].At) || in.At.Before(ledger.ClosedAt) {
		return // told late: the pull request has moved since
	}
	if ledger.ClosedAt.IsZero() {
		t.event(pipeline.EventLaneClosed, nil, pipeline.Event{By: in.By, Detail: in.Reason})
	}
	ledger.ClosedAt = in.At
	for _, e := range t.state.Executions {
		if !e.Status.Ended() && (e.Stop == nil || !e.Stop.Abandon) {
			t.requestStop(e, pipeline.StopRequest{
				Abandon: true, As: pipeline.ExecutionStopped, Reason: in.Reason, By: in.By,
			})
		}
	}
}

func (t *turn) reopen() {
	if !t.state.Ledger.ClosedAt.IsZero() {
		t.state.Ledger.ClosedAt = pipeline.State{}.Ledger.ClosedAt
		t.event(pipeline.EventLaneReopened, nil, pipeline.Event{})
	}
}

// requestStop marks a run: nothing new starts in it, its gates close, and with
// Abandon its running actions are stopped.
func (t *turn) requestStop(e *pipeline.Execution, request pipeline.StopRequest) {
	e = t.edit(e)
	e.Stop = &request
	e.Status = pipeline.ExecutionStopping
	e.SupersededBy = request.Newer
	t.event(pipeline.EventExecutionStopping, e, pipeline.Event{By: request.By, Detail: request.Reason})
	for _, gate := range e.Gates() {
		t.decideGate(e, gate.ID, pipeline.ApprovalCancelled, pipeline.Vote{})
	}
	s := e.Current()
	if s == nil || !s.Status.Active() {
		return
	}
	s.Status = pipeline.StageStopping
	s.RollingBack = false
	for _, block := range pipeline.ConditionBlocks() { // rules only look: nobody waits for them
		if c := s.Condition(block); c != nil && c.Status == pipeline.ConditionInProgress {
			c.Status, c.Reason, c.EndedAt = pipeline.ConditionAbandoned, request.Reason, t.now
			t.stopRules(e, c)
		}
	}
	for i := range s.Actions {
		switch a := &s.Actions[i]; {
		case a.Status != pipeline.ActionInProgress:
		case a.Asking: // nothing runs
			t.endAction(e, s, a, pipeline.ActionAbandoned, "", request.Reason)
		case request.Abandon:
			t.order(pipeline.StopAction, e, a.ID)
		}
	}
}

// finishStop ends a stopping run once nothing of it runs any more.
func (t *turn) finishStop(e *pipeline.Execution) bool {
	s := e.Current()
	if s != nil {
		for i := range s.Actions {
			if s.Actions[i].Status == pipeline.ActionInProgress {
				return false
			}
		}
		for _, block := range pipeline.ConditionBlocks() {
			if c := s.Condition(block); c != nil && slices.ContainsFunc(c.Rules, func(a pipeline.ActionExecution) bool { return !a.Status.Ended() }) {
				return false
			}
		}
	}
	e = t.edit(e)
	if s = e.Current(); s != nil && s.Status.Active() {
		t.leaveStage(e, s.Name, pipeline.StageStopped, "", e.Stop.Reason)
	}
	t.end(e, e.Stop.As, e.Stop.Reason)
	return true
}
