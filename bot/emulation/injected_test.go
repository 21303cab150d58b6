package emulation_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/penstock-cd/penstock/bot/emulation"
)

// inject switches trouble on under the lock, as the emulators do.
func inject(guard *emulation.Guard, count int, while time.Duration) (on *emulation.Injected, take func() (<-chan struct{}, bool)) {
	guard.Lock()
	defer guard.Unlock()
	on = emulation.Inject(guard, count, while)
	return on, func() (<-chan struct{}, bool) {
		guard.Lock()
		defer guard.Unlock()
		return on.Take()
	}
}

func TestTroubleEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		count int
		while time.Duration
		end   func(*emulation.Injected)
		hits  int
	}{
		{"after so many requests", 2, 0, nil, 2},
		{"after a while", 0, time.Second, func(*emulation.Injected) { time.Sleep(2 * time.Second) }, 3},
		{"when it is removed", 0, 0, func(on *emulation.Injected) { on.Remove(); on.Remove(); on.Release() }, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var guard emulation.Guard
				on, take := inject(&guard, test.count, test.while)
				for range 3 {
					take()
				}
				if test.end != nil {
					test.end(on)
				}
				if _, ok := take(); ok || on.Hits() != test.hits {
					t.Errorf("takes %v after %d hits, want %d", ok, on.Hits(), test.hits)
				}
			})
		})
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, test := range []struct {
		name            string
		request, closed context.Context
		while           time.Duration
		release         func(*emulation.Injected)
		goesOn          bool
	}{
		{name: "a while", while: time.Minute, goesOn: true},
		{name: "released", release: (*emulation.Injected).Release, goesOn: true},
		{name: "removed", release: (*emulation.Injected).Remove, goesOn: true},
		{name: "the client gives up", request: ended},
		{name: "the emulator is closed", closed: ended},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var guard emulation.Guard
				on, take := inject(&guard, 0, 0)
				release, _ := take()
				or := func(c context.Context) context.Context {
					if c == nil {
						return t.Context()
					}
					return c
				}
				done := make(chan bool, 1)
				go func() { done <- emulation.Hold(or(test.request), or(test.closed), test.while, release) }()
				if test.release != nil {
					synctest.Wait()
					test.release(on)
				}
				if got := <-done; got != test.goesOn {
					t.Errorf("goes on: %v, want %v", got, test.goesOn)
				}
				if again, ok := take(); ok && again == release && test.release != nil {
					t.Error("the next one does not hang")
				}
			})
		})
	}
}

func TestUnheard(t *testing.T) {
	t.Parallel()
	done := false
	emulation.Unheard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/")
		http.Error(w, "no", http.StatusTeapot)
		done = true
	}), nil)
	if !done {
		t.Error("what was asked for is not done")
	}
}
