package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const (
	selectBookmark = `SELECT at FROM bookmarks WHERE name = ?`
	saveBookmark   = `INSERT INTO bookmarks (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at`
)

// Bookmark returns how far something outside was read, in microseconds of its
// own clock; the zero time if it never was.
func (db *DB) Bookmark(ctx context.Context, name string) (time.Time, error) {
	var at time.Time
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(selectBookmark, name)
		at = time.Time{}
		return each(rows, err, func(rows *sql.Rows) error {
			var us int64
			err := rows.Scan(&us)
			at = fromMicros(us)
			return err
		})
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("bookmark %s: %w", name, err)
	}
	return at, nil
}

// SetBookmark notes how far something outside was read.
func (db *DB) SetBookmark(ctx context.Context, name string, at time.Time) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(saveBookmark, name, micros(at))
		return err
	}})
	if err != nil {
		return fmt.Errorf("bookmark %s: %w", name, err)
	}
	return nil
}
