package emulation

import (
	"context"
	"sync"
)

// Guard is the lock of an emulator's state, with a signal at every change. The zero
// value is ready; it must not be copied.
type Guard struct {
	sync.Mutex
	changed chan struct{} // made by the first who waits, closed by Touch
}

// Touch wakes everyone who waits. Call it under the lock, after every change.
func (g *Guard) Touch() {
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

// Changed answers a channel that is closed at the next change. It takes the lock.
func (g *Guard) Changed() <-chan struct{} {
	g.Lock()
	defer g.Unlock()
	return g.next()
}

func (g *Guard) next() <-chan struct{} {
	if g.changed == nil {
		g.changed = make(chan struct{})
	}
	return g.changed
}

// Await returns when the condition holds. It is asked now and after every change, under
// the lock, so it must be quick. The error is that of ctx, or of closed, which ends with
// the emulator.
func (g *Guard) Await(ctx, closed context.Context, condition func() bool) error {
	for {
		g.Lock()
		met, changed := condition(), g.next()
		g.Unlock()
		if met {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-closed.Done():
			return closed.Err()
		}
	}
}
