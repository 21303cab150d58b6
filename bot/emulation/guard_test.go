package emulation_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/penstock-cd/penstock/bot/emulation"
)

func TestAwait(t *testing.T) {
	t.Parallel()
	why := errors.New("enough")
	for _, test := range []struct {
		name string
		act  func(touch func(), giveUp context.CancelCauseFunc, end context.CancelFunc)
		want error
	}{
		{"it holds", func(touch func(), _ context.CancelCauseFunc, _ context.CancelFunc) { touch() }, nil},
		{"given up", func(_ func(), giveUp context.CancelCauseFunc, _ context.CancelFunc) { giveUp(why) }, why},
		{"closed", func(_ func(), _ context.CancelCauseFunc, end context.CancelFunc) { end() }, context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var guard emulation.Guard
				holds := false
				ctx, giveUp := context.WithCancelCause(t.Context())
				closed, end := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- guard.Await(ctx, closed, func() bool { return holds }) }()
				synctest.Wait()
				guard.Lock()
				guard.Touch() // a change that is not it
				guard.Unlock()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("returned early: %v", err)
				default:
				}
				test.act(func() {
					guard.Lock()
					defer guard.Unlock()
					holds = true
					guard.Touch()
				}, giveUp, end)
				if err := <-done; !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				giveUp(nil)
				end()
			})
		})
	}
}
