package machine

import (
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// rollBack ends a failed stage by having its last success brought back. The run
// keeps the stage until the rollback has begun, so that no newer run comes between.
func (t *turn) rollBack(e *pipeline.Execution, s *pipeline.StageExecution, failure pipeline.FailureType, reason string) step {
	target := t.state.Ledger.Succeeded[s.Name]
	if target == "" || target == e.ID {
		return t.failStage(e, s.Name, failure, reason+"; there is no earlier success of this stage to roll back to")
	}
	s = t.edit(e).Stage(s.Name)
	s.RollingBack, s.FailureType, s.Reason = true, failure, reason
	t.enqueue(pipeline.StartRollback, time.Time{}, pipeline.RollbackOrder{
		V: 1, Key: t.state.Key, Failed: e.ID, Stage: s.Name, Target: target,
		Execution: pipeline.AttemptID(e.ID, s.Name, "rollback", e.Attempt+s.AutoRetries+s.ManualRetries),
	})
	return moved
}

// rollback starts a run that brings one stage back to where an earlier run had it.
// It passes closed transitions and conditions; one that a person asked for closes
// the transition behind itself, so that the next run does not undo it: every
// lane's, or that of the pull request.
func (t *turn) rollback(in pipeline.RollbackStage) error {
	if t.find(in.ExecutionID) != nil {
		return pipeline.Errorf(pipeline.Conflict, "run %s exists already: %w", in.ExecutionID, pipeline.ErrDuplicate)
	}
	target := t.find(in.Target)
	reason := in.Reason
	failed := t.find(in.Failed)
	if in.Failed != "" && (failed == nil || failed.Stage(in.Stage) == nil || !failed.Stage(in.Stage).RollingBack) {
		return pipeline.Errorf(pipeline.Conflict, "the rollback is not wanted any more: %w", pipeline.ErrDuplicate)
	}
	err := t.canRollBack(in, target)
	switch {
	case err != nil && failed != nil: // it cannot wait for better times
		s := failed.Stage(in.Stage)
		t.failStage(failed, in.Stage, s.FailureType, fmt.Sprintf("%s; it could not be rolled back: %v", s.Reason, err))
		return nil
	case err != nil:
		return err
	case failed != nil:
		s := failed.Stage(in.Stage)
		reason = s.Reason
		t.failStage(failed, in.Stage, s.FailureType, fmt.Sprintf("%s; rolled back to #%d", s.Reason, target.Number))
	}
	e := &pipeline.Execution{
		V: 1, ID: in.ExecutionID, Repository: target.Repository, Pipeline: target.Pipeline, Lane: target.Lane,
		Position: t.newest(nil).position, Status: pipeline.ExecutionInProgress, Attempt: 1,
		Trigger:  pipeline.Trigger{Kind: pipeline.TriggerRollback, By: in.By, PullRequest: target.Trigger.PullRequest},
		Revision: target.Revision, Definition: target.Definition, Variables: target.Variables,
		Stages: []pipeline.StageExecution{{Name: in.Stage}}, CreatedAt: t.now, UpdatedAt: t.now,
		Rollback: t.brought(in, target, reason),
	}
	t.add(e, t.state.Definition(target))
	t.event(pipeline.EventRollbackStarted, e, pipeline.Event{
		Stage: in.Stage, By: in.By, Detail: fmt.Sprintf("to #%d%s", target.Number, detailOf(reason)),
	})
	t.occupy(e, in.Stage)
	if in.Failed == "" {
		door := pipeline.Transition{Stage: in.Stage, By: in.By, At: t.now, Reason: clip(fmt.Sprintf("rolled back to #%d by %s", target.Number, in.By.Login))}
		if lane := t.state.Key.Lane; lane.Kind == pipeline.LanePull { // it keeps nobody else out
			door.Lane = lane
		}
		t.touch(door)
	}
	return nil
}

// canRollBack says why a stage cannot be rolled back now, or nil.
func (t *turn) canRollBack(in pipeline.RollbackStage, target *pipeline.Execution) error {
	switch {
	case target == nil:
		return pipeline.Errorf(pipeline.NotFound, "there is no such run to roll back to in this lane")
	case target.Rollback != nil:
		return pipeline.Errorf(pipeline.Conflict, "run #%d was a rollback itself; roll back to #%d", target.Number, target.Rollback.TargetNumber)
	case target.Stage(in.Stage) == nil:
		return pipeline.Errorf(pipeline.NotFound, "run #%d has no stage %s", target.Number, in.Stage)
	case target.Stage(in.Stage).Status != pipeline.StageSucceeded:
		return pipeline.Errorf(pipeline.Conflict, "run #%d did not succeed in stage %s; roll back to one that did", target.Number, in.Stage)
	case !t.state.Ledger.ClosedAt.IsZero():
		return pipeline.Errorf(pipeline.Conflict, "the pull request is closed")
	}
	for _, other := range t.state.Executions {
		if s := other.Stage(in.Stage); s != nil && s.Status.Active() && other.ID != in.Failed && !other.Status.Ended() {
			return pipeline.Errorf(pipeline.Conflict, "run #%d is in stage %s now; stop it first, or wait for its end", other.Number, in.Stage)
		}
	}
	return nil
}

// brought is what the target had when it entered the stage.
func (t *turn) brought(in pipeline.RollbackStage, target *pipeline.Execution, reason string) *pipeline.Rollback {
	r := &pipeline.Rollback{
		Target: target.ID, TargetNumber: target.Number, Failed: in.Failed, Reason: reason, Outputs: map[string]map[string]string{},
	}
	definition := t.state.Definition(target)
	for i := range target.Stages {
		s := &target.Stages[i]
		if s.Name == in.Stage {
			break
		}
		for j := range s.Actions {
			a := &s.Actions[j]
			r.Artifacts = append(r.Artifacts, a.Artifacts...)
			if declared := definition.Stage(s.Name).Action(a.Name); declared != nil && declared.Namespace != "" && a.Status == pipeline.ActionSucceeded {
				r.Outputs[declared.Namespace] = a.Variables
			}
		}
	}
	return r
}

// clip keeps a reason within its limit.
func clip(reason string) string {
	if runes := []rune(reason); len(runes) > pipeline.MaxTransitionReason {
		return string(runes[:pipeline.MaxTransitionReason])
	}
	return reason
}
