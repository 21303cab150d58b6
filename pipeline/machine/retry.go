package machine

import (
	"slices"

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
	if err := t.retryable(e, s, in); err != nil {
		return err
	}
	e = t.resume(e, s.Name, in.By)
	s = e.Stage(s.Name)
	s.ManualRetries++
	t.again(e, s, in.Mode)
	return nil
}

// retryByItself runs a stage again that has just failed.
func (t *turn) retryByItself(e *pipeline.Execution, stage string, mode pipeline.RetryMode, reason string) {
	e = t.edit(e)
	s := e.Stage(stage)
	s.AutoRetries++
	t.event(pipeline.EventStageRetried, e, pipeline.Event{Stage: stage, Detail: reason})
	t.again(e, s, mode)
}

// again marks what of a stage is to run once more. s belongs to this turn's own
// copy of its run.
func (t *turn) again(e *pipeline.Execution, s *pipeline.StageExecution, mode pipeline.RetryMode) {
	t.forget(e, s.OnSuccess, s.OnFailure)
	if mode == pipeline.RetryAllActions {
		s.Round = len(s.Actions)
		return
	}
	for i := range s.Actions {
		if latest := s.Latest(s.Actions[i].Name); latest != nil && latest.Status.Ended() && !latest.Status.Passed() {
			latest.Retried = true
		}
	}
}

// resume puts a run back into a stage that has ended, or stays in one that goes
// on. What had let it in and did not is asked again.
func (t *turn) resume(e *pipeline.Execution, stage string, by pipeline.Actor) *pipeline.Execution {
	e = t.edit(e)
	if e.Status != pipeline.ExecutionInProgress {
		e.Attempt++
		e.Status, e.FailureType, e.Reason, e.Stop = pipeline.ExecutionInProgress, "", "", nil
		e.EndedAt = pipeline.Execution{}.EndedAt
	}
	s := e.Stage(stage)
	s.Status, s.FailureType, s.Reason = pipeline.StageInProgress, "", ""
	s.EndedAt = pipeline.StageExecution{}.EndedAt
	t.event(pipeline.EventExecutionResumed, e, pipeline.Event{Stage: s.Name, By: by})
	if s.Gate != nil && s.Gate.Status != pipeline.ApprovalApproved {
		s.Gate = nil
	}
	if s.Entry != nil && s.Environment == pipeline.EnvironmentFree { // it has left, and has to be let in again
		s.Entry = &pipeline.Entry{Asked: s.Entry.Asked, Read: s.Entry.Asked}
	}
	for _, c := range []*pipeline.ConditionExecution{s.When, s.BeforeEntry} {
		if c != nil && (c.Status == pipeline.ConditionFailed || c.Status == pipeline.ConditionAbandoned) {
			t.forget(e, c)
		}
	}
	return e
}

// forget has conditions evaluated anew, and stops the rules that nobody waits for
// any more. They belong to this turn's own copy of their run.
func (t *turn) forget(e *pipeline.Execution, conditions ...*pipeline.ConditionExecution) {
	for _, c := range conditions {
		if c == nil {
			continue
		}
		if c.Status == pipeline.ConditionInProgress {
			t.stopRules(e, c)
		}
		c.Status = ""
	}
}

// retryable says why a stage cannot be retried now, or nil.
func (t *turn) retryable(e *pipeline.Execution, s *pipeline.StageExecution, in pipeline.RetryStage) error {
	switch {
	case in.Mode != "" && in.Mode != pipeline.RetryFailedActions && in.Mode != pipeline.RetryAllActions:
		return pipeline.Errorf(pipeline.Invalid, "%q is no way to retry: write %s or %s", in.Mode, pipeline.RetryFailedActions, pipeline.RetryAllActions)
	case s == nil && in.Stage != "":
		return pipeline.Errorf(pipeline.NotFound, "run #%d has no stage %s", e.Number, in.Stage)
	case s != nil && s.Status == pipeline.StageSkipped:
		return pipeline.Errorf(pipeline.Conflict, "stage %s of run #%d was skipped, and that cannot be retried", s.Name, e.Number)
	case e.Status == pipeline.ExecutionSucceeded, s != nil && s.Status.Passed():
		return pipeline.Errorf(pipeline.Conflict, "there is nothing to retry in run #%d: nothing of it failed", e.Number)
	case e.Status == pipeline.ExecutionStopping:
		return pipeline.Errorf(pipeline.Conflict, "run #%d is still stopping; try again when it has stopped", e.Number)
	case s != nil && e.Status == pipeline.ExecutionFailed && e.Stages[0].Status == "":
		return pipeline.Errorf(pipeline.Conflict, "run #%d was never begun; start another", e.Number)
	case s != nil && s.Status == "" && e.Status == pipeline.ExecutionFailed || s != nil && s.Status == "" && e.Status == pipeline.ExecutionInProgress:
		return pipeline.Errorf(pipeline.Conflict, "run #%d has not come to stage %s; only what has failed or was stopped can be retried", e.Number, s.Name)
	}
	if err := t.resumable(e, s); err != nil {
		return err
	}
	if s.Status != pipeline.StageInProgress {
		return nil
	}
	switch {
	case s.RollingBack:
		return pipeline.Errorf(pipeline.Conflict, "stage %s of run #%d is being rolled back", s.Name, e.Number)
	case in.Mode == pipeline.RetryAllActions && anyRunning(s):
		return pipeline.Errorf(pipeline.Conflict, "something of stage %s still runs; all of it can be retried when nothing does", s.Name)
	case !anyFailed(s):
		return pipeline.Errorf(pipeline.Conflict, "there is nothing to retry in run #%d: nothing of stage %s has failed", e.Number, s.Name)
	}
	return nil
}

// resumable says why a run cannot go on in a stage, or nil.
func (t *turn) resumable(e *pipeline.Execution, s *pipeline.StageExecution) error {
	switch {
	case e.Status == pipeline.ExecutionSuperseded:
		return pipeline.Errorf(pipeline.Conflict, "run #%d was superseded by a newer one; retry that one", e.Number)
	case e.Status == pipeline.ExecutionCancelled:
		return pipeline.Errorf(pipeline.Conflict, "run #%d was cancelled; push again to start another", e.Number)
	case s == nil || s.Status == "":
		return pipeline.Errorf(pipeline.Conflict, "run #%d was stopped before a stage and has no failed action; push again to start another", e.Number)
	case !t.state.Ledger.ClosedAt.IsZero():
		return pipeline.Errorf(pipeline.Conflict, "the pull request of run #%d is closed", e.Number)
	case e.Status.Ended() && t.mode(e) != pipeline.ModeSuperseded && t.unfinished() >= pipeline.MaxConcurrent:
		return pipeline.Errorf(pipeline.Conflict, "%d runs of %s are unfinished, and there are no more than %d in mode %s; try again when one of them has ended",
			t.unfinished(), t.state.Key.Lane, pipeline.MaxConcurrent, t.mode(e))
	case t.mode(e) == pipeline.ModeParallel:
		return nil
	case t.state.Ledger.Entered[s.Name] > e.Position:
		return pipeline.Errorf(pipeline.Conflict, "a newer run has entered stage %s since; retry that one", s.Name)
	}
	for _, other := range t.state.Executions {
		if in := other.Stage(s.Name); other.ID != e.ID && !other.Status.Ended() && in != nil && in.Status.Active() && t.mode(other) != pipeline.ModeParallel {
			return pipeline.Errorf(pipeline.Conflict, "run #%d is in stage %s now; wait for its end, or stop it first", other.Number, s.Name)
		}
	}
	return nil
}

func anyRunning(s *pipeline.StageExecution) bool {
	return slices.ContainsFunc(s.Actions, func(a pipeline.ActionExecution) bool { return !a.Status.Ended() })
}

// anyFailed reports whether the newest attempt of an action failed.
func anyFailed(s *pipeline.StageExecution) bool {
	for i := range s.Actions {
		if latest := s.Latest(s.Actions[i].Name); latest != nil && latest.Status.Ended() && !latest.Status.Passed() && !latest.Retried {
			return true
		}
	}
	return false
}

// anyRefused reports whether people have said no in a stage, or nobody has said
// anything, since it was last begun.
func anyRefused(s *pipeline.StageExecution) bool {
	return slices.ContainsFunc(s.Actions[s.Round:], func(a pipeline.ActionExecution) bool {
		return !a.Retried && (a.FailureType == pipeline.Rejected || a.FailureType == pipeline.Expired)
	})
}
