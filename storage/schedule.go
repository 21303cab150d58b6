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
	selectSchedules  = `SELECT pipeline, doc FROM schedules WHERE repository_id = ? AND host = ?`
	insertSchedule   = `INSERT INTO schedules (repository_id, host, pipeline, doc, due, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	deleteSchedule   = `DELETE FROM schedules WHERE repository_id = ? AND host = ? AND pipeline = ? AND doc = ?`
	selectNextUp     = `SELECT repository_id, host, pipeline, doc, due, at FROM schedules WHERE at >= 0 ORDER BY at LIMIT 1`
	postponeSchedule = `UPDATE schedules SET at = ? WHERE repository_id = ? AND host = ? AND pipeline = ? AND doc = ?`
	updateSchedule   = `UPDATE schedules SET due = ?, at = ? WHERE repository_id = ? AND host = ? AND pipeline = ? AND doc = ?`
)

// SetSchedules makes these the schedules of a repository. One that is there
// already keeps the time at which it is due.
func (db *DB) SetSchedules(ctx context.Context, host string, repositoryID int64, schedules []pipeline.DueSchedule) error {
	wanted := map[[2]string]int64{}
	for _, s := range schedules {
		doc, err := json.Marshal(s.Schedule)
		if err != nil {
			return fmt.Errorf("schedule of %s: %w", s.Pipeline, err)
		}
		wanted[[2]string{s.Pipeline, string(doc)}] = micros(s.Due)
	}
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		var gone [][2]string
		rows, err := t.query(selectSchedules, repositoryID, host)
		err = each(rows, err, func(rows *sql.Rows) error {
			var have [2]string
			err := rows.Scan(&have[0], &have[1])
			if _, ok := wanted[have]; !ok {
				gone = append(gone, have)
			}
			return err
		})
		for _, have := range gone {
			if err == nil {
				_, err = t.exec(deleteSchedule, repositoryID, host, have[0], have[1])
			}
		}
		for key, due := range wanted {
			if err == nil {
				_, err = t.exec(insertSchedule, repositoryID, host, key[0], key[1], due, due)
			}
		}
		return err
	}})
	if err != nil {
		return fmt.Errorf("schedules of repository %d: %w", repositoryID, err)
	}
	return nil
}

// HasSchedules reports whether a repository has any.
func (db *DB) HasSchedules(ctx context.Context, host string, repositoryID int64) (bool, error) {
	has := false
	err := db.read(ctx, func(s *snapshot) error {
		var name, doc string
		var err error
		has, err = s.get(selectSchedules+" LIMIT 1", []any{repositoryID, host}, &name, &doc)
		return err
	})
	return has, err
}

// NextSchedule returns the schedule that is to be seen to first, whatever the time;
// false if there is none.
func (db *DB) NextSchedule(ctx context.Context) (next pipeline.DueSchedule, ok bool, err error) {
	err = db.read(ctx, func(s *snapshot) error {
		var doc string
		var due, at int64
		next = pipeline.DueSchedule{}
		ok, err = s.get(selectNextUp, nil, &next.RepositoryID, &next.Host, &next.Pipeline, &doc, &due, &at)
		if err != nil || !ok {
			return err
		}
		next.Due, next.At = fromMicros(due), fromMicros(at)
		return json.Unmarshal([]byte(doc), &next.Schedule)
	})
	if err != nil {
		return next, false, fmt.Errorf("next schedule: %w", err)
	}
	return next, ok, nil
}

// AdvanceSchedule notes when a schedule is due next. One that is gone stays gone.
func (db *DB) AdvanceSchedule(ctx context.Context, s pipeline.DueSchedule, due time.Time) error {
	doc, err := json.Marshal(s.Schedule)
	if err != nil {
		return err
	}
	err = db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(updateSchedule, micros(due), micros(due), s.RepositoryID, s.Host, s.Pipeline, string(doc))
		return err
	}})
	if err != nil {
		return fmt.Errorf("schedule of %s: advance: %w", s.Pipeline, err)
	}
	return nil
}

// PostponeSchedule notes when a schedule is to be seen to, which stays due when it
// was.
func (db *DB) PostponeSchedule(ctx context.Context, s pipeline.DueSchedule, at time.Time) error {
	doc, err := json.Marshal(s.Schedule)
	if err != nil {
		return err
	}
	err = db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(postponeSchedule, micros(at), s.RepositoryID, s.Host, s.Pipeline, string(doc))
		return err
	}})
	if err != nil {
		return fmt.Errorf("schedule of %s: postpone: %w", s.Pipeline, err)
	}
	return nil
}
