package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	backlogOrders = `SELECT kind, count(*), min(due) FROM orders INDEXED BY orders_due WHERE dead = 0 AND due <= ? GROUP BY kind`
	backlogDead   = `SELECT count(*) FROM orders WHERE dead > 0`
	backlogUnseen = `SELECT count(*), coalesce(min(changed_at), 0) FROM executions WHERE rev > reported_rev`
	backlogStatus = `SELECT count(*) FROM executions WHERE status = ?`
)

// Backlog is what waits to be done, at one moment.
type Backlog struct {
	// Orders are the open orders that are due, by kind.
	Orders map[pipeline.OrderKind]Waiting
	// Dead are the orders that were given up and that nobody has looked after.
	Dead int
	// Reports are the runs with changes that the forge does not show yet.
	Reports Waiting
	// Executions are the runs that have not ended, by status.
	Executions map[pipeline.ExecutionStatus]int
}

// Waiting is how many things wait, and since when the oldest does.
type Waiting struct {
	Count  int       `json:"count"`
	Oldest time.Time `json:"oldest,omitzero"` // zero if none waits
}

// Backlog counts what waits to be done. It costs as much as there is to count,
// and nothing for what is done.
func (db *DB) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	err := db.read(ctx, func(s *snapshot) error {
		b = Backlog{Orders: map[pipeline.OrderKind]Waiting{}, Executions: map[pipeline.ExecutionStatus]int{}}
		rows, err := s.query(backlogOrders, micros(db.now()))
		err = each(rows, err, func(rows *sql.Rows) error {
			var kind pipeline.OrderKind
			var w Waiting
			err := scanWaiting(rows, &w, (*string)(&kind))
			b.Orders[kind] = w
			return err
		})
		if err != nil {
			return err
		}
		rows, err = s.query(backlogUnseen)
		err = each(rows, err, func(rows *sql.Rows) error { return scanWaiting(rows, &b.Reports) })
		if err != nil {
			return err
		}
		rows, err = s.query(backlogDead)
		err = each(rows, err, func(rows *sql.Rows) error { return rows.Scan(&b.Dead) })
		if err != nil {
			return err
		}
		for _, status := range []pipeline.ExecutionStatus{pipeline.ExecutionInProgress, pipeline.ExecutionStopping} {
			rows, err := s.query(backlogStatus, string(status))
			err = each(rows, err, func(rows *sql.Rows) error {
				n := 0
				err := rows.Scan(&n)
				b.Executions[status] = n
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("backlog: %w", err)
	}
	return b, nil
}

// scanWaiting reads what comes before, a count and the oldest time.
func scanWaiting(rows *sql.Rows, w *Waiting, before ...any) error {
	var oldest int64
	err := rows.Scan(append(before, &w.Count, &oldest)...)
	w.Oldest = fromMicros(oldest)
	return err
}
