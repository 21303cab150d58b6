package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	saveTransition = `INSERT INTO transitions (repository_id, host, pipeline, lane, stage, doc) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (repository_id, host, pipeline, lane, stage) DO UPDATE SET doc = excluded.doc`
	selectDoors     = `SELECT doc FROM transitions WHERE repository_id = ? AND host = ? AND pipeline = ? AND lane IN ('', ?)`
	selectAllDoors  = `SELECT doc FROM transitions WHERE repository_id = ? AND host = ? AND pipeline = ?`
	selectBusyLanes = `SELECT pipeline, lane FROM lanes l WHERE l.repository_id = ? AND l.host = ? AND l.pipeline = ?
		AND EXISTS (SELECT 1 FROM executions e INDEXED BY executions_unfinished WHERE e.lane_id = l.id AND e.ended = 0)`
)

// Transitions returns the doors of a pipeline that somebody has touched, those of
// every lane first.
func (db *DB) Transitions(ctx context.Context, host string, repositoryID int64, name string) ([]pipeline.Transition, error) {
	var doors []pipeline.Transition
	err := db.read(ctx, func(s *snapshot) (err error) {
		doors, err = readDoors(s, selectAllDoors, repositoryID, host, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("transitions of %s: %w", name, err)
	}
	return doors, nil
}

func readDoors(s *snapshot, stmt string, args ...any) ([]pipeline.Transition, error) {
	var doors []pipeline.Transition
	rows, err := s.query(stmt, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var doc sql.RawBytes
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		var door pipeline.Transition
		err := json.Unmarshal(doc, &door)
		doors = append(doors, door)
		return err
	})
	return doors, err
}

// doorRow is a transition as it goes into its table.
type doorRow struct {
	lane, stage string
	doc         []byte
}

func encodeDoors(doors []pipeline.Transition) ([]doorRow, error) {
	var rows []doorRow
	for _, door := range doors {
		doc, err := json.Marshal(door)
		if err != nil {
			return nil, fmt.Errorf("transition into %s: %w", door.Stage, err)
		}
		rows = append(rows, doorRow{laneText(door.Lane), door.Stage, doc})
	}
	return rows, nil
}

// laneText is empty for every lane.
func laneText(lane pipeline.Lane) string {
	if lane == (pipeline.Lane{}) {
		return ""
	}
	return lane.String()
}

// saveDoors saves the turn's transitions, and has every other lane with something
// unfinished look at a door that was every lane's.
func (rows *turnRows) saveDoors(t *tx) error {
	key, everybody := rows.key, false
	for _, door := range rows.doors {
		if _, err := t.exec(saveTransition, key.RepositoryID, key.Host, key.Pipeline, door.lane, door.stage, door.doc); err != nil {
			return err
		}
		everybody = everybody || door.lane == ""
	}
	if !everybody {
		return nil
	}
	return rows.wakeOthers(t, selectBusyLanes, key.RepositoryID, key.Host, key.Pipeline)
}

// make adds an order that follows from what is stored.
func (rows *turnRows) make(kind pipeline.OrderKind, payload any) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("%s: payload: %w", kind, err)
	}
	made, err := encodeOrders([]pipeline.Order{{RepositoryID: rows.key.RepositoryID, Kind: kind, Payload: body}}, rows.at())
	rows.made = append(rows.made, made...)
	return err
}

func (rows *turnRows) at() time.Time { return fromMicros(rows.now) }
