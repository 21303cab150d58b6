package storage

import (
	"context"
	"fmt"
)

const (
	selectLog = `SELECT doc FROM logs WHERE repository_id = ? AND attempt_id = ?`
	saveLog   = `INSERT INTO logs (repository_id, attempt_id, doc, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (repository_id, attempt_id) DO UPDATE SET doc = excluded.doc, updated_at = excluded.updated_at`
)

// LogRecord returns what SaveLogRecord noted of an attempt's log, nil if nothing.
func (db *DB) LogRecord(ctx context.Context, repositoryID int64, attemptID string) ([]byte, error) {
	var doc []byte
	err := db.read(ctx, func(s *snapshot) error {
		_, err := s.get(selectLog, []any{repositoryID, attemptID}, &doc)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("log of %s: load: %w", attemptID, err)
	}
	return doc, nil
}

// SaveLogRecord notes how much of an attempt's log is durable. The record is
// package actionlog's, versioned and opaque here.
func (db *DB) SaveLogRecord(ctx context.Context, repositoryID int64, attemptID string, record []byte) error {
	record = append([]byte{}, record...)
	now := micros(db.now())
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(saveLog, repositoryID, attemptID, record, now)
		return err
	}})
	if err != nil {
		return fmt.Errorf("log of %s: save: %w", attemptID, err)
	}
	return nil
}
