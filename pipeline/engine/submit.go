package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

// maxStale is how often a turn is begun anew because another process was faster.
const maxStale = 20

// Submit gives an input to a lane and saves what follows. It returns the events
// of the turn. key is the business key of the input: if it has had its effect
// already, the error wraps pipeline.ErrDuplicate. An input that makes no sense
// now is an error of kind Conflict, NotFound, Forbidden or Invalid, with a
// sentence for the person who asked.
func (e *Engine) Submit(ctx context.Context, lane pipeline.StateKey, key string, input pipeline.Input) ([]pipeline.Event, error) {
	decision, err := e.turn(ctx, turn{lane: lane, key: key, input: input})
	return decision.Events, err
}

// turn is one input with what is to be saved along with its effects.
type turn struct {
	lane  pipeline.StateKey
	key   string // business key, may be empty
	input pipeline.Input
	done  string // an order that the turn finishes, may be empty
	// also returns more orders to save, seeing what was decided.
	also func(machine.Decision) []pipeline.Order
}

// Turned is what is told of a turn.
type Turned struct {
	Took    time.Duration // with its wait for other turns of the lane
	Events  []pipeline.Event
	Changed []*pipeline.Execution
	Err     error
}

func (e *Engine) turn(ctx context.Context, t turn) (machine.Decision, error) {
	began := time.Now()
	decision, err := e.lockedTurn(ctx, t)
	if e.OnTurn != nil {
		e.OnTurn(Turned{Took: time.Since(began), Events: decision.Events, Changed: decision.Changed, Err: err})
	}
	return decision, err
}

func (e *Engine) lockedTurn(ctx context.Context, t turn) (machine.Decision, error) {
	defer e.lanes.lock(laneName(t.lane))()
	for range maxStale {
		decision, err := e.tryTurn(ctx, t)
		if !errors.Is(err, pipeline.ErrStale) {
			return decision, err
		}
	}
	return machine.Decision{}, pipeline.Errorf(pipeline.Unavailable, "lane %s: %w", t.lane.Lane, pipeline.ErrStale)
}

func (e *Engine) tryTurn(ctx context.Context, t turn) (machine.Decision, error) {
	state, err := e.Store.LoadState(ctx, t.lane, t.input.Executions()...)
	if err != nil {
		return machine.Decision{}, fmt.Errorf("lane %s: load: %w", t.lane.Lane, err)
	}
	decision, err := machine.Next(state, t.input, e.Now())
	if err != nil {
		return machine.Decision{}, err
	}
	orders := decision.Orders
	if t.also != nil {
		orders = append(orders, t.also(decision)...)
	}
	if len(decision.Changed)+len(decision.Events)+len(orders)+len(decision.Releases) == 0 && t.key == "" {
		if t.done == "" {
			return decision, nil
		}
		return decision, e.Store.CompleteOrder(ctx, t.done)
	}
	save := pipeline.Turn{
		Key: t.lane, Version: state.Version, Ledger: decision.State.Ledger,
		Changed: decision.Changed, Definitions: newDefinitions(state, decision.State),
		Events: decision.Events, Orders: orders, Done: t.done, InputKey: t.key,
		Transitions: decision.Transitions, Lockouts: decision.Lockouts, Claims: decision.Claims, Releases: decision.Releases, Holds: decision.Holds,
	}
	if err := e.Store.SaveTurn(ctx, &save); err != nil {
		return machine.Decision{}, fmt.Errorf("lane %s: save: %w", t.lane.Lane, err)
	}
	e.log(decision)
	e.letStop(ctx, decision.Changed)
	return decision, nil
}

func newDefinitions(before, after pipeline.State) map[string]*pipeline.Pipeline {
	fresh := map[string]*pipeline.Pipeline{}
	for digest, definition := range after.Definitions {
		if before.Definitions[digest] == nil {
			fresh[digest] = definition
		}
	}
	return fresh
}

// log writes one line an event, with the same keys everywhere.
func (e *Engine) log(decision machine.Decision) {
	for _, event := range decision.Events {
		e.Logger.Info(string(event.Kind),
			"pipeline", decision.State.Key.Pipeline, "execution", event.Execution,
			"stage", event.Stage, "action", event.Action, "detail", event.Detail)
	}
}

func laneName(key pipeline.StateKey) string {
	return fmt.Sprintf("%s/%d/%s/%s", key.Host, key.RepositoryID, key.Pipeline, key.Lane)
}
