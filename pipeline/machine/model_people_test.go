package machine_test

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// What providers tell.

func (l *lane) launched(in pipeline.ActionLaunched) {
	r, s, a := l.find(in.AttemptID)
	if a == nil || a.status != pipeline.ActionInProgress || a.gate != nil {
		return
	}
	for _, d := range r.def.Stage(s.name).Actions {
		if s.newest[d.Name] == a && d.Approval != nil { // its expression lets it ask
			if r.stopAs != "" {
				a.status = pipeline.ActionAbandoned
			} else if !a.asks {
				l.askFor(r, s, a)
			}
			return
		}
	}
	if r.abandon {
		l.asked[a.key] = true
	}
}

func (l *lane) ended(in pipeline.ActionEnded) {
	r, s, a := l.find(in.AttemptID)
	if a == nil || a.gate != nil || a.status != pipeline.ActionInProgress {
		return
	}
	for _, d := range r.def.Stage(s.name).Actions {
		if s.newest[d.Name] == a && d.Approval != nil && in.Status == pipeline.ActionSucceeded {
			return // people approve, nobody else
		}
	}
	a.status, a.failure = in.Status, in.FailureType
}

func (l *lane) granted(in pipeline.EnvironmentGranted) {
	r := l.run(in.ExecutionID)
	if r == nil || r.stage(in.Stage) == nil {
		return
	}
	switch s := r.stage(in.Stage); s.environment {
	case "waiting":
		s.environment = "held"
		l.claims = append(l.claims, fmt.Sprintf("hold %s by %s in %s", r.def.Stage(s.name).Environment, r.id, s.name))
	case "":
		l.giveBack(r, s)
	}
}

// What people ask for.

func (l *lane) vote(in pipeline.VoteGiven) refusal {
	for _, r := range l.runs {
		for _, s := range r.stages {
			gates := map[*gate]*attempt{s.gate: nil}
			for _, a := range s.newest {
				gates[a.gate] = a
			}
			for g, a := range gates {
				if g == nil || g.key != in.ApprovalID {
					continue
				}
				if !g.open() {
					return conflict
				}
				g.count(in.Vote)
				if a != nil && g.status == pipeline.ApprovalApproved {
					a.status = pipeline.ActionSucceeded
				}
				if a != nil && g.status == pipeline.ApprovalRejected {
					a.status, a.failure = pipeline.ActionFailed, pipeline.Rejected
				}
				return ""
			}
		}
	}
	return notFound
}

// count: only those with write access count, each once; one no is enough.
func (g *gate) count(v pipeline.Vote) {
	switch {
	case v.Facts.Permission != pipeline.PermissionWrite:
	case v.Verdict == pipeline.Reject:
		g.status = pipeline.ApprovalRejected
	default:
		g.yes[v.Facts.Voter.ID] = true
		if len(g.yes) >= g.needs {
			g.status = pipeline.ApprovalApproved
		}
	}
}

func (l *lane) stop(in pipeline.StopExecution) refusal {
	r := l.run(in.ExecutionID)
	switch {
	case r == nil:
		return notFound
	case r.over(), r.stopAs != "" && (r.abandon || !in.Abandon):
		return conflict
	}
	l.end(r, pipeline.ExecutionStopped, in.Abandon)
	return ""
}

func (l *lane) close(in pipeline.CloseLane) {
	if n := len(l.changes); in.At.Before(l.closedAt) || n > 0 && in.At.Before(l.changes[n-1].at) {
		return
	}
	l.closedAt = in.At
	for _, r := range l.runs {
		if !r.over() && !r.abandon {
			l.end(r, pipeline.ExecutionStopped, true)
		}
	}
}

func (l *lane) retry(in pipeline.RetryStage) refusal {
	r := l.run(in.ExecutionID)
	if r == nil {
		return notFound
	}
	s := r.at()
	if in.Stage != "" {
		if s = r.stage(in.Stage); s == nil {
			return notFound
		}
	}
	if s == nil || s.status == "" || s.passed() || !l.mayResume(r, s) {
		return conflict
	}
	if s.status == pipeline.StageInProgress {
		failed := firstFailed(s, r.def.Stage(s.name)) != nil
		if s.rollingBack || !failed || in.Mode == pipeline.RetryAllActions && s.running() {
			return conflict
		}
	}
	l.resume(r, s)
	l.again(s, in.Mode)
	return ""
}

// mayResume: a run goes on in a stage only if no newer one has been there, nobody is
// there now, and there is room.
func (l *lane) mayResume(r *run, s *stage) bool {
	switch {
	case r.status == pipeline.ExecutionStopping, r.status == pipeline.ExecutionSuperseded,
		r.status == pipeline.ExecutionCancelled, r.status == pipeline.ExecutionSucceeded, !l.closedAt.IsZero():
		return false
	case r.over() && r.mode() != pipeline.ModeSuperseded && l.unfinished() >= 50:
		return false
	case r.parallel():
		return true
	case l.entered[s.name] != "" && l.newer(l.entered[s.name], r.id):
		return false
	}
	for _, other := range l.runs {
		if other != r && !other.over() && !other.parallel() && other.stage(s.name).inside() {
			return false
		}
	}
	return true
}

func (l *lane) resume(r *run, s *stage) {
	if r.over() {
		r.status, r.failure, r.stopAs, r.abandon = pipeline.ExecutionInProgress, "", "", false
	}
	s.status, s.failure = pipeline.StageInProgress, ""
	if s.gate != nil && s.gate.status != pipeline.ApprovalApproved {
		s.gate = nil
	}
	if s.environment == "" {
		s.asks, s.read = false, false
	}
	for _, block := range []pipeline.ConditionBlock{pipeline.BlockWhen, pipeline.BlockBeforeEntry} {
		if v := s.conditions[block]; v != nil && (v.status == pipeline.ConditionFailed || v.status == pipeline.ConditionAbandoned) {
			v.status = ""
		}
	}
}

func (l *lane) override(in pipeline.OverrideCondition) refusal {
	r := l.run(in.ExecutionID)
	if r == nil || r.stage(in.Stage) == nil {
		return notFound
	}
	s := r.stage(in.Stage)
	v := s.conditions[in.Block]
	if v == nil || s.rollingBack || s.status == pipeline.StageSkipped ||
		v.status != pipeline.ConditionFailed && v.status != pipeline.ConditionInProgress ||
		r.def.Stage(s.name).Condition(in.Block).Result == pipeline.ResultSkip || r.stopAs != "" && !r.over() {
		return conflict
	}
	if r.over() {
		if !l.mayResume(r, s) {
			return conflict
		}
		l.resume(r, s)
	}
	v.status = pipeline.ConditionOverridden
	l.stopRules(s)
	return ""
}

func (l *lane) rollBackTo(in pipeline.RollbackStage) refusal {
	failed := l.run(in.Failed)
	if in.Failed != "" && (failed == nil || failed.stage(in.Stage) == nil || !failed.stage(in.Stage).rollingBack) {
		return conflict
	}
	refused := l.mayRollBack(in)
	if refused != "" && failed == nil {
		return refused
	}
	if failed != nil {
		l.fail(failed, failed.stage(in.Stage), failed.stage(in.Stage).failure)
		if refused != "" {
			return ""
		}
	}
	s := newStage(in.Stage)
	s.status = pipeline.StageInProgress
	l.runs = append(l.runs, &run{id: in.ExecutionID, def: l.run(in.Target).def,
		status: pipeline.ExecutionInProgress, rollback: true, asked: failed == nil, stages: []*stage{s}})
	if failed == nil {
		l.shut[door{in.Stage, !l.pull}] = true // a pull request does not keep main out
	}
	return ""
}

func (l *lane) mayRollBack(in pipeline.RollbackStage) refusal {
	target := l.run(in.Target)
	switch {
	case target == nil:
		return notFound
	case target.rollback:
		return conflict
	case target.stage(in.Stage) == nil:
		return notFound
	case target.stage(in.Stage).status != pipeline.StageSucceeded, !l.closedAt.IsZero():
		return conflict
	}
	for _, r := range l.runs {
		if r.id != in.Failed && !r.over() && r.stage(in.Stage).inside() {
			return conflict
		}
	}
	return ""
}
