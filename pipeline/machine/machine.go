package machine

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Decision is what follows from an input.
type Decision struct {
	State   pipeline.State        // after the input
	Changed []*pipeline.Execution // the new and changed runs of State
	Events  []pipeline.Event
	Orders  []pipeline.Order
	// Transitions, Lockouts, Claims, Releases and Holds are those of pipeline.Turn.
	Transitions             []pipeline.Transition
	Lockouts                []pipeline.EnvironmentLockout
	Claims, Releases, Holds []pipeline.EnvironmentClaim
}

// Next decides what follows from an input at a time. It changes nothing of what
// it is given, and the same arguments give the same answer. An input that has
// lost its object (an attempt that has ended, a run that is over) changes
// nothing and is no error, unless a person asked for it: then the error, of kind
// Conflict, NotFound or Forbidden, says why it makes no sense now.
func Next(state pipeline.State, input pipeline.Input, now time.Time) (Decision, error) {
	for _, e := range state.Executions {
		if state.Definition(e) == nil {
			return Decision{}, fmt.Errorf("machine: run %s has no definition", e.ID)
		}
	}
	t := newTurn(state, now)
	t.watchGates()
	if err := t.apply(input); err != nil {
		return Decision{}, err
	}
	t.settle()
	t.tellWaits()
	return t.decision()
}

// turn is one run of Next: the state being changed and what has come of it.
type turn struct {
	state   pipeline.State
	now     time.Time
	changed map[string]bool // runs that are this turn's own copies
	events  []pipeline.Event
	orders  []pipeline.Order
	err     error

	transitions             []pipeline.Transition
	lockouts                []pipeline.EnvironmentLockout
	claims, releases, holds []pipeline.EnvironmentClaim
}

func newTurn(state pipeline.State, now time.Time) *turn {
	state.Executions = slices.Clone(state.Executions)
	entered := make(map[string]int64, len(state.Ledger.Entered)+1)
	for stage, position := range state.Ledger.Entered {
		entered[stage] = position
	}
	state.Ledger.V = 1
	state.Ledger.Entered = entered
	succeeded := make(map[string]string, len(state.Ledger.Succeeded)+1)
	for stage, id := range state.Ledger.Succeeded {
		succeeded[stage] = id
	}
	state.Ledger.Succeeded = succeeded
	state.Ledger.Changes = slices.Clone(state.Ledger.Changes)
	return &turn{state: state, now: now, changed: map[string]bool{}}
}

func (t *turn) apply(input pipeline.Input) error {
	switch in := input.(type) {
	case pipeline.StartExecution:
		return t.start(in)
	case pipeline.ActionLaunched:
		t.launched(in)
	case pipeline.ActionProgressed:
		t.progressed(in)
	case pipeline.ActionEnded:
		t.ended(in)
	case pipeline.RulesRead:
		t.rulesRead(in)
	case pipeline.VoteGiven:
		return t.vote(in)
	case pipeline.VoteWithdrawn:
		return t.withdraw(in)
	case pipeline.OverrideGate:
		return t.overrideGate(in)
	case pipeline.StopExecution:
		return t.stop(in)
	case pipeline.RetryStage:
		return t.retry(in)
	case pipeline.RollbackStage:
		return t.rollback(in)
	case pipeline.OverrideCondition:
		return t.override(in)
	case pipeline.SetTransition:
		return t.setTransition(in)
	case pipeline.LockEnvironment:
		return t.lockOut(in)
	case pipeline.EnvironmentGranted:
		t.environmentGranted(in)
	case pipeline.CloseLane:
		t.closeLane(in)
	case pipeline.Wake:
	default:
		return fmt.Errorf("machine: unknown input %T", input)
	}
	return nil
}

func (t *turn) decision() (Decision, error) {
	d := Decision{
		State: t.state, Events: t.events, Orders: t.orders,
		Transitions: t.transitions, Lockouts: t.lockouts, Claims: t.claims, Releases: t.releases, Holds: t.holds,
	}
	for _, e := range t.state.Executions {
		if t.changed[e.ID] {
			e.UpdatedAt = t.now
			d.Changed = append(d.Changed, e)
		}
	}
	return d, t.err
}

// find returns the run with that id as it is, or nil. It must not be changed.
func (t *turn) find(id string) *pipeline.Execution { return t.state.Execution(id) }

// edit returns this turn's own copy of a run, to be changed.
func (t *turn) edit(e *pipeline.Execution) *pipeline.Execution {
	if t.changed[e.ID] {
		return t.find(e.ID)
	}
	for i, have := range t.state.Executions {
		if have.ID == e.ID {
			t.state.Executions[i] = e.Clone()
			t.changed[e.ID] = true
			return t.state.Executions[i]
		}
	}
	panic("machine: a run outside of the state")
}

// event notes a fact about a run.
func (t *turn) event(kind pipeline.EventKind, e *pipeline.Execution, event pipeline.Event) {
	event.Kind, event.At = kind, t.now
	if e != nil {
		event.Execution = e.ID
	}
	t.events = append(t.events, event)
}

// order asks for work on an attempt.
func (t *turn) order(kind pipeline.OrderKind, e *pipeline.Execution, attemptID string) {
	t.enqueue(kind, time.Time{}, pipeline.ActionOrder{
		V: 1, Key: t.state.Key, Execution: e.ID, Attempt: attemptID,
	})
}

// wakeAt asks to look at the lane again at a deadline.
func (t *turn) wakeAt(due time.Time) {
	t.enqueue(pipeline.WakeLane, due, pipeline.LaneOrder{V: 1, Key: t.state.Key})
}

func (t *turn) enqueue(kind pipeline.OrderKind, due time.Time, payload any) {
	body, err := json.Marshal(payload)
	if err != nil {
		t.err = fmt.Errorf("%s: payload: %w", kind, err)
		return
	}
	t.orders = append(t.orders, pipeline.Order{
		RepositoryID: t.state.Key.RepositoryID, Kind: kind, Payload: body, Due: due, CreatedAt: t.now,
	})
}
