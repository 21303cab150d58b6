package machine_test

import (
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// moveSomebody lets one run make one step, the oldest that can; before that,
// whoever is to be superseded is.
func (l *lane) moveSomebody() bool {
	for i, older := range l.runs {
		for _, newer := range l.runs[i+1:] {
			if l.supersedes(newer, older) {
				l.end(older, pipeline.ExecutionSuperseded, true)
				return true
			}
		}
	}
	for _, r := range l.runs {
		if !r.over() && l.move(r) {
			return true
		}
	}
	return false
}

// supersedes: only between stages, and at the gate of an environment.
func (l *lane) supersedes(newer, older *run) bool {
	name := newer.waitsFor()
	if name == "" || newer.mode() != pipeline.ModeSuperseded || older.parallel() || older.over() || older.stopAs != "" {
		return false
	}
	s := older.stage(name)
	if older.rollback && older.waitsFor() != name {
		return false
	}
	return older.waitsFor() == name || s != nil && s.status == pipeline.StageInProgress && s.onlyAsks()
}

func (l *lane) move(r *run) bool {
	s := r.at()
	switch {
	case r.stopAs != "":
		return l.finishStop(r, s)
	case s == nil:
		l.finish(r, pipeline.ExecutionSucceeded, "")
		return true
	case s.status == "":
		return l.goIn(r, s)
	case s.rollingBack:
		return false
	}
	return l.goOn(r, s)
}

func (l *lane) finishStop(r *run, s *stage) bool {
	if s != nil {
		if s.running() || slices.ContainsFunc(s.rules, func(a *attempt) bool { return a.status == pipeline.ActionInProgress }) {
			return false
		}
		if s.inside() {
			l.leave(r, s, pipeline.StageStopped)
		}
	}
	l.finish(r, r.stopAs, "")
	return true
}

// goIn: the transition, the lock, the order of the ref.
func (l *lane) goIn(r *run, s *stage) bool {
	if l.shut[door{s.name, true}] || l.shut[door{s.name, false}] {
		return false
	}
	if r.parallel() {
		s.status = pipeline.StageInProgress
		return true
	}
	if newest := l.entered[s.name]; newest != "" && l.newer(newest, r.id) {
		l.end(r, pipeline.ExecutionSuperseded, true)
		return true
	}
	if l.inTheWay(r, s) != nil {
		return false
	}
	s.status = pipeline.StageInProgress
	l.entered[s.name] = r.id
	return true
}

// inTheWay is the oldest run that is in a stage, or that goes there before r.
func (l *lane) inTheWay(r *run, s *stage) *run {
	for _, other := range l.runs {
		there := other.stage(s.name)
		if other == r || other.over() || other.parallel() || there == nil {
			continue
		}
		if there.inside() || l.newer(r.id, other.id) && other.stopAs == "" && !there.passed() {
			return other
		}
	}
	return nil
}

// waits is whom a run waits for in front of a stage.
func (l *lane) waits(r *run) string {
	name := r.waitsFor()
	switch {
	case name == "":
		return "nobody"
	case l.shut[door{name, true}] || l.shut[door{name, false}]:
		return "a transition"
	}
	return l.inTheWay(r, r.stage(name)).id
}

// goOn takes a run one step further inside a stage.
func (l *lane) goOn(r *run, s *stage) bool {
	d := r.def.Stage(s.name)
	if !r.rollback {
		if moved, in := l.condition(r, s, d, pipeline.BlockWhen); !in {
			return moved
		}
	}
	if d.Environment != "" && !s.read {
		if !s.asks {
			s.asks = true
			l.toRead = append(l.toRead, question{r.id, s.name, ""})
			return true
		}
		return false
	}
	if !r.rollback {
		switch {
		case s.gate == nil:
		case s.gate.status == pipeline.ApprovalPending:
			return false
		case s.gate.status == pipeline.ApprovalRejected:
			return l.fail(r, s, pipeline.Rejected)
		case s.gate.status == pipeline.ApprovalExpired:
			return l.fail(r, s, pipeline.Expired)
		}
	}
	if d.Environment != "" && s.environment != "held" {
		if s.environment == "waiting" {
			return false
		}
		s.environment = "waiting"
		l.claims = append(l.claims, fmt.Sprintf("claim %s by %s in %s", d.Environment, r.id, s.name))
		return true
	}
	if !r.rollback {
		if moved, in := l.condition(r, s, d, pipeline.BlockBeforeEntry); !in {
			return moved
		}
	}
	if failed := firstFailed(s, d); failed != nil {
		if s.running() {
			return false
		}
		return l.actionsFailed(r, s, d, failed)
	}
	if l.startNext(r, s, d) {
		return true
	}
	if s.running() {
		return false
	}
	if !r.rollback {
		if moved, in := l.condition(r, s, d, pipeline.BlockOnSuccess); !in {
			return moved
		}
		l.succeeded[s.name] = r.id
	}
	l.leave(r, s, pipeline.StageSucceeded)
	return true
}

// readOne answers the oldest question for rules, if anybody still waits for it.
func (l *lane) readOne() bool {
	if len(l.toRead) == 0 {
		return false
	}
	q := l.toRead[0]
	l.toRead = l.toRead[1:]
	r := l.run(q.run)
	s := r.stage(q.stage)
	if r.over() || r.stopAs != "" {
		return true
	}
	if q.attempt != "" {
		for _, d := range r.def.Stage(s.name).Actions {
			if a := s.newest[d.Name]; a != nil && a.key == q.attempt && a.asks && a.status == pipeline.ActionInProgress {
				a.gate, a.asks = l.ask(a.key, d.Approval), false
			}
		}
		return true
	}
	if s.status != pipeline.StageInProgress || !s.asks || s.read {
		return true
	}
	s.read = true
	asks := gateOf(r.def, r.def.Stage(s.name))
	switch {
	case asks == nil || s.gate != nil || r.rollback && !r.asked:
	case r.rollback: // asking is a vote
		s.gate = l.ask(actionKey(r, s, "", 1), asks)
		s.gate.status = pipeline.ApprovalApproved
	default:
		s.gates++
		s.gate = l.ask(actionKey(r, s, "", s.gates), asks)
	}
	return true
}

// gateOf is what the environment of a stage asks for; nil: nothing.
func gateOf(p *pipeline.Pipeline, stage *pipeline.Stage) *pipeline.Policy {
	for _, e := range p.Environments {
		if e.Name == stage.Environment {
			return e.Approval
		}
	}
	return nil
}

// firstFailed is the first action of the file that failed and is not to run again.
func firstFailed(s *stage, d *pipeline.Stage) *attempt {
	for i := range d.Actions {
		if a := s.newest[d.Actions[i].Name]; a != nil && a.failed() && !a.again {
			return a
		}
	}
	return nil
}

// startNext starts what is to start of the lowest run order that is not done.
func (l *lane) startNext(r *run, s *stage, d *pipeline.Stage) (started bool) {
	done := func(a *attempt) bool {
		return a != nil && (a.status == pipeline.ActionSucceeded || a.status == pipeline.ActionSkipped)
	}
	for order := 1; order <= 9; order++ {
		all := true
		for _, d := range d.Actions {
			a := s.newest[d.Name]
			if d.RunOrder != order || done(a) {
				continue
			}
			all = false
			if a == nil || a.again {
				l.begin(r, s, d)
				started = true
			}
		}
		if !all {
			return started
		}
	}
	return false
}

func (l *lane) begin(r *run, s *stage, d pipeline.Action) {
	s.tries[d.Name]++
	a := &attempt{key: actionKey(r, s, d.Name, s.tries[d.Name]), status: pipeline.ActionInProgress}
	s.newest[d.Name] = a
	switch {
	case d.Approval != nil && r.rollback:
		a.status = pipeline.ActionSkipped
	case d.Approval != nil && d.When.RunIf == "":
		l.askFor(r, s, a)
	default:
		l.starts = append(l.starts, a.key)
	}
}

// askFor asks for the rules of the gate of an action.
func (l *lane) askFor(r *run, s *stage, a *attempt) {
	a.asks = true
	l.toRead = append(l.toRead, question{r.id, s.name, a.key})
}

func (l *lane) ask(key string, policy *pipeline.Policy) *gate {
	return &gate{key: key, status: pipeline.ApprovalPending, needs: policy.Required, yes: map[int64]bool{}, expires: l.now.Add(policy.Timeout)}
}

// actionsFailed: once again by itself, back to the last success, or failed. People
// who said no, or nothing, are not asked again.
func (l *lane) actionsFailed(r *run, s *stage, d *pipeline.Stage, failed *attempt) bool {
	for _, a := range s.newest {
		if a.failed() && !a.again && (a.failure == pipeline.Rejected || a.failure == pipeline.Expired) {
			return l.fail(r, s, failed.failure)
		}
	}
	f := d.OnFailure
	switch {
	case f == nil || r.rollback:
	case f.Result == pipeline.ResultRetry && !s.autoRetried:
		s.autoRetried = true
		l.again(s, f.RetryMode)
		return true
	case f.Result == pipeline.ResultRollback:
		return l.rollBack(r, s, failed.failure)
	case f.Condition != nil:
		v := s.conditions[pipeline.BlockOnFailure]
		if v != nil && v.status == pipeline.ConditionFailed {
			return l.rollBack(r, s, failed.failure)
		}
		if moved, in := l.condition(r, s, d, pipeline.BlockOnFailure); !in {
			return moved
		}
	}
	return l.fail(r, s, failed.failure)
}

// again: of a stage that is retried, all is begun anew, or what failed.
func (l *lane) again(s *stage, mode pipeline.RetryMode) {
	l.forget(s, pipeline.BlockOnSuccess, pipeline.BlockOnFailure)
	if mode == pipeline.RetryAllActions {
		s.newest = map[string]*attempt{}
		return
	}
	for _, a := range s.newest {
		a.again = a.failed()
	}
}

func (l *lane) fail(r *run, s *stage, failure pipeline.FailureType) bool {
	l.leave(r, s, pipeline.StageFailed)
	s.failure = failure
	l.finish(r, pipeline.ExecutionFailed, failure)
	return true
}

func (l *lane) leave(r *run, s *stage, status pipeline.StageStatus) {
	s.status, s.failure, s.rollingBack = status, "", false
	if s.environment != "" {
		s.environment = ""
		l.giveBack(r, s)
	}
}

func (l *lane) giveBack(r *run, s *stage) {
	l.claims = append(l.claims, fmt.Sprintf("release %s by %s in %s", r.def.Stage(s.name).Environment, r.id, s.name))
}

func (l *lane) expire() {
	for _, r := range l.runs {
		for _, s := range r.stages {
			if s.gate != nil && s.gate.open() && !l.now.Before(s.gate.expires) {
				s.gate.status = pipeline.ApprovalExpired
			}
			for _, a := range s.newest {
				if a.gate != nil && a.gate.open() && !l.now.Before(a.gate.expires) {
					a.gate.status, a.status, a.failure = pipeline.ApprovalExpired, pipeline.ActionFailed, pipeline.Expired
				}
			}
		}
	}
}

func (g *gate) open() bool { return g.status == pipeline.ApprovalPending }
