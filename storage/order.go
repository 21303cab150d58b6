package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	orderColumns = `seq, id, repository_id, kind, payload, due, attempts, last_error, created_at`
	insertOrder  = `INSERT INTO orders (id, repository_id, kind, payload, due, attempts, last_error, dead, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`
	deleteOrder = `DELETE FROM orders WHERE id = ?`
	retryOrder  = `UPDATE orders SET dead = 0, due = ?, attempts = attempts + ?, last_error = CASE WHEN ? THEN ? ELSE last_error END
		WHERE id = ? RETURNING ` + orderColumns
	buryOrder     = `UPDATE orders SET dead = ?, attempts = attempts + 1, last_error = ? WHERE id = ?`
	buryDelivery  = `UPDATE deliveries SET status = 'Dead', note = ? WHERE order_id = ? AND status = 'Received'`
	selectDue     = `SELECT ` + orderColumns + ` FROM orders WHERE dead = 0 AND due > ? AND due <= ? ORDER BY due, seq`
	selectOpen    = `SELECT ` + orderColumns + ` FROM orders INDEXED BY orders_due WHERE dead = 0 AND due > ? AND kind = ? ORDER BY due, seq`
	selectNextDue = `SELECT due FROM orders WHERE dead = 0 AND due > ? ORDER BY due LIMIT 1`
	selectDead    = `SELECT ` + orderColumns + ` FROM orders WHERE dead > 0 ORDER BY dead DESC LIMIT ?`
)

// maxLastError bounds what is kept of an order's last error, in bytes.
const maxLastError = 2000

// Enqueue implements pipeline.Store. An order whose id is stored already is left
// as it is.
func (db *DB) Enqueue(ctx context.Context, orders ...pipeline.Order) error {
	if len(orders) == 0 {
		return ctx.Err()
	}
	rows, err := encodeOrders(orders, db.now())
	if err == nil {
		err = db.writer.do(ctx, &write{
			run:       func(t *tx) error { return insertOrders(t, rows) },
			committed: func() { db.orders.add(rows) },
		})
	}
	if err != nil {
		return fmt.Errorf("orders: enqueue: %w", err)
	}
	return nil
}

// NextOrder implements pipeline.Store: orders come in the order in which they
// are due, those due at the same time as they were saved. Due of an order saved
// without one is the time it was saved. Claims are this process's memory: the
// lock on the data folder keeps others out, and Open starts without claims.
func (db *DB) NextOrder(ctx context.Context) (pipeline.Order, error) {
	return db.orders.take(ctx)
}

// CompleteOrder implements pipeline.Store.
func (db *DB) CompleteOrder(ctx context.Context, id string) error {
	err := db.writer.do(ctx, &write{
		run:       func(t *tx) error { _, err := t.exec(deleteOrder, id); return err },
		committed: func() { db.orders.drop(id) },
	})
	if err != nil {
		return fmt.Errorf("order %s: complete: %w", id, err)
	}
	return nil
}

// RetryOrder implements pipeline.Store. A zero due means at once. A buried order
// is taken up again. Kind NotFound if there is no such order.
func (db *DB) RetryOrder(ctx context.Context, id string, due time.Time, cause error) error {
	if due.IsZero() {
		due = fromMicros(micros(db.now()))
	}
	failed, text := 0, ""
	if cause != nil {
		failed, text = 1, clip(cause.Error())
	}
	var row *orderRow
	err := db.writer.do(ctx, &write{
		run: func(t *tx) (err error) {
			rows, err := t.query(retryOrder, dueMicros(due), failed, failed, text, id)
			found, err := scanOrders(rows, err)
			if err == nil && len(found) == 0 {
				return pipeline.Errorf(pipeline.NotFound, "no such order")
			}
			if err == nil {
				row = found[0]
			}
			return err
		},
		committed: func() {
			db.orders.drop(id)
			db.orders.add([]*orderRow{row})
		},
	})
	if err != nil {
		return fmt.Errorf("order %s: retry: %w", id, err)
	}
	return nil
}

// BuryOrder implements pipeline.Store. The delivery that the order was to
// handle, if any, becomes Dead with it. Kind NotFound if there is no such order.
func (db *DB) BuryOrder(ctx context.Context, id string, cause error) error {
	text := "given up"
	if cause != nil {
		text = clip(cause.Error())
	}
	now := micros(db.now())
	err := db.writer.do(ctx, &write{
		run: func(t *tx) error {
			n, err := t.count(buryOrder, now, text, id)
			if err == nil && n == 0 {
				return pipeline.Errorf(pipeline.NotFound, "no such order")
			}
			if err == nil {
				_, err = t.exec(buryDelivery, text, id)
			}
			return err
		},
		committed: func() { db.orders.drop(id) },
	})
	if err != nil {
		return fmt.Errorf("order %s: bury: %w", id, err)
	}
	return nil
}

// OpenOrders implements pipeline.Store. They are in the order in which they are
// due; dead ones are not among them.
func (db *DB) OpenOrders(ctx context.Context, kind pipeline.OrderKind) ([]pipeline.Order, error) {
	orders, err := db.listOrders(ctx, selectOpen, int64(math.MinInt64), string(kind))
	if err != nil {
		return nil, fmt.Errorf("open orders: %w", err)
	}
	return orders, nil
}

// DeadOrders returns the orders that were given up, the latest first.
func (db *DB) DeadOrders(ctx context.Context, limit int) ([]pipeline.Order, error) {
	orders, err := db.listOrders(ctx, selectDead, limit)
	if err != nil {
		return nil, fmt.Errorf("dead orders: %w", err)
	}
	return orders, nil
}

func (db *DB) listOrders(ctx context.Context, stmt string, args ...any) ([]pipeline.Order, error) {
	var orders []pipeline.Order
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(stmt, args...)
		found, err := scanOrders(rows, err)
		orders = nil
		for _, row := range found {
			orders = append(orders, row.order)
		}
		return err
	})
	return orders, err
}

// orderRow is an order as it is stored. seq is set by the insert.
type orderRow struct {
	seq   int64
	due   int64
	order pipeline.Order
}

// encodeOrders copies orders and fills in what the store gives them.
func encodeOrders(orders []pipeline.Order, now time.Time) ([]*orderRow, error) {
	rows := make([]*orderRow, 0, len(orders))
	for _, o := range orders {
		if o.Kind == "" || (len(o.Payload) > 0 && !json.Valid(o.Payload)) {
			return nil, pipeline.Errorf(pipeline.Invalid, "order %q: a kind and a JSON payload are needed", o.ID)
		}
		if o.ID == "" {
			o.ID = pipeline.NewID(now)
		}
		if o.CreatedAt.IsZero() {
			o.CreatedAt = now
		}
		if o.Due.IsZero() {
			o.Due = fromMicros(micros(now))
		}
		o.Payload = append(json.RawMessage{}, o.Payload...)
		o.CreatedAt, o.Due = fromMicros(micros(o.CreatedAt)), fromMicros(dueMicros(o.Due))
		rows = append(rows, &orderRow{due: micros(o.Due), order: o})
	}
	return rows, nil
}

func insertOrders(t *tx, rows []*orderRow) error {
	for _, row := range rows {
		o := row.order
		res, err := t.exec(insertOrder, o.ID, o.RepositoryID, string(o.Kind), []byte(o.Payload), row.due, o.Attempts, o.LastError, micros(o.CreatedAt))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if row.seq = 0; n == 0 {
			continue // stored already
		}
		if row.seq, err = res.LastInsertId(); err != nil {
			return err
		}
	}
	return nil
}

func scanOrders(rows *sql.Rows, err error) ([]*orderRow, error) {
	var found []*orderRow
	err = each(rows, err, func(rows *sql.Rows) error {
		row := &orderRow{}
		var payload []byte
		var created int64
		o := &row.order
		if err := rows.Scan(&row.seq, &o.ID, &o.RepositoryID, (*string)(&o.Kind), &payload, &row.due, &o.Attempts, &o.LastError, &created); err != nil {
			return err
		}
		o.Payload, o.Due, o.CreatedAt = payload, fromMicros(row.due), fromMicros(created)
		found = append(found, row)
		return nil
	})
	return found, err
}

// clip cuts an error's text to what is kept, at a character's border.
func clip(text string) string {
	if len(text) <= maxLastError {
		return text
	}
	return strings.ToValidUTF8(text[:maxLastError], "") + " ..."
}
