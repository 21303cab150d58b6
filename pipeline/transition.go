package pipeline

import "time"

// Transition is the door into a stage of a pipeline. A door that nobody has
// touched is open.
type Transition struct {
	Stage string `json:"stage"`
	// Lane is whose door it is; zero: every lane's. A lane gets in when both its own
	// and every lane's are open.
	Lane    Lane      `json:"lane,omitzero"`
	Enabled bool      `json:"enabled"`
	Reason  string    `json:"reason,omitempty"` // why it was closed, a sentence for people
	By      Actor     `json:"by,omitzero"`
	At      time.Time `json:"at"`
}

// MaxTransitionReason is how long a reason may be, as on AWS.
const MaxTransitionReason = 300

// ClosedTransition returns the door that keeps the lane out of a stage, or nil.
func (s *State) ClosedTransition(stage string) *Transition {
	for i := range s.Transitions {
		t := &s.Transitions[i]
		if t.Stage == stage && !t.Enabled && (t.Lane == Lane{} || t.Lane == s.Key.Lane) {
			return t
		}
	}
	return nil
}
