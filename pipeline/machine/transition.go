package machine

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/pipeline"
)

// setTransition opens or closes the door into a stage. Doing it again changes who
// did it and why. Opening it for all lanes also opens the asker's own, that a rollback
// may have closed: else the way would stay shut after it was said to be open.
func (t *turn) setTransition(in pipeline.SetTransition) error {
	switch {
	case in.Stage == "":
		return pipeline.Errorf(pipeline.Invalid, "a transition is that into a stage: name it")
	case !in.Enabled && in.Reason == "":
		return pipeline.Errorf(pipeline.Invalid, "say why the transition into %s is disabled", in.Stage)
	case utf8.RuneCountInString(in.Reason) > pipeline.MaxTransitionReason:
		return pipeline.Errorf(pipeline.Invalid, "the reason is longer than %d characters", pipeline.MaxTransitionReason)
	}
	door := pipeline.Transition{Stage: in.Stage, Enabled: in.Enabled, Reason: in.Reason, By: in.By, At: t.now}
	if in.AllLanes {
		t.touch(door)
		own := t.state.ClosedTransition(in.Stage)
		if !in.Enabled || own == nil {
			return nil
		}
	}
	door.Lane = t.state.Key.Lane
	t.touch(door)
	return nil
}

// touch notes what a door is like now.
func (t *turn) touch(door pipeline.Transition) {
	t.state.Transitions = slices.Clone(t.state.Transitions)
	at := slices.IndexFunc(t.state.Transitions, func(have pipeline.Transition) bool {
		return have.Stage == door.Stage && have.Lane == door.Lane
	})
	if at < 0 {
		t.state.Transitions = append(t.state.Transitions, door)
	} else {
		t.state.Transitions[at] = door
	}
	t.transitions = append(t.transitions, door)
	kind, whose := pipeline.EventTransitionDisabled, "every lane"
	if door.Enabled {
		kind = pipeline.EventTransitionEnabled
	}
	if door.Lane != (pipeline.Lane{}) {
		whose = door.Lane.String()
	}
	t.event(kind, nil, pipeline.Event{Stage: door.Stage, By: door.By, Detail: fmt.Sprintf("of %s%s", whose, detailOf(door.Reason))})
}
