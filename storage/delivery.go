package storage

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	insertDelivery = `INSERT INTO deliveries (id, host, repository_id, event, action, headers, body, received_at, status, note, order_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	selectDeliveryState = `SELECT status, coalesce(order_id, '') FROM deliveries WHERE id = ?`
	rearmDelivery       = `UPDATE deliveries SET status = 'Received', note = '', order_id = ?,
		headers = coalesce(headers, ?), body = coalesce(body, ?) WHERE id = ?`
	hastenOrder   = `UPDATE orders SET due = ? WHERE id = ? AND dead = 0 AND due > ? RETURNING ` + orderColumns
	hasOpenOrder  = `SELECT 1 FROM orders WHERE id = ? AND dead = 0`
	finishDeliver = `UPDATE deliveries SET status = ?, note = ?, order_id = NULL WHERE id = ?`
)

// AddDelivery stores a webhook delivery. One whose Status is Received gets an
// order HandleDelivery in the same commit. When it returns nil, both are
// durable.
//
// An id that is stored already changes nothing if that delivery is Done or
// Ignored. Otherwise it is armed again: its open order is due at once, and if it
// has none, or a dead one, it gets a new one. isNew reports whether the id was
// new; status is what the stored delivery has now.
//
// Deliveries that wait together share a commit.
func (db *DB) AddDelivery(ctx context.Context, d pipeline.Delivery) (status pipeline.DeliveryStatus, isNew bool, err error) {
	row, err := db.encodeDelivery(d)
	if err == nil {
		err = db.writer.do(ctx, &write{group: true, run: row.save, committed: func() { db.deliveryCommitted(row) }})
	}
	if err != nil {
		return "", false, fmt.Errorf("delivery %s: store: %w", d.ID, err)
	}
	return row.status, row.isNew, nil
}

// FinishDelivery ends a delivery, with a sentence for people on what became of
// it, and completes the order that handled it. It may be repeated; a delivery
// that was pruned meanwhile is no error.
func (db *DB) FinishDelivery(ctx context.Context, id string, status pipeline.DeliveryStatus, note, doneOrderID string) error {
	err := db.writer.do(ctx, &write{
		run: func(t *tx) error {
			if _, err := t.exec(finishDeliver, string(status), note, id); err != nil {
				return err
			}
			_, err := t.exec(deleteOrder, doneOrderID)
			return err
		},
		committed: func() { db.orders.drop(doneOrderID) },
	})
	if err != nil {
		return fmt.Errorf("delivery %s: finish: %w", id, err)
	}
	return nil
}

// deliveryRow is a delivery on its way into the table.
type deliveryRow struct {
	id, host, event, action, note string
	repositoryID                  int64
	headers, body                 []byte
	receivedAt, now               int64
	given                         pipeline.DeliveryStatus
	order                         *orderRow

	// results of save
	status   pipeline.DeliveryStatus
	isNew    bool
	enqueued []*orderRow // the order, if it was needed
	hastened []*orderRow // the open order, if it waited
	replaced string      // a dead order that was removed
}

func (db *DB) encodeDelivery(d pipeline.Delivery) (*deliveryRow, error) {
	if d.ID == "" || d.Status == "" {
		return nil, pipeline.Errorf(pipeline.Invalid, "an id and a status are needed")
	}
	headers, err := json.Marshal(d.Headers)
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(pipeline.DeliveryOrder{V: 1, Delivery: d.ID})
	if err != nil {
		return nil, err
	}
	now := db.now()
	orders, err := encodeOrders([]pipeline.Order{{RepositoryID: d.RepositoryID, Kind: pipeline.HandleDelivery, Payload: payload}}, now)
	if err != nil {
		return nil, err
	}
	return &deliveryRow{
		id: d.ID, host: d.Host, event: d.Event, action: d.Action, note: d.Note, repositoryID: d.RepositoryID,
		headers: headers, body: append([]byte{}, d.Body...), receivedAt: micros(orTime(d.ReceivedAt, micros(now))), now: micros(now),
		given: d.Status, order: orders[0],
	}, nil
}

func (row *deliveryRow) save(t *tx) error {
	row.status, row.isNew, row.enqueued, row.hastened, row.replaced = row.given, false, nil, nil, ""
	var order any
	if row.given == pipeline.DeliveryReceived {
		order = row.order.order.ID
	}
	n, err := t.count(insertDelivery, row.id, row.host, row.repositoryID, row.event, row.action, row.headers, row.body,
		row.receivedAt, string(row.given), row.note, order)
	if err != nil {
		return err
	}
	if n == 0 {
		return row.rearm(t)
	}
	row.isNew = true
	if order == nil {
		return nil
	}
	return row.enqueue(t)
}

// rearm deals with an id that is stored already.
func (row *deliveryRow) rearm(t *tx) error {
	var order string
	if _, err := t.get(selectDeliveryState, []any{row.id}, (*string)(&row.status), &order); err != nil {
		return err
	}
	closed := row.status == pipeline.DeliveryDone || row.status == pipeline.DeliveryIgnored
	if closed || row.given != pipeline.DeliveryReceived {
		return nil
	}
	var one int
	switch open, err := t.get(hasOpenOrder, []any{order}, &one); {
	case err != nil:
		return err
	case open:
		rows, err := t.query(hastenOrder, row.now, order, row.now)
		row.hastened, err = scanOrders(rows, err)
		return err
	}
	if _, err := t.exec(deleteOrder, order); err != nil { // a dead one
		return err
	}
	row.replaced, row.status = order, pipeline.DeliveryReceived
	if _, err := t.exec(rearmDelivery, row.order.order.ID, row.headers, row.body, row.id); err != nil {
		return err
	}
	return row.enqueue(t)
}

func (row *deliveryRow) enqueue(t *tx) error {
	row.enqueued = []*orderRow{row.order}
	return insertOrders(t, row.enqueued)
}

// deliveryCommitted runs on the writer's goroutine after the commit.
func (db *DB) deliveryCommitted(row *deliveryRow) {
	if row.replaced != "" {
		db.orders.drop(row.replaced)
	}
	db.orders.add(row.enqueued)
	for _, o := range row.hastened {
		if !db.orders.holds(o.order.ID) { // a claimed order is being worked on
			db.orders.add([]*orderRow{o})
		}
	}
}

const (
	deliveryColumns = `id, host, repository_id, event, action, received_at, status, note`
	selectDelivery  = `SELECT ` + deliveryColumns + `, headers, body FROM deliveries WHERE id = ?`
)

// Delivery returns a delivery. Its Headers and Body are empty once they were
// pruned. Kind NotFound.
func (db *DB) Delivery(ctx context.Context, id string) (pipeline.Delivery, error) {
	var d pipeline.Delivery
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(selectDelivery, id)
		d = pipeline.Delivery{}
		return each(rows, err, func(rows *sql.Rows) error {
			var headers []byte
			if err := scanDelivery(rows, &d, &headers, &d.Body); err != nil || len(headers) == 0 {
				return err
			}
			return json.Unmarshal(headers, &d.Headers)
		})
	})
	if err == nil && d.ID == "" {
		err = pipeline.Errorf(pipeline.NotFound, "no such delivery")
	}
	if err != nil {
		return pipeline.Delivery{}, fmt.Errorf("delivery %s: %w", id, err)
	}
	return d, nil
}

const lastDelivery = `SELECT received_at FROM deliveries WHERE event NOT LIKE 'slack.%' ORDER BY seq DESC LIMIT 1`

// LastDeliveryAt is when the forge's delivery that was stored last came in; the zero time
// if there is none.
func (db *DB) LastDeliveryAt(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(lastDelivery)
		at = time.Time{}
		return each(rows, err, func(rows *sql.Rows) error {
			var us int64
			err := rows.Scan(&us)
			at = fromMicros(us)
			return err
		})
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("last delivery: %w", err)
	}
	return at, nil
}

const knownDeliveries = `SELECT id FROM deliveries WHERE id IN (SELECT value FROM json_each(?))`

// KnownDeliveries says which of these ids are stored, whatever became of them.
func (db *DB) KnownDeliveries(ctx context.Context, ids []string) (map[string]bool, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("known deliveries: %w", err)
	}
	var known map[string]bool
	err = db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(knownDeliveries, string(list))
		known = map[string]bool{}
		return each(rows, err, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			known[id] = true
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("known deliveries: %w", err)
	}
	return known, nil
}

// DeliveryFilter picks deliveries; an empty field picks all.
type DeliveryFilter struct {
	RepositoryID int64
	Status       pipeline.DeliveryStatus
	Before       string // only those stored before the delivery of that id
	Limit        int    // at most so many; 0: 50
}

// Deliveries lists deliveries without their headers and bodies, the newest
// first.
func (db *DB) Deliveries(ctx context.Context, filter DeliveryFilter) ([]pipeline.Delivery, error) {
	var list []pipeline.Delivery
	stmt, args := filter.statement()
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(stmt, args...)
		list = nil
		return each(rows, err, func(rows *sql.Rows) error {
			var d pipeline.Delivery
			err := scanDelivery(rows, &d)
			list = append(list, d)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("deliveries: %w", err)
	}
	return list, nil
}

func (f DeliveryFilter) statement() (string, []any) {
	where := newWhere("deliveries", f.Before)
	if f.RepositoryID != 0 {
		where.index = "deliveries_repository"
		where.and("repository_id = ?", f.RepositoryID)
	}
	if f.Status != "" {
		where.and("status = ?", string(f.Status))
		if f.RepositoryID == 0 || f.Status == pipeline.DeliveryReceived || f.Status == pipeline.DeliveryDead {
			where.index = "deliveries_status" // these are few
		}
	}
	return where.newest(deliveryColumns, cmp.Or(f.Limit, defaultLimit))
}

func scanDelivery(rows *sql.Rows, d *pipeline.Delivery, more ...any) error {
	var received int64
	into := append([]any{&d.ID, &d.Host, &d.RepositoryID, &d.Event, &d.Action, &received, (*string)(&d.Status), &d.Note}, more...)
	err := rows.Scan(into...)
	d.ReceivedAt = fromMicros(received)
	return err
}
