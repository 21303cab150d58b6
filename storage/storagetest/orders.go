package storagetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

func testFairness(t *testing.T, s pipeline.Store) {
	old := time.Now().Add(-time.Hour)
	enqueue(t, s, order("c", old.Add(time.Second)), order("d", old.Add(time.Second)), order("a", old))
	enqueue(t, s, order("e", old.Add(time.Second)), order("b", old), order("f", time.Time{}))
	enqueue(t, s, order("g", time.Time{}))
	var got []string
	for range 7 {
		o := next(t, s)
		if o.Due.IsZero() || o.Due.After(time.Now()) {
			t.Fatalf("order %s is due %v", o.ID, o.Due)
		}
		got = append(got, o.ID)
	}
	same(t, strings.Join(got, ""), "abcdefg")
	enqueue(t, s, order("a", old)) // known already, and claimed
	nothingDue(t, s)
}

func testBlocks(t *testing.T, s pipeline.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 8)
	for range cap(got) {
		go func() {
			_, err := s.NextOrder(ctx)
			got <- err
		}()
	}
	enqueue(t, s, order("o1", time.Time{}))
	ok(t, <-got)
	cancel()
	for range cap(got) - 1 {
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	// Those who gave up have taken nothing with them.
	enqueue(t, s, order("o2", time.Time{}))
	same(t, next(t, s).ID, "o2")
	if _, err := s.NextOrder(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func testFuture(t *testing.T, s pipeline.Store) {
	start := time.Now()
	enqueue(t, s, order("never", start.Add(time.Hour)))
	nothingDue(t, s)
	enqueue(t, s, order("later", start.Add(80*time.Millisecond)), order("soon", start.Add(40*time.Millisecond)))
	for _, want := range []string{"soon", "later"} {
		o := next(t, s)
		if o.ID != want || time.Now().Before(o.Due) || o.Due.Before(start) {
			t.Fatalf("got order %s, due in %v; want %s", o.ID, time.Until(o.Due), want)
		}
	}
	enqueue(t, s, order("sooner", time.Now().Add(20*time.Millisecond))) // than the armed hour
	same(t, next(t, s).ID, "sooner")
	nothingDue(t, s)
}

func testRetry(t *testing.T, s pipeline.Store) {
	ctx := t.Context()
	enqueue(t, s, order("o1", time.Time{}))
	next(t, s)
	ok(t, s.RetryOrder(ctx, "o1", time.Time{}, errors.New("the forge is away")))
	o := next(t, s)
	same(t, o.Attempts, 1)
	same(t, o.LastError, "the forge is away")
	due := time.Now().Add(20 * time.Millisecond)
	ok(t, s.RetryOrder(ctx, "o1", due, nil)) // only waits
	o = next(t, s)
	if time.Now().Before(due) {
		t.Fatal("handed out before it was due")
	}
	same(t, o.Attempts, 1)
	same(t, o.LastError, "the forge is away")
	same(t, string(o.Payload), `{"v":1,"delivery":"o1"}`)
	// Given back twice it is handed out once.
	ok(t, s.RetryOrder(ctx, "o1", time.Time{}, nil))
	ok(t, s.RetryOrder(ctx, "o1", time.Time{}, nil))
	same(t, next(t, s).ID, "o1")
	nothingDue(t, s)
	wantErr(t, s.RetryOrder(ctx, "nobody", time.Time{}, nil), pipeline.NotFound, nil)
}

func testBury(t *testing.T, s pipeline.Store) {
	ctx := t.Context()
	enqueue(t, s, order("o1", time.Time{}), order("o2", time.Time{}))
	same(t, next(t, s).ID, "o1")
	ok(t, s.BuryOrder(ctx, "o1", errors.New("out of tries")))
	ok(t, s.BuryOrder(ctx, "o2", nil)) // before anybody had it
	nothingDue(t, s)
	ok(t, s.RetryOrder(ctx, "o1", time.Time{}, nil)) // dug up
	o := next(t, s)
	same(t, o.ID, "o1")
	same(t, o.Attempts, 1)
	same(t, o.LastError, "out of tries")
	wantErr(t, s.BuryOrder(ctx, "nobody", nil), pipeline.NotFound, nil)
}

func testComplete(t *testing.T, s pipeline.Store) {
	enqueue(t, s, order("o1", time.Time{}), order("o2", time.Now().Add(30*time.Millisecond)), order("o3", time.Now().Add(30*time.Millisecond)))
	for range 2 {
		ok(t, s.CompleteOrder(t.Context(), "o1")) // before anybody had it
		ok(t, s.CompleteOrder(t.Context(), "o2")) // before it was due
	}
	same(t, next(t, s).ID, "o3")
	ok(t, s.CompleteOrder(t.Context(), "o3"))
	nothingDue(t, s)
}

func testOpenOrders(t *testing.T, s pipeline.Store) {
	old := time.Now().Add(-time.Hour)
	wake := order("wake", old)
	wake.Kind = pipeline.WakeLane
	enqueue(t, s, order("later", time.Now().Add(time.Hour)), order("done", old), order("dead", old), order("claimed", old.Add(time.Second)), wake)
	ok(t, s.CompleteOrder(t.Context(), "done"))
	ok(t, s.BuryOrder(t.Context(), "dead", nil))
	same(t, next(t, s).ID, "wake")
	same(t, next(t, s).ID, "claimed")
	open, err := s.OpenOrders(t.Context(), pipeline.CheckActions)
	ok(t, err)
	var got []string
	for _, o := range open {
		got = append(got, o.ID)
	}
	same(t, got, []string{"claimed", "later"})
}

// Every order is handed to one taker, with many who take, put and give back.
func testClaimOnce(t *testing.T, s pipeline.Store) {
	const orders, takers = 200, 16
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	taken := map[string]int{}
	var group sync.WaitGroup
	for range takers {
		group.Go(func() {
			for {
				o, err := s.NextOrder(ctx)
				if err != nil {
					return
				}
				mu.Lock()
				taken[o.ID]++
				all := len(taken) == orders
				mu.Unlock()
				if err := s.CompleteOrder(t.Context(), o.ID); err != nil {
					t.Error(err)
				}
				if all {
					cancel()
				}
			}
		})
	}
	for i := range orders {
		due := time.Time{}
		if i%3 == 0 {
			due = time.Now().Add(time.Duration(i%7) * time.Millisecond)
		}
		enqueue(t, s, order(fmt.Sprint("o", i), due))
	}
	group.Wait()
	for id, n := range taken {
		if n != 1 {
			t.Errorf("order %s was handed out %d times", id, n)
		}
	}
}

// Orders that wait cost no goroutines.
func testManyWaiting(t *testing.T, s pipeline.Store) {
	const waiting = 10_000
	before := runtime.NumGoroutine()
	orders := make([]pipeline.Order, waiting)
	for i := range orders {
		orders[i] = order(fmt.Sprint("o", i), time.Now().Add(time.Hour+time.Duration(i)*time.Millisecond))
	}
	enqueue(t, s, orders...)
	nothingDue(t, s)
	if more := runtime.NumGoroutine() - before; more > waiting/10 { // other tests run beside this one
		t.Fatalf("%d goroutines for %d waiting orders", more, waiting)
	}
}
