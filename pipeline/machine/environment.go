package machine

import (
	"github.com/penstock-cd/penstock/pipeline"
)

// lockEnvironment claims the environment of a stage and waits for it: it holds one
// run of its repository at a time.
func (t *turn) lockEnvironment(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	switch {
	case definition.Environment == "" || s.Environment == pipeline.EnvironmentHeld:
		return passes
	case s.Environment == pipeline.EnvironmentWaiting, t.state.Lockout(definition.Environment) != nil:
		return waits
	}
	t.edit(e).Stage(s.Name).Environment = pipeline.EnvironmentWaiting
	t.claims = append(t.claims, pipeline.EnvironmentClaim{Environment: definition.Environment, Execution: e.ID, Stage: s.Name})
	return moved
}

// environmentGranted gives a stage the lock that it waits for. One that does not
// wait any more gives it back.
func (t *turn) environmentGranted(in pipeline.EnvironmentGranted) {
	e := t.find(in.ExecutionID)
	if e == nil {
		return
	}
	definition, s := t.state.Definition(e).Stage(in.Stage), e.Stage(in.Stage)
	if definition == nil || s == nil || s.Environment == pipeline.EnvironmentHeld {
		return
	}
	claim := pipeline.EnvironmentClaim{Environment: definition.Environment, Execution: e.ID, Stage: in.Stage}
	switch {
	case s.Environment == pipeline.EnvironmentWaiting && t.state.Lockout(definition.Environment) != nil:
		t.edit(e).Stage(in.Stage).Environment = pipeline.EnvironmentFree // it is claimed anew when it is unlocked
		t.releases = append(t.releases, claim)
	case s.Environment == pipeline.EnvironmentWaiting:
		t.holds = append(t.holds, claim)
		e = t.edit(e)
		e.Stage(in.Stage).Environment = pipeline.EnvironmentHeld
		t.event(pipeline.EventEnvironmentGranted, e, pipeline.Event{Stage: in.Stage, Detail: definition.Environment})
	default:
		t.releases = append(t.releases, claim)
	}
}

// releaseEnvironment gives the lock back, or takes a run out of the line for it. s
// belongs to this turn's own copy of e.
func (t *turn) releaseEnvironment(e *pipeline.Execution, s *pipeline.StageExecution) {
	if s.Environment == pipeline.EnvironmentFree {
		return
	}
	name := t.state.Definition(e).Stage(s.Name).Environment
	if s.Environment == pipeline.EnvironmentHeld {
		t.event(pipeline.EventEnvironmentReleased, e, pipeline.Event{Stage: s.Name, Detail: name})
	}
	s.Environment = pipeline.EnvironmentFree
	t.releases = append(t.releases, pipeline.EnvironmentClaim{Environment: name, Execution: e.ID, Stage: s.Name})
}
