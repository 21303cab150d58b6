package machine

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// when asks the expression of a stage, and skips the stage if it says so.
func (t *turn) when(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	return t.entry(e, s, definition, pipeline.BlockWhen)
}

// beforeEntry evaluates the entry condition.
func (t *turn) beforeEntry(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	return t.entry(e, s, definition, pipeline.BlockBeforeEntry)
}

// entry is a condition that lets a run into a stage. A rollback asks none: it has
// to get through when nothing else does.
func (t *turn) entry(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage, block pipeline.ConditionBlock) step {
	if e.Rollback != nil {
		return passes
	}
	how, failed := t.evaluate(e, s, definition, block)
	switch {
	case failed == nil:
		return how
	case cannotTell(failed):
		return t.failStage(e, s.Name, failed.FailureType, ruleSentence(block, failed))
	case s.Condition(block).Result == pipeline.ResultSkip:
		return t.skipStage(e, s.Name, ruleSentence(block, failed))
	}
	return t.failStage(e, s.Name, failed.FailureType, ruleSentence(block, failed))
}

// onSuccess evaluates the condition that follows success.
func (t *turn) onSuccess(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	if e.Rollback != nil {
		return passes
	}
	how, failed := t.evaluate(e, s, definition, pipeline.BlockOnSuccess)
	switch {
	case failed == nil:
		return how
	case s.OnSuccess.Result == pipeline.ResultRollback:
		return t.rollBack(e, s, failed.FailureType, ruleSentence(pipeline.BlockOnSuccess, failed))
	}
	return t.failStage(e, s.Name, failed.FailureType, ruleSentence(pipeline.BlockOnSuccess, failed))
}

// actionsFailed ends a stage whose actions have failed, retries it once, or rolls
// it back. Where people have said no, or nobody has said anything, nothing is done
// by itself, whatever else has failed beside it.
func (t *turn) actionsFailed(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage, failed *pipeline.ActionExecution) step {
	next, reason := definition.OnFailure, actionSentence(failed)
	switch {
	case next == nil || e.Rollback != nil || anyRefused(s):
	case next.Result == pipeline.ResultRetry && s.AutoRetries == 0:
		t.retryByItself(e, s.Name, next.RetryMode, reason)
		return moved
	case next.Result == pipeline.ResultRollback:
		return t.rollBack(e, s, failed.FailureType, reason)
	case next.Condition != nil:
		how, rule := t.evaluate(e, s, definition, pipeline.BlockOnFailure)
		switch {
		case rule != nil:
			return t.rollBack(e, s, failed.FailureType, reason)
		case how != passes:
			return how
		}
	}
	return t.failStage(e, s.Name, failed.FailureType, reason)
}

// evaluate takes the condition of a block further. When it has failed, the rule
// that failed it is returned.
func (t *turn) evaluate(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage, block pipeline.ConditionBlock) (step, *pipeline.ActionExecution) {
	declared, c := definition.Condition(block), s.Condition(block)
	switch {
	case declared == nil:
		return passes, nil
	case c == nil || c.Status == "":
		t.startCondition(e, s.Name, block, declared)
		return moved, nil
	case c.Status == pipeline.ConditionFailed:
		return passes, failedRule(c)
	case c.Status != pipeline.ConditionInProgress:
		return passes, nil
	}
	if failed := failedRule(c); failed != nil { // the others need not be waited for
		t.endCondition(e, s.Name, block, pipeline.ConditionFailed, failed.Name+": "+failed.Summary)
		return moved, nil
	}
	for i := range c.Rules {
		if a := &c.Rules[i]; !a.Status.Ended() && !a.Retried {
			return waits, nil
		}
	}
	t.endCondition(e, s.Name, block, pipeline.ConditionSucceeded, "")
	return moved, nil
}

func (t *turn) startCondition(e *pipeline.Execution, stage string, block pipeline.ConditionBlock, declared *pipeline.Condition) {
	e = t.edit(e)
	s := e.Stage(stage)
	c := &pipeline.ConditionExecution{Status: pipeline.ConditionInProgress, Result: declared.Result, StartedAt: t.now}
	if before := s.Condition(block); before != nil {
		c.Rules = before.Rules
		for i := range c.Rules {
			c.Rules[i].Retried = true
		}
	}
	for i := range declared.Rules {
		rule, attempt := &declared.Rules[i], 1
		for j := range c.Rules {
			if c.Rules[j].Name == rule.Name {
				attempt++
			}
		}
		a := pipeline.ActionExecution{
			ID:   pipeline.AttemptID(e.ID, stage, string(block)+"/"+rule.Name, attempt),
			Name: rule.Name, Attempt: attempt, RunOrder: 1, Block: block, Status: pipeline.ActionInProgress, StartedAt: t.now,
		}
		c.Rules = append(c.Rules, a)
		t.order(pipeline.StartAction, e, a.ID)
	}
	s.SetCondition(block, c)
}

// endCondition gives a condition its last word and stops the rules that nobody
// waits for any more.
func (t *turn) endCondition(e *pipeline.Execution, stage string, block pipeline.ConditionBlock, status pipeline.ConditionStatus, reason string) {
	e = t.edit(e)
	c := e.Stage(stage).Condition(block)
	c.Status, c.Reason, c.EndedAt = status, reason, t.now
	t.stopRules(e, c)
	kind := map[pipeline.ConditionStatus]pipeline.EventKind{
		pipeline.ConditionSucceeded:  pipeline.EventConditionSucceeded,
		pipeline.ConditionFailed:     pipeline.EventConditionFailed,
		pipeline.ConditionOverridden: pipeline.EventConditionOverridden,
		pipeline.ConditionAbandoned:  pipeline.EventActionAbandoned,
	}[status]
	t.event(kind, e, pipeline.Event{Stage: stage, By: c.By, Detail: string(block) + detailOf(reason)})
}

func detailOf(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func (t *turn) stopRules(e *pipeline.Execution, c *pipeline.ConditionExecution) {
	for i := range c.Rules {
		if c.Rules[i].Status == pipeline.ActionInProgress {
			t.order(pipeline.StopAction, e, c.Rules[i].ID)
		}
	}
}

func failedRule(c *pipeline.ConditionExecution) *pipeline.ActionExecution {
	for i := range c.Rules {
		if a := &c.Rules[i]; !a.Retried && a.Status.Ended() && !a.Status.Passed() {
			return a
		}
	}
	return nil
}

// cannotTell reports whether a rule has not said no but could not be asked: then
// nothing is skipped because of it.
func cannotTell(rule *pipeline.ActionExecution) bool {
	return rule.FailureType != pipeline.JobFailed && rule.FailureType != pipeline.TimedOut
}

func ruleSentence(block pipeline.ConditionBlock, rule *pipeline.ActionExecution) string {
	if block == pipeline.BlockWhen {
		return rule.Summary
	}
	where := map[pipeline.ConditionBlock]string{
		pipeline.BlockBeforeEntry: "before entry", pipeline.BlockOnSuccess: "on success", pipeline.BlockOnFailure: "on failure",
	}[block]
	return fmt.Sprintf("%s: rule %s: %s", where, rule.Name, rule.Summary)
}

// override lets a run pass a condition, whatever its rules say.
func (t *turn) override(in pipeline.OverrideCondition) error {
	e := t.find(in.ExecutionID)
	if e == nil {
		return pipeline.Errorf(pipeline.NotFound, "there is no such run")
	}
	s := e.Stage(in.Stage)
	if s == nil {
		return pipeline.Errorf(pipeline.NotFound, "run #%d has no stage %s", e.Number, in.Stage)
	}
	c := s.Condition(in.Block)
	switch {
	case in.Block != pipeline.BlockBeforeEntry && in.Block != pipeline.BlockOnSuccess:
		return pipeline.Errorf(pipeline.Invalid, "%q cannot be overridden: %s and %s can", in.Block, pipeline.BlockBeforeEntry, pipeline.BlockOnSuccess)
	case in.Reason == "":
		return pipeline.Errorf(pipeline.Invalid, "an override needs a reason")
	case c == nil:
		return pipeline.Errorf(pipeline.Conflict, "run #%d has not come to the condition %s of stage %s", e.Number, in.Block, s.Name)
	case s.Status == pipeline.StageSkipped:
		return pipeline.Errorf(pipeline.Conflict, "stage %s of run #%d was skipped, and that cannot be overridden", s.Name, e.Number)
	case c.Status == "":
		return pipeline.Errorf(pipeline.Conflict, "the condition %s of stage %s is not in the way: it is evaluated anew when its time comes", in.Block, s.Name)
	case c.Status != pipeline.ConditionFailed && c.Status != pipeline.ConditionInProgress:
		return pipeline.Errorf(pipeline.Conflict, "the condition %s of stage %s is not in the way: it is %s", in.Block, s.Name, c.Status)
	case c.Result == pipeline.ResultSkip:
		return pipeline.Errorf(pipeline.Conflict, "the condition %s of stage %s skips, and that cannot be overridden", in.Block, s.Name)
	case s.RollingBack:
		return pipeline.Errorf(pipeline.Conflict, "stage %s of run #%d is being rolled back", s.Name, e.Number)
	case e.Status.Ended():
		if err := t.resumable(e, s); err != nil {
			return err
		}
		t.resume(e, s.Name, in.By)
	case e.Stop != nil:
		return pipeline.Errorf(pipeline.Conflict, "run #%d is stopping", e.Number)
	}
	e = t.edit(e)
	s = e.Stage(in.Stage)
	s.Condition(in.Block).By = in.By
	t.endCondition(e, in.Stage, in.Block, pipeline.ConditionOverridden, in.Reason)
	return nil
}
