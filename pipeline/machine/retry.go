package machine

import (
	"github.com/penstock-cd/penstock/pipeline"
)

// retry runs the failed actions of a stage again, in the same run. Old votes do
// not count: a gate asks anew.
func (t *turn) retry(in pipeline.RetryStage) error {
	e := t.find(in.ExecutionID)
	if e == nil {
		return pipeline.Errorf(pipeline.NotFound, "there is no such run")
	}
	s := e.Current()
	if in.Stage != "" {
		s = e.Stage(in.Stage)
	}
	if err := t.retryable(e, s, in.Stage); err != nil {
		return err
	}
	e = t.edit(e)
	s = e.Stage(s.Name)
	if e.Status != pipeline.ExecutionInProgress {
		e.Attempt++
		e.Status, e.FailureType, e.Reason, e.Stop = pipeline.ExecutionInProgress, "", "", nil
		e.EndedAt = pipeline.Execution{}.EndedAt
	}
	s.Status, s.FailureType, s.Reason = pipeline.StageInProgress, "", ""
	s.EndedAt = pipeline.StageExecution{}.EndedAt
	t.event(pipeline.EventExecutionResumed, e, pipeline.Event{Stage: s.Name, By: in.By})
	if s.Gate != nil && s.Gate.Status != pipeline.ApprovalApproved {
		s.Gate = nil
	}
	definition := t.state.Definition(e).Stage(s.Name)
	for i := range definition.Actions {
		latest := s.Latest(definition.Actions[i].Name)
		if latest != nil && latest.Status.Ended() && latest.Status != pipeline.ActionSucceeded {
			t.startAction(e, s.Name, &definition.Actions[i])
		}
	}
	return nil
}

// retryable says why a stage cannot be retried now, or nil.
func (t *turn) retryable(e *pipeline.Execution, s *pipeline.StageExecution, asked string) error {
	switch {
	case s == nil && asked != "":
		return pipeline.Errorf(pipeline.NotFound, "run #%d has no stage %s", e.Number, asked)
	case e.Status == pipeline.ExecutionSucceeded, s != nil && s.Status.Passed():
		return pipeline.Errorf(pipeline.Conflict, "there is nothing to retry in run #%d: nothing of it failed", e.Number)
	case e.Status == pipeline.ExecutionSuperseded:
		return pipeline.Errorf(pipeline.Conflict, "run #%d was superseded by a newer one; retry that one", e.Number)
	case e.Status == pipeline.ExecutionCancelled:
		return pipeline.Errorf(pipeline.Conflict, "run #%d was cancelled; push again to start another", e.Number)
	case e.Status == pipeline.ExecutionStopping:
		return pipeline.Errorf(pipeline.Conflict, "run #%d is still stopping; try again when it has stopped", e.Number)
	case s != nil && s.Status == "" && e.Status != pipeline.ExecutionStopped:
		return pipeline.Errorf(pipeline.Conflict, "run #%d has not come to stage %s", e.Number, s.Name)
	case s == nil || s.Status == "":
		return pipeline.Errorf(pipeline.Conflict, "run #%d was stopped before a stage and has no failed action; push again to start another", e.Number)
	case !t.state.Ledger.ClosedAt.IsZero():
		return pipeline.Errorf(pipeline.Conflict, "the pull request of run #%d is closed", e.Number)
	case t.state.Ledger.Entered[s.Name] > e.Position:
		return pipeline.Errorf(pipeline.Conflict, "a newer run has entered stage %s since; retry that one", s.Name)
	case s.Status == pipeline.StageInProgress && !anyFailed(s):
		return pipeline.Errorf(pipeline.Conflict, "there is nothing to retry in run #%d: nothing of stage %s has failed", e.Number, s.Name)
	}
	return nil
}

// anyFailed reports whether the newest attempt of an action failed.
func anyFailed(s *pipeline.StageExecution) bool {
	for i := range s.Actions {
		latest := s.Latest(s.Actions[i].Name)
		if latest.Status.Ended() && latest.Status != pipeline.ActionSucceeded {
			return true
		}
	}
	return false
}
