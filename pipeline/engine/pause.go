package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/penstock-cd/penstock/pipeline"
)

// pause holds the orders to start an action back while the engine is paused.
// They stay open and claimed; a process that takes over finds them.
type pause struct {
	mu     sync.Mutex
	paused bool
	held   []heldOrder
}

type heldOrder struct {
	order     pipeline.Order
	execution string
}

// hold reports whether the engine is paused, and then keeps the order until it
// goes on.
func (p *pause) hold(order pipeline.Order, execution string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused {
		p.held = append(p.held, heldOrder{order, execution})
	}
	return p.paused
}

// take gives the held orders of these runs back, the oldest first; nil means all
// runs.
func (p *pause) take(executions []string) []pipeline.Order {
	p.mu.Lock()
	defer p.mu.Unlock()
	var taken []pipeline.Order
	p.held = slices.DeleteFunc(p.held, func(h heldOrder) bool {
		ours := executions == nil || slices.Contains(executions, h.execution)
		if ours {
			taken = append(taken, h.order)
		}
		return ours
	})
	slices.SortStableFunc(taken, func(a, b pipeline.Order) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return taken
}

// Pause lets no further action start. Everything else goes on: deliveries are
// handled, votes count, and actions that run come to their end. Safe twice.
func (e *Engine) Pause() {
	e.pause.mu.Lock()
	defer e.pause.mu.Unlock()
	e.pause.paused = true
}

// Resume starts what was held back, in the order in which it came, and whatever
// follows. Safe twice. An error means that a part is still held; call it again.
func (e *Engine) Resume(ctx context.Context) error {
	e.pause.mu.Lock()
	e.pause.paused = false
	e.pause.mu.Unlock()
	return e.giveBack(ctx, e.pause.take(nil))
}

// giveBack puts held orders back in line.
func (e *Engine) giveBack(ctx context.Context, orders []pipeline.Order) error {
	for i, order := range orders {
		if err := e.Store.RetryOrder(ctx, order.ID, e.Now(), nil); err != nil {
			e.pause.mu.Lock()
			for _, rest := range orders[i:] {
				e.pause.held = append(e.pause.held, heldOrder{order: rest})
			}
			e.pause.mu.Unlock()
			return fmt.Errorf("resume: order %s: %w", order.ID, err)
		}
	}
	return nil
}

// unlessStopped gives an order that was just held back if its run was stopped
// before letStop could see it there.
func (e *Engine) unlessStopped(ctx context.Context, payload pipeline.ActionOrder) error {
	a, err := e.load(ctx, payload)
	if err != nil || a != nil && a.execution.Stop == nil {
		return err
	}
	return e.giveBack(ctx, e.pause.take([]string{payload.Execution}))
}

// letStop puts the held orders of runs that were stopped back in line: what was
// never launched ends at once, paused or not.
func (e *Engine) letStop(ctx context.Context, changed []*pipeline.Execution) {
	var stopped []string
	for _, run := range changed {
		if run.Stop != nil {
			stopped = append(stopped, run.ID)
		}
	}
	if len(stopped) == 0 {
		return
	}
	if err := e.giveBack(ctx, e.pause.take(stopped)); err != nil {
		e.Logger.Error("a stopped action is still held", "error", err)
	}
}
