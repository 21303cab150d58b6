package storagetest

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Enqueue implements pipeline.Store.
func (m *Memory) Enqueue(ctx context.Context, orders ...pipeline.Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, "Enqueue"); err != nil {
		return err
	}
	for _, o := range orders {
		if err := checkOrder(o); err != nil {
			return err
		}
	}
	for _, o := range orders {
		m.put(o)
	}
	m.stir()
	return nil
}

// NextOrder implements pipeline.Store.
func (m *Memory) NextOrder(ctx context.Context) (pipeline.Order, error) {
	for {
		order, moved, wait, err := m.claim(ctx)
		if err != nil || order.ID != "" {
			return order, err
		}
		var due <-chan time.Time
		var timer *time.Timer
		if wait > 0 {
			timer = time.NewTimer(wait)
			due = timer.C
		}
		select {
		case <-moved:
		case <-due:
		case <-ctx.Done():
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

// claim returns the first order that is due, or what to wait for: a change, and
// the time until the next is due, if there is one.
func (m *Memory) claim(ctx context.Context) (pipeline.Order, <-chan struct{}, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return pipeline.Order{}, nil, 0, err
	}
	now := time.Now()
	for _, o := range m.sorted() {
		if o.dead || o.claimed {
			continue
		}
		if wait := o.order.Due.Sub(now); wait > 0 {
			return pipeline.Order{}, m.moved, wait, nil
		}
		o.claimed = true
		return o.order, nil, 0, nil
	}
	return pipeline.Order{}, m.moved, 0, nil
}

// due reports whether NextOrder would return at once.
func (m *Memory) due() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.orders {
		if !o.dead && !o.claimed && !o.order.Due.After(time.Now()) {
			return true
		}
	}
	return false
}

// CompleteOrder implements pipeline.Store.
func (m *Memory) CompleteOrder(ctx context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, "CompleteOrder"); err != nil {
		return err
	}
	delete(m.orders, id)
	m.stir()
	return nil
}

// RetryOrder implements pipeline.Store. A zero due means at once.
func (m *Memory) RetryOrder(ctx context.Context, id string, due time.Time, cause error) error {
	return m.change(ctx, "RetryOrder", id, func(o *memoryOrder) {
		if due.IsZero() {
			due = stored(time.Now())
		}
		o.order.Due, o.claimed, o.dead = storedDue(due), false, false
		if cause != nil {
			o.order.Attempts++
			o.order.LastError = cause.Error()
		}
	})
}

// OpenOrders implements pipeline.Store.
func (m *Memory) OpenOrders(ctx context.Context, kind pipeline.OrderKind) ([]pipeline.Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, "OpenOrders"); err != nil {
		return nil, err
	}
	var list []pipeline.Order
	for _, o := range m.sorted() {
		if !o.dead && o.order.Kind == kind {
			list = append(list, o.order)
		}
	}
	return list, nil
}

// BuryOrder implements pipeline.Store.
func (m *Memory) BuryOrder(ctx context.Context, id string, cause error) error {
	return m.change(ctx, "BuryOrder", id, func(o *memoryOrder) {
		o.dead, o.claimed, o.order.LastError = true, false, "given up"
		o.order.Attempts++
		if cause != nil {
			o.order.LastError = cause.Error()
		}
	})
}

func (m *Memory) change(ctx context.Context, operation, id string, change func(*memoryOrder)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, operation); err != nil {
		return err
	}
	o := m.orders[id]
	if o == nil {
		return fmt.Errorf("order %s: %w", id, pipeline.Errorf(pipeline.NotFound, "no such order"))
	}
	change(o)
	m.stir()
	return nil
}
