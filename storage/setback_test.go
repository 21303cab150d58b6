package storage_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// wrong is a clock that runs as it should and can be set.
type wrong struct{ by atomic.Int64 }

func (w *wrong) set(by time.Duration) { w.by.Store(int64(by)) }
func (w *wrong) now() time.Time       { return time.Now().Add(time.Duration(w.by.Load())) }

func (w *wrong) open(t *testing.T, dir string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{Dir: dir, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// next takes the next order, which has to come long before the hour by which
// clocks are set here.
func next(t *testing.T, db *storage.DB) pipeline.Order {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	o, err := db.NextOrder(ctx)
	if err != nil {
		t.Fatalf("no order came: %v", err)
	}
	return o
}

// An order that was to wait for a moment does not wait for an hour because the
// clock is set back by one; a gate's deadline stays the time of day that it was.
func TestSetBackAnHourDelaysNothing(t *testing.T) {
	t.Parallel()
	clock := &wrong{}
	clock.set(time.Hour)
	db := clock.open(t, t.TempDir())
	deadline := clock.now().Add(300 * time.Millisecond)
	err := db.Enqueue(t.Context(),
		pipeline.Order{ID: "gate", Kind: pipeline.WakeLane, Due: deadline},
		pipeline.Order{ID: "again", Kind: pipeline.StartAction})
	if err != nil {
		t.Fatal(err)
	}
	next(t, db)
	if err := db.RetryOrder(t.Context(), "again", deadline, errors.New("not yet")); err != nil {
		t.Fatal(err)
	}
	clock.set(0)
	if o := next(t, db); o.ID != "again" {
		t.Fatalf("got %s", o.ID)
	}
	open, err := db.OpenOrders(t.Context(), pipeline.WakeLane)
	if err != nil || len(open) != 1 || open[0].Due.Before(deadline) {
		t.Errorf("the gate's deadline %s became %v, %v", deadline, open, err)
	}
}

// The same, when the clock is set back while no server runs. Afterwards no order is
// younger than the process that finds it.
func TestSetBackAnHourAcrossARestart(t *testing.T) {
	t.Parallel()
	clock := &wrong{}
	dir := t.TempDir()
	clock.set(time.Hour)
	db := clock.open(t, dir)
	if err := db.Enqueue(t.Context(), pipeline.Order{ID: "new", Kind: pipeline.StartAction}, pipeline.Order{ID: "tried", Kind: pipeline.StopAction}); err != nil {
		t.Fatal(err)
	}
	if err := db.RetryOrder(t.Context(), "tried", clock.now().Add(time.Millisecond), errors.New("not yet")); err != nil {
		t.Fatal(err)
	}
	db.Close()
	clock.set(0)
	began := clock.now()
	db = clock.open(t, dir)
	for range 2 {
		if o := next(t, db); !o.CreatedAt.Before(clock.now()) || o.CreatedAt.After(began.Add(time.Minute)) {
			t.Errorf("%s was made at %s", o.ID, o.CreatedAt)
		}
	}
}

// The clock is an hour ahead only while the time of an order is noted.
func TestSetForwardAndBackDelaysNothing(t *testing.T) {
	t.Parallel()
	clock := &wrong{}
	db := clock.open(t, t.TempDir())
	for range 3 {
		clock.set(time.Hour)
		if err := db.Enqueue(t.Context(), pipeline.Order{Kind: pipeline.CheckActions, Due: clock.now().Add(50 * time.Millisecond)}); err != nil {
			t.Fatal(err)
		}
		clock.set(0)
		if err := db.CompleteOrder(t.Context(), next(t, db).ID); err != nil {
			t.Fatal(err)
		}
	}
}

// An hour forward and back again, and again: each order comes once.
func TestClockJumpsDoubleNothing(t *testing.T) {
	t.Parallel()
	clock := &wrong{}
	db := clock.open(t, t.TempDir())
	seen := map[string]bool{}
	for _, by := range []time.Duration{time.Hour, 0, -time.Hour, 0, time.Hour, -time.Hour} {
		now, soon := pipeline.NewID(time.Now()), pipeline.NewID(time.Now())
		err := db.Enqueue(t.Context(), pipeline.Order{ID: now, Kind: pipeline.StartAction},
			pipeline.Order{ID: soon, Kind: pipeline.CheckActions, Due: clock.now().Add(20 * time.Millisecond)})
		if err != nil {
			t.Fatal(err)
		}
		clock.set(by)
		for range 2 {
			o := next(t, db)
			if seen[o.ID] {
				t.Errorf("%s came twice", o.ID)
			}
			seen[o.ID] = true
			if err := db.CompleteOrder(t.Context(), o.ID); err != nil {
				t.Fatal(err)
			}
		}
		if !seen[now] || !seen[soon] {
			t.Fatalf("set by %s: one did not come", by)
		}
	}
	if n := db.Held(); n != 0 {
		t.Errorf("%d orders are held", n)
	}
}
