package storage

import (
	"context"
	"database/sql"
	"time"
)

// read runs queries on one snapshot of the database. Other programs are
// outwaited as long as the context lasts.
func (db *DB) read(ctx context.Context, queries func(*snapshot) error) error {
	began := time.Now()
	err := outwait(ctx, func() error { return db.readOnce(ctx, queries) }, func(err error) {
		db.log.Warn("the database is held by another program; the query waits",
			"waited", time.Since(began).Round(time.Millisecond), "error", err)
	})
	switch {
	case err == nil:
		return nil
	case db.closing.Err() != nil:
		return errClosed
	case isInterrupted(err) && ctx.Err() != nil:
		return ctx.Err()
	}
	return err
}

func (db *DB) readOnce(ctx context.Context, queries func(*snapshot) error) error {
	t, err := db.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer t.Rollback() // nothing was changed
	return queries(&snapshot{ctx, t, db.tune.trace})
}
