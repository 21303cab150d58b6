package storage

import (
	"context"
	"fmt"
)

const (
	tellUnfinished = `UPDATE executions SET told_rev = 0 WHERE ended = 0 AND (told_rev IS NULL OR told_rev > 0)`
	markTold       = `UPDATE executions SET told_rev = ? WHERE id = ? AND repository_id = ? AND told_rev < ?`
	selectUntold   = `SELECT id, repository_id, rev, ended, open_gates, sha FROM executions INDEXED BY executions_untold WHERE rev > told_rev AND changed_at > 0 ORDER BY open_gates = 0, changed_at LIMIT ?`
)

// Tell has the runs that have not ended, and all that begin from now on, told of in
// Slack; each start does, for channels may have been added since, and texts changed. Of
// runs that ended before the first, nobody hears.
func (db *DB) Tell(ctx context.Context) error {
	db.telling.Store(true)
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(tellUnfinished)
		return err
	}})
	if err != nil {
		return fmt.Errorf("runs to be told of: %w", err)
	}
	return nil
}

// untold is the told_rev of a new run.
func (db *DB) untold() any {
	if db.telling.Load() {
		return 0
	}
	return nil
}

// ToTell signals that runs were saved since the last signal was received: look at
// Untold. It is for one receiver.
func (db *DB) ToTell() <-chan struct{} { return db.toTell }

// Untold lists the runs of all repositories that are to be told of and were saved
// since they were last marked: those that wait for people first, then the longest
// waiting.
func (db *DB) Untold(ctx context.Context, limit int) ([]Unreported, error) {
	return db.listUnreported(ctx, selectUntold, limit)
}

// MarkTold notes that Slack has been told of a run as of rev. A later save makes it
// untold again; an older rev than the noted one changes nothing.
func (db *DB) MarkTold(ctx context.Context, repositoryID int64, executionID string, rev int64) error {
	return db.mark(ctx, markTold, repositoryID, executionID, rev)
}
