package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	selectPause = `SELECT paused, by, reason, at FROM pauses ORDER BY seq DESC LIMIT 1`
	insertPause = `INSERT INTO pauses (paused, by, reason, at) VALUES (?, ?, ?, ?)`
)

// Pause returns whether the server is told to start nothing, by whom and why. Who
// let it go on last is returned too; the zero Pause means that nobody ever
// stopped it.
func (db *DB) Pause(ctx context.Context) (pipeline.Pause, error) {
	var p pipeline.Pause
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(selectPause)
		p = pipeline.Pause{}
		return each(rows, err, func(rows *sql.Rows) error {
			var at int64
			err := rows.Scan(&p.Paused, &p.By, &p.Reason, &at)
			p.At = fromMicros(at)
			return err
		})
	})
	if err != nil {
		return pipeline.Pause{}, fmt.Errorf("pause: %w", err)
	}
	return p, nil
}

// SetPause tells the server to start nothing, or to go on. What was told before
// is kept.
func (db *DB) SetPause(ctx context.Context, p pipeline.Pause) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(insertPause, p.Paused, p.By, p.Reason, micros(p.At))
		return err
	}})
	if err != nil {
		return fmt.Errorf("pause: save: %w", err)
	}
	return nil
}
