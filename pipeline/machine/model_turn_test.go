package machine_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// turn is what follows from an input at a time: the lane after it, or the kind of
// the refusal and the lane as it was.
func (l *lane) turn(in pipeline.Input, now time.Time) (*lane, refusal) {
	after := l.copy()
	after.now = now
	after.starts, after.claims, after.rollbacks = nil, nil, nil
	after.expire()
	if refused := after.take(in); refused != "" {
		return l, refused
	}
	for after.moveSomebody() || after.readOne() {
	}
	return after, ""
}

func (l *lane) take(in pipeline.Input) refusal {
	switch in := in.(type) {
	case pipeline.StartExecution:
		return l.start(in)
	case pipeline.ActionLaunched:
		l.launched(in)
	case pipeline.ActionEnded:
		l.ended(in)
	case pipeline.VoteGiven:
		return l.vote(in)
	case pipeline.StopExecution:
		return l.stop(in)
	case pipeline.RetryStage:
		return l.retry(in)
	case pipeline.RollbackStage:
		return l.rollBackTo(in)
	case pipeline.OverrideCondition:
		return l.override(in)
	case pipeline.SetTransition:
		l.shut[door{in.Stage, in.AllLanes}] = !in.Enabled
		if in.Enabled {
			l.shut[door{in.Stage, false}] = false // open for all is open for this one too
		}
	case pipeline.EnvironmentGranted:
		l.granted(in)
	case pipeline.CloseLane:
		l.close(in)
	}
	return ""
}

// start puts a run at its place.
func (l *lane) start(in pipeline.StartExecution) refusal {
	r := &run{id: in.Execution.ID, def: in.Definition, status: pipeline.ExecutionInProgress}
	for _, s := range in.Definition.Stages {
		r.stages = append(r.stages, newStage(s.Name))
	}
	late, unknown := l.late(in)
	if unknown {
		return conflict
	}
	l.place(r, in.Change, late)
	waitsForNone := r.mode() == pipeline.ModeQueued || r.parallel()
	switch {
	case waitsForNone && l.unfinished() > 50:
		l.finish(r, pipeline.ExecutionFailed, pipeline.ConfigurationError)
		return ""
	case late && !waitsForNone:
		l.finish(r, pipeline.ExecutionSuperseded, "")
		return ""
	case !l.closedAt.IsZero() && in.Change != nil && in.Change.At.Before(l.closedAt):
		l.finish(r, pipeline.ExecutionCancelled, "")
		return ""
	}
	if !in.KeepClosed {
		l.closedAt = time.Time{}
	}
	cancels := l.pull && !r.parallel()
	if in.Definition.CancelInProgress != nil {
		cancels = *in.Definition.CancelInProgress
	}
	for _, older := range l.runs {
		if older == r {
			break
		}
		if !cancels || older.over() || older.stopAs != "" {
			continue
		}
		if s := older.at(); s.inside() && !s.onlyAsks() && older.def.Stage(s.name).Environment != "" {
			continue // a deployment is never cut off
		}
		l.end(older, pipeline.ExecutionSuperseded, true)
	}
	return ""
}

func newStage(name string) *stage {
	return &stage{name: name, newest: map[string]*attempt{}, tries: map[string]int{}, conditions: map[pipeline.ConditionBlock]*verdict{}}
}

// late reports whether a change is older than the newest that was accepted, or
// that this cannot be told.
func (l *lane) late(in pipeline.StartExecution) (late, unknown bool) {
	if in.Change == nil || len(l.changes) == 0 {
		return false, false
	}
	c, newest := in.Change, l.changes[len(l.changes)-1]
	if !c.At.Equal(newest.at) {
		return c.At.Before(newest.at), false
	}
	follows := c.Before != "" && c.Before == newest.after
	precedes := slices.ContainsFunc(l.changes, func(have told) bool {
		return have.at.Equal(c.At) && have.before != "" && have.before == c.After
	})
	switch {
	case follows != precedes:
		return precedes, false
	case in.Head == "":
		return false, true
	}
	return in.Head == newest.after && in.Head != c.After, false
}

// place puts a run last, or directly in front of the run of the oldest of the
// changes that are known to be newer than its own.
func (l *lane) place(r *run, change *pipeline.Change, late bool) {
	if change == nil {
		l.runs = append(l.runs, r)
		return
	}
	c := told{change.At, change.Before, change.After, r.id}
	if !late {
		l.runs, l.changes = append(l.runs, r), append(l.changes, c)
		return
	}
	at := len(l.changes) - 1
	for at > 0 {
		before := l.changes[at-1]
		if !before.at.After(c.at) && !(before.at.Equal(c.at) && before.before == c.after) {
			break
		}
		at--
	}
	next := slices.IndexFunc(l.runs, func(have *run) bool { return have.id == l.changes[at].run })
	l.runs = slices.Insert(l.runs, next, r)
	l.changes = slices.Insert(l.changes, at, c)
}

func (l *lane) finish(r *run, status pipeline.ExecutionStatus, failure pipeline.FailureType) {
	r.status, r.failure = status, failure
}

// end asks a run to end before its last stage.
func (l *lane) end(r *run, as pipeline.ExecutionStatus, abandon bool) {
	r.status, r.stopAs, r.abandon = pipeline.ExecutionStopping, as, abandon
	for _, s := range r.stages {
		if s.gate != nil && s.gate.status == pipeline.ApprovalPending {
			s.gate.status = pipeline.ApprovalCancelled
		}
		for _, a := range s.newest {
			if a.gate != nil && a.gate.status == pipeline.ApprovalPending {
				a.gate.status, a.status = pipeline.ApprovalCancelled, pipeline.ActionAbandoned
			}
			if a.asks && a.status == pipeline.ActionInProgress {
				a.status = pipeline.ActionAbandoned
			}
		}
	}
	s := r.at()
	if !s.inside() {
		return
	}
	s.status, s.rollingBack = pipeline.StageStopping, false
	for _, v := range s.conditions {
		if v.status == pipeline.ConditionInProgress {
			v.status = pipeline.ConditionAbandoned
			l.stopRules(s)
		}
	}
	for _, a := range s.newest {
		if abandon && a.status == pipeline.ActionInProgress {
			l.asked[a.key] = true
		}
	}
}

// stopRules: nobody waits for the rules of a stage any more.
func (l *lane) stopRules(s *stage) {
	for _, rule := range s.rules {
		if rule.status == pipeline.ActionInProgress {
			l.asked[rule.key] = true
		}
	}
}

// Attempts have names that people could read.
func actionKey(r *run, s *stage, name string, n int) string {
	return fmt.Sprintf("%s/%s/%s#%d", r.id, s.name, name, n)
}

// find returns what runs under a key.
func (l *lane) find(key string) (*run, *stage, *attempt) {
	for _, r := range l.runs {
		for _, s := range r.stages {
			for _, a := range s.newest {
				if a.key == key {
					return r, s, a
				}
			}
			for _, a := range s.rules {
				if a.key == key {
					return r, s, a
				}
			}
		}
	}
	return nil, nil, nil
}
