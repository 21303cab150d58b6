package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	insertClaim = `INSERT INTO environment_claims (repository_id, host, environment, pipeline, lane, execution, stage, granted, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`
	deleteClaim = `DELETE FROM environment_claims WHERE execution = ? AND stage = ? AND environment = ? AND repository_id = ?`
	selectFirst = `SELECT seq, pipeline, lane, execution, stage, granted FROM environment_claims
		WHERE repository_id = ? AND host = ? AND environment = ? ORDER BY seq LIMIT 1`
	selectGranted = `SELECT granted FROM environment_claims WHERE execution = ? AND stage = ? AND environment = ? AND repository_id = ?`
	grantClaim    = `UPDATE environment_claims SET granted = 1 WHERE seq = ?`
	selectClaims  = `SELECT environment, pipeline, lane, execution, stage, granted, created_at FROM environment_claims
		WHERE repository_id = ? AND host = ? ORDER BY environment, seq`
)

// Claim is a run's place in the line for an environment.
type Claim struct {
	pipeline.EnvironmentClaim
	Key  pipeline.StateKey
	Held bool // it has the environment; else it waits
	At   time.Time
}

// Claims returns who holds the environments of a repository, and who waits for
// them, in the order of the line.
func (db *DB) Claims(ctx context.Context, host string, repositoryID int64) ([]Claim, error) {
	var claims []Claim
	err := db.read(ctx, func(s *snapshot) error {
		claims = nil
		rows, err := s.query(selectClaims, repositoryID, host)
		return each(rows, err, func(rows *sql.Rows) error {
			c := Claim{Key: pipeline.StateKey{Host: host, RepositoryID: repositoryID}}
			var lane string
			var at int64
			err := rows.Scan(&c.Environment, &c.Key.Pipeline, &lane, &c.Execution, &c.Stage, &c.Held, &at)
			if err == nil {
				c.Key.Lane, err = pipeline.ParseLane(lane)
			}
			c.At = fromMicros(at)
			claims = append(claims, c)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("environments of repository %d: %w", repositoryID, err)
	}
	return claims, nil
}

// saveClaims saves the turn's claims and releases, and tells whoever is first in
// line now.
func (rows *turnRows) saveClaims(t *tx) error {
	key := rows.key
	touched := map[string]bool{}
	var names []string
	touch := func(name string) {
		if !touched[name] {
			touched[name] = true
			names = append(names, name)
		}
	}
	for _, c := range rows.releases {
		if _, err := t.exec(deleteClaim, c.Execution, c.Stage, c.Environment, key.RepositoryID); err != nil {
			return err
		}
		touch(c.Environment)
	}
	for _, c := range rows.claims {
		if _, err := t.exec(insertClaim, key.RepositoryID, key.Host, c.Environment, key.Pipeline, rows.lane, c.Execution, c.Stage, rows.now); err != nil {
			return err
		}
		touch(c.Environment)
	}
	for _, name := range names {
		if err := rows.grantFirst(t, name); err != nil {
			return err
		}
	}
	return nil
}

func (rows *turnRows) grantFirst(t *tx, environment string) error {
	var seq int64
	var granted bool
	var lane string
	order := pipeline.StageOrder{V: 1, Key: pipeline.StateKey{Host: rows.key.Host, RepositoryID: rows.key.RepositoryID}}
	ok, err := t.get(selectFirst, []any{rows.key.RepositoryID, rows.key.Host, environment},
		&seq, &order.Key.Pipeline, &lane, &order.Execution, &order.Stage, &granted)
	if err != nil || !ok || granted {
		return err
	}
	if order.Key.Lane, err = pipeline.ParseLane(lane); err != nil {
		return err
	}
	if _, err := t.exec(grantClaim, seq); err != nil {
		return err
	}
	return rows.make(pipeline.GrantEnvironment, order)
}
