package machine

import (
	"slices"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/pipeline"
)

// lockOut closes an environment to everybody who is not inside, or opens it again.
// Locking it again changes who did it and why.
func (t *turn) lockOut(in pipeline.LockEnvironment) error {
	switch {
	case in.Environment == "":
		return pipeline.Errorf(pipeline.Invalid, "it is not said which environment")
	case in.Locked && in.Reason == "":
		return pipeline.Errorf(pipeline.Invalid, "locking an environment needs a reason")
	case utf8.RuneCountInString(in.Reason) > pipeline.MaxTransitionReason:
		return pipeline.Errorf(pipeline.Invalid, "the reason is longer than %d characters", pipeline.MaxTransitionReason)
	case !in.Locked && t.state.Lockout(in.Environment) == nil:
		return pipeline.Errorf(pipeline.Conflict, "environment %s is not locked", in.Environment)
	}
	l := pipeline.EnvironmentLockout{Environment: in.Environment, Locked: in.Locked, Reason: in.Reason, By: in.By, At: t.now}
	t.lockouts = append(t.lockouts, l)
	t.state.Lockouts = append(slices.DeleteFunc(slices.Clone(t.state.Lockouts), func(have pipeline.EnvironmentLockout) bool {
		return have.Environment == in.Environment
	}), l)
	kind := pipeline.EventEnvironmentUnlocked
	if in.Locked {
		kind = pipeline.EventEnvironmentLocked
	}
	t.event(kind, nil, pipeline.Event{By: in.By, Detail: in.Environment + detailOf(in.Reason)})
	return nil
}
