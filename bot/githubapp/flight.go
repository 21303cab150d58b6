package githubapp

import (
	"context"
	"sync"
)

// flight lets callers that want the same thing at the same time share one
// errand. The zero value is ready.
type flight[V any] struct {
	mu    sync.Mutex
	calls map[any]*errand[V]
}

type errand[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// do returns what f returns, or what an f already under way for that key does. f
// goes on when its first caller loses patience, because others may wait for it;
// its own time limit is f's business. Each caller waits no longer than its context.
func (g *flight[V]) do(ctx context.Context, key any, f func(context.Context) (V, error)) (V, error) {
	e := g.start(ctx, key, f)
	select {
	case <-e.done:
		return e.value, e.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// start is do without waiting.
func (g *flight[V]) start(ctx context.Context, key any, f func(context.Context) (V, error)) *errand[V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.calls[key]
	if e != nil {
		return e
	}
	e = &errand[V]{done: make(chan struct{})}
	if g.calls == nil {
		g.calls = map[any]*errand[V]{}
	}
	g.calls[key] = e
	go func() {
		e.value, e.err = f(context.WithoutCancel(ctx))
		g.mu.Lock()
		delete(g.calls, key)
		g.mu.Unlock()
		close(e.done)
	}()
	return e
}
