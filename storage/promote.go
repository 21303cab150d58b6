package storage

import (
	"math"
	"time"
)

// promoteOrders has the writer look for orders that have come due.
func (db *DB) promoteOrders() {
	entry := db.promotion()
	if db.writer.start(entry) != nil {
		return // closed
	}
	<-entry.done
	if entry.err != nil && db.closing.Err() == nil {
		db.log.Error("orders that have come due could not be read; trying again", "error", entry.err)
		db.orders.again(time.Second)
	}
}

// promotion is the writer's look into the table of orders. It runs between two
// writes, so no order can slip through between the look and the next commit.
func (db *DB) promotion() *write {
	return &write{bare: true, run: func(t *tx) error {
		back, settle := db.setBack.since()
		if back > 0 {
			if err := db.bringForward(t, back); err != nil {
				return err
			}
		}
		settle()
		until := micros(db.now())
		from := db.orders.past()
		rows, err := t.query(selectDue, from, until)
		due, err := scanOrders(rows, err)
		if err != nil {
			return err
		}
		var next int64
		if _, err := t.get(selectNextDue, []any{until}, &next); err != nil {
			return err
		}
		db.orders.promoted(due, max(from, until), next)
		return nil
	}}
}

// rewind has the next look see everything that is due: times have changed.
func (q *orderQueue) rewind() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.horizon = math.MinInt64
}

// past returns up to when everything due is known.
func (q *orderQueue) past() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.horizon
}

// again has the table looked at once more after a while.
func (q *orderQueue) again(after time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.timer != nil && q.closing.Err() == nil {
		q.timer.Reset(after)
	}
}
