package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	insertEvent  = `INSERT INTO events (lane_id, seq, repository_id, at, doc, hash) VALUES (?, ?, ?, ?, ?, ?)`
	selectEvents = `SELECT seq, doc, hash FROM events WHERE lane_id = ? AND seq > ? ORDER BY seq LIMIT ?`
)

// EventsLimit is how many events Events returns at most.
const EventsLimit = 1000

// Events returns the events of a lane with a number above after, in order, at
// most EventsLimit of them.
func (db *DB) Events(ctx context.Context, key pipeline.StateKey, after int64) ([]pipeline.Event, error) {
	var events []pipeline.Event
	err := db.readEvents(ctx, key, func(s *snapshot, lane int64, _ chainHead) error {
		events = nil
		return eachEvent(s, lane, after, EventsLimit, func(seq int64, doc, _ []byte) error {
			var event pipeline.Event
			if err := json.Unmarshal(doc, &event); err != nil {
				return fmt.Errorf("event %d: %w", seq, err)
			}
			events = append(events, event)
			return nil
		})
	})
	return events, err
}

// VerifyEvents recomputes the chain of a lane's events from its beginning. It
// returns the number and the hash (hex) of the last one, which can be kept
// elsewhere and compared later. An error names the first event that was changed,
// removed or put in.
func (db *DB) VerifyEvents(ctx context.Context, key pipeline.StateKey) (last int64, hash string, err error) {
	err = db.readEvents(ctx, key, func(s *snapshot, lane int64, stored chainHead) error {
		head := newChain(key)
		for {
			start := head.seq
			err := eachEvent(s, lane, start, EventsLimit, func(seq int64, doc, hash []byte) error {
				return head.verify(seq, doc, hash)
			})
			if err != nil {
				return err
			}
			if head.seq == start {
				break
			}
		}
		if head.seq != stored.seq || !bytes.Equal(head.hash, stored.hash) {
			return fmt.Errorf("the chain ends at event %d, the lane's last is %d", head.seq, stored.seq)
		}
		last, hash = head.seq, fmt.Sprintf("%x", head.hash)
		return nil
	})
	return last, hash, err
}

func (db *DB) readEvents(ctx context.Context, key pipeline.StateKey, use func(*snapshot, int64, chainHead) error) error {
	err := db.read(ctx, func(s *snapshot) error {
		var lane, version int64
		var head chainHead
		ok, err := s.get(selectLaneHead, []any{key.RepositoryID, key.Host, key.Lane.String(), key.Pipeline}, &lane, &version, &head.seq, &head.hash)
		if err == nil && !ok {
			return pipeline.Errorf(pipeline.NotFound, "no such lane")
		}
		if err != nil {
			return err
		}
		return use(s, lane, head)
	})
	if err != nil {
		return fmt.Errorf("lane %s of %s: events: %w", key.Lane, key.Pipeline, err)
	}
	return nil
}

func eachEvent(s *snapshot, lane, after int64, limit int, use func(seq int64, doc, hash []byte) error) error {
	rows, err := s.query(selectEvents, lane, after, limit)
	return each(rows, err, func(rows *sql.Rows) error {
		var seq int64
		var doc, hash sql.RawBytes
		if err := rows.Scan(&seq, &doc, &hash); err != nil {
			return err
		}
		return use(seq, doc, hash)
	})
}

// chainHead is the end of a lane's chain: the number and hash of its last event.
// The chain begins with the hash of the lane's key, so that no event can be
// passed off as another lane's.
type chainHead struct {
	seq  int64
	hash []byte
}

func newChain(key pipeline.StateKey) chainHead {
	text := strings.Join([]string{key.Host, strconv.FormatInt(key.RepositoryID, 10), key.Pipeline, key.Lane.String()}, "\x00")
	sum := sha256.Sum256([]byte(text))
	return chainHead{hash: sum[:]}
}

func (h chainHead) next(doc []byte) chainHead {
	sum := sha256.New()
	sum.Write(h.hash)
	sum.Write(doc)
	return chainHead{h.seq + 1, sum.Sum(nil)}
}

func (h *chainHead) append(t *tx, lane, repositoryID int64, events []eventRow) error {
	for _, e := range events {
		doc := e.doc(h.seq + 1)
		*h = h.next(doc)
		if _, err := t.exec(insertEvent, lane, h.seq, repositoryID, e.at, doc, h.hash); err != nil {
			return err
		}
	}
	return nil
}

func (h *chainHead) verify(seq int64, doc, hash []byte) error {
	next := h.next(doc)
	var event struct{ Seq int64 }
	switch err := json.Unmarshal(doc, &event); {
	case err != nil:
		return fmt.Errorf("event %d: %w", seq, err)
	case seq != next.seq || event.Seq != seq:
		return fmt.Errorf("event %d stands where event %d was expected", event.Seq, next.seq)
	case !bytes.Equal(hash, next.hash):
		return fmt.Errorf("event %d does not match its hash", seq)
	}
	*h = next
	return nil
}

// eventRow is an event encoded but for its number, which is the document's first
// field and known only inside the transaction.
type eventRow struct {
	at   int64
	rest []byte // behind the number
}

const unnumbered = `{"seq":0`

func encodeEvents(events []pipeline.Event) ([]eventRow, error) {
	rows := make([]eventRow, 0, len(events))
	for _, event := range events {
		event.Seq = 0
		doc, err := json.Marshal(event)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", event.Kind, err)
		}
		rest, ok := bytes.CutPrefix(doc, []byte(unnumbered))
		if !ok {
			return nil, fmt.Errorf("event %s: its number is not the first field", event.Kind)
		}
		rows = append(rows, eventRow{micros(event.At), rest})
	}
	return rows, nil
}

func (e eventRow) doc(seq int64) []byte {
	doc := append([]byte(`{"seq":`), strconv.FormatInt(seq, 10)...)
	return append(doc, e.rest...)
}
