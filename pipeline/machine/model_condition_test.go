package machine_test

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

func (l *lane) forget(s *stage, blocks ...pipeline.ConditionBlock) {
	for _, block := range blocks {
		v := s.conditions[block]
		if v == nil {
			continue
		}
		if v.status == pipeline.ConditionInProgress {
			l.stopRules(s)
		}
		v.status = ""
	}
}

// condition evaluates a block: in means that it lets pass, or that there is none.
func (l *lane) condition(r *run, s *stage, d *pipeline.Stage, block pipeline.ConditionBlock) (moved, in bool) {
	declared := d.Condition(block)
	if declared == nil {
		return false, true
	}
	v := s.conditions[block]
	if v == nil || v.status == "" {
		v = &verdict{status: pipeline.ConditionInProgress}
		s.conditions[block] = v
		for _, rule := range declared.Rules {
			name := string(block) + "/" + rule.Name
			n := 1
			for _, have := range s.rules {
				if have.key == actionKey(r, s, name, n) {
					n++
				}
			}
			a := &attempt{key: actionKey(r, s, name, n), status: pipeline.ActionInProgress}
			s.rules, v.rules = append(s.rules, a), append(v.rules, a)
			l.starts = append(l.starts, a.key)
		}
		return true, false
	}
	switch v.status {
	case pipeline.ConditionInProgress:
		for _, rule := range v.rules {
			if rule.failed() {
				v.status = pipeline.ConditionFailed
				l.stopRules(s)
				return true, false
			}
		}
		for _, rule := range v.rules {
			if rule.status == pipeline.ActionInProgress {
				return false, false
			}
		}
		v.status = pipeline.ConditionSucceeded
		return true, false
	case pipeline.ConditionFailed:
		return l.saidNo(r, s, v, declared.Result, block), false
	}
	return false, true
}

func (l *lane) saidNo(r *run, s *stage, v *verdict, result pipeline.ConditionResult, block pipeline.ConditionBlock) bool {
	var failure pipeline.FailureType
	for _, rule := range v.rules {
		if rule.failed() {
			failure = rule.failure
			break
		}
	}
	saidSo := failure == pipeline.JobFailed || failure == pipeline.TimedOut
	switch {
	case result == pipeline.ResultSkip && saidSo:
		l.leave(r, s, pipeline.StageSkipped)
		return true
	case result == pipeline.ResultRollback && block == pipeline.BlockOnSuccess:
		return l.rollBack(r, s, failure)
	}
	return l.fail(r, s, failure)
}

// rollBack asks for the rollback of a failed stage, and holds the stage until then.
func (l *lane) rollBack(r *run, s *stage, failure pipeline.FailureType) bool {
	if target := l.succeeded[s.name]; target == "" || target == r.id {
		return l.fail(r, s, failure)
	}
	s.rollingBack, s.failure = true, failure
	l.rollbacks = append(l.rollbacks, fmt.Sprintf("%s in %s to %s", r.id, s.name, l.succeeded[s.name]))
	return true
}
