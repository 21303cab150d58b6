package storage

import (
	"context"
	"math"
	"time"
)

const (
	// leastSetBack is how far the clock has to be set back to be noticed. What is
	// less has work wait for as long.
	leastSetBack = time.Minute

	selectNewestOrder = `SELECT coalesce(max(created_at), 0) FROM orders INDEXED BY orders_due WHERE dead = 0 AND due > ?`
	// A gate's deadline is a time of day, all else is so long from now.
	bringForward   = `UPDATE orders SET due = due - ? WHERE dead = 0 AND due > ? AND kind <> 'WakeLane'`
	notFromFuture  = `UPDATE orders SET created_at = ? WHERE dead = 0 AND due > ? AND created_at > ?`
	everythingOpen = math.MinInt64
)

// setBack notices that the clock was set back while this process works: orders
// that are due in a moment would wait for as long as it was set back.
type setBack struct {
	now     func() time.Time
	elapsed func() time.Duration // passes whatever the clock says

	wall time.Time
	at   time.Duration
}

func newSetBack(now func() time.Time, elapsed func() time.Duration) *setBack {
	return &setBack{now, elapsed, now().Round(0), elapsed()}
}

// since returns by how much the clock was set back since settle was last called,
// or 0.
func (s *setBack) since() (back time.Duration, settle func()) {
	wall, at := s.now().Round(0), s.elapsed() // without Round, a difference of times knows better than the clock
	settle = func() { s.wall, s.at = wall, at }
	if back = at - s.at - wall.Sub(s.wall); back < leastSetBack {
		return 0, settle
	}
	return back, settle
}

// forward takes note of a clock that was set forward: times that are told from now
// on are of that clock, and it may be set back again.
func (s *setBack) forward() {
	if wall, at := s.now().Round(0), s.elapsed(); wall.Sub(s.wall)-(at-s.at) >= leastSetBack {
		s.wall, s.at = wall, at
	}
}

// stopwatch measures time that no clock can be set for.
func stopwatch() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}

// bringForward has all that waits for its time wait as long as it was meant to,
// after the clock was set back. It runs on the writer's goroutine.
func (db *DB) bringForward(t *tx, back time.Duration) error {
	n, err := t.count(bringForward, back.Microseconds(), micros(db.now()))
	if err != nil {
		return err
	}
	db.orders.rewind()
	db.log.Warn("the clock was set back", "by", back.Round(time.Second).String(), "orders", n)
	return nil
}

// setBackMeanwhile does the same at the start, as far as the database shows how
// late it was for the process before. No order is from the future after it: who
// asks whether an order is older than this process gets a true answer.
func (db *DB) setBackMeanwhile(ctx context.Context) error {
	return db.writer.do(ctx, &write{run: func(t *tx) error {
		now := micros(db.now())
		var order, delivery int64
		if _, err := t.get(selectNewestOrder, []any{everythingOpen}, &order); err != nil {
			return err
		}
		if _, err := t.get(lastDelivery, nil, &delivery); err != nil {
			return err
		}
		if back := time.Duration(max(order, delivery)-now) * time.Microsecond; back >= leastSetBack {
			if err := db.bringForward(t, back); err != nil {
				return err
			}
		}
		_, err := t.exec(notFromFuture, now-1, everythingOpen, now)
		return err
	}})
}
