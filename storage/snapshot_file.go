package storage

import (
	"context"
	"fmt"
	"net/url"
	"os"
)

// SnapshotTo writes the database as it is now to a new file, readable by its owner
// only and durable before it returns. Others read and write meanwhile.
func (db *DB) SnapshotTo(ctx context.Context, path string) (err error) {
	defer func() {
		if err != nil {
			os.Remove(path)
			err = fmt.Errorf("snapshot: %w", err)
		}
	}()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // VACUUM fills an empty file
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	pool, err := openPool(db.path, db.tune.busy, url.Values{}) // the readers may not write, not even elsewhere
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return err
	}
	return syncPath(path)
}
