package storage

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	allLanes   = `SELECT repository_id, host, pipeline, lane, last_seq, last_hash, updated_at FROM lanes ORDER BY id`
	selectHash = `SELECT hash FROM events WHERE lane_id = ? AND seq = ?`
)

// LaneHead is the end of the chain of events of a lane. Kept elsewhere, it proves
// later that nothing before it was changed or cut off.
type LaneHead struct {
	pipeline.StateKey
	Seq       int64     `json:"seq"`  // of the last event
	Hash      string    `json:"hash"` // hex
	UpdatedAt time.Time `json:"updated_at"`
}

// Lanes lists all lanes, in the order in which they came to be.
func (db *DB) Lanes(ctx context.Context) ([]LaneHead, error) {
	var lanes []LaneHead
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(allLanes)
		lanes = nil
		return each(rows, err, func(rows *sql.Rows) error {
			var l LaneHead
			var lane string
			var hash []byte
			var updated int64
			err := rows.Scan(&l.RepositoryID, &l.Host, &l.Pipeline, &lane, &l.Seq, &hash, &updated)
			if err != nil {
				return err
			}
			l.Hash, l.UpdatedAt = hex.EncodeToString(hash), fromMicros(updated)
			l.Lane, err = pipeline.ParseLane(lane)
			lanes = append(lanes, l)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	return lanes, nil
}

// Record is an event as it stands in its chain.
type Record struct {
	Doc  []byte // JSON of a pipeline.Event, byte for byte what was hashed
	Hash string // hex, of the hash before and Doc
}

// Records gives the events of a lane with a number above after to use, in order,
// at most EventsLimit of them.
func (db *DB) Records(ctx context.Context, key pipeline.StateKey, after int64) ([]Record, error) {
	var records []Record
	err := db.readEvents(ctx, key, func(s *snapshot, lane int64, _ chainHead) error {
		records = nil
		return eachEvent(s, lane, after, EventsLimit, func(_ int64, doc, hash []byte) error {
			records = append(records, Record{append([]byte(nil), doc...), hex.EncodeToString(hash)})
			return nil
		})
	})
	return records, err
}

// VerifyHead says whether a lane's chain still goes through a head that was kept
// elsewhere. Verify the chain itself first.
func (db *DB) VerifyHead(ctx context.Context, head LaneHead) error {
	return db.readEvents(ctx, head.StateKey, func(s *snapshot, lane int64, last chainHead) error {
		if head.Seq > last.seq {
			return fmt.Errorf("the chain was cut off: it ends at event %d, and once had event %d", last.seq, head.Seq)
		}
		if head.Seq == 0 {
			return nil
		}
		var hash []byte
		ok, err := s.get(selectHash, []any{lane, head.Seq}, &hash)
		switch {
		case err != nil:
			return err
		case !ok || hex.EncodeToString(hash) != head.Hash:
			return fmt.Errorf("event %d is not the one that was there when the head was kept", head.Seq)
		}
		return nil
	})
}

// Chain verifies the records of one lane outside a database, in order.
type Chain struct{ head chainHead }

// NewChain begins the chain of a lane.
func NewChain(key pipeline.StateKey) *Chain { return &Chain{newChain(key)} }

// Verify takes the next record. The error says what does not fit.
func (c *Chain) Verify(r Record) (pipeline.Event, error) {
	var event pipeline.Event
	hash, err := hex.DecodeString(r.Hash)
	if err != nil {
		return event, fmt.Errorf("event %d: its hash is not one", c.head.seq+1)
	}
	if err := c.head.verify(c.head.seq+1, r.Doc, hash); err != nil {
		return event, err
	}
	return event, json.Unmarshal(r.Doc, &event)
}

// Head is the number and the hash (hex) of the last record.
func (c *Chain) Head() (seq int64, hash string) { return c.head.seq, hex.EncodeToString(c.head.hash) }
