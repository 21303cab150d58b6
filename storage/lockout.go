package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	saveLockout = `INSERT INTO lockouts (repository_id, host, environment, doc) VALUES (?, ?, ?, ?)
		ON CONFLICT (repository_id, host, environment) DO UPDATE SET doc = excluded.doc`
	deleteLockout    = `DELETE FROM lockouts WHERE repository_id = ? AND host = ? AND environment = ?`
	selectLockouts   = `SELECT doc FROM lockouts WHERE repository_id = ? AND host = ? ORDER BY environment`
	selectLocked     = `SELECT 1 FROM lockouts WHERE repository_id = ? AND host = ? AND environment = ?`
	selectBusyInRepo = `SELECT pipeline, lane FROM lanes l WHERE l.repository_id = ? AND l.host = ?
		AND EXISTS (SELECT 1 FROM executions e INDEXED BY executions_unfinished WHERE e.lane_id = l.id AND e.ended = 0)`
)

// Lockouts returns the environments of a repository that are locked, by name.
func (db *DB) Lockouts(ctx context.Context, host string, repositoryID int64) ([]pipeline.EnvironmentLockout, error) {
	var lockouts []pipeline.EnvironmentLockout
	err := db.read(ctx, func(s *snapshot) (err error) {
		lockouts, err = readLockouts(s, host, repositoryID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("locked environments of repository %d: %w", repositoryID, err)
	}
	return lockouts, nil
}

func readLockouts(s *snapshot, host string, repositoryID int64) ([]pipeline.EnvironmentLockout, error) {
	var lockouts []pipeline.EnvironmentLockout
	rows, err := s.query(selectLockouts, repositoryID, host)
	err = each(rows, err, func(rows *sql.Rows) error {
		var doc sql.RawBytes
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		var lockout pipeline.EnvironmentLockout
		err := json.Unmarshal(doc, &lockout)
		lockouts = append(lockouts, lockout)
		return err
	})
	return lockouts, err
}

// lockoutRow is an environment that was locked, or unlocked: doc is nil then.
type lockoutRow struct {
	environment string
	doc         []byte
}

func encodeLockouts(lockouts []pipeline.EnvironmentLockout) ([]lockoutRow, error) {
	var rows []lockoutRow
	for _, l := range lockouts {
		row := lockoutRow{environment: l.Environment}
		if l.Locked {
			var err error
			if row.doc, err = json.Marshal(l); err != nil {
				return nil, fmt.Errorf("lock of environment %s: %w", l.Environment, err)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// saveLockouts saves the turn's lockouts, and has every other lane of the
// repository with something unfinished look at them.
func (rows *turnRows) saveLockouts(t *tx) error {
	key := rows.key
	for _, l := range rows.lockouts {
		stmt, args := saveLockout, []any{key.RepositoryID, key.Host, l.environment, l.doc}
		if l.doc == nil {
			stmt, args = deleteLockout, args[:3]
		}
		if _, err := t.exec(stmt, args...); err != nil {
			return err
		}
	}
	if len(rows.lockouts) == 0 {
		return nil
	}
	return rows.wakeOthers(t, selectBusyInRepo, key.RepositoryID, key.Host)
}

// wakeOthers has the lanes that a statement finds look at what has changed, but for
// the turn's own.
func (rows *turnRows) wakeOthers(t *tx, stmt string, args ...any) error {
	var lanes []pipeline.StateKey
	found, err := t.query(stmt, args...)
	err = each(found, err, func(row *sql.Rows) error {
		key, text := rows.key, ""
		if err := row.Scan(&key.Pipeline, &text); err != nil {
			return err
		}
		lane, err := pipeline.ParseLane(text)
		if key.Lane = lane; err == nil && key != rows.key {
			lanes = append(lanes, key)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, key := range lanes {
		if err := rows.make(pipeline.WakeLane, pipeline.LaneOrder{V: 1, Key: key}); err != nil {
			return err
		}
	}
	return nil
}
