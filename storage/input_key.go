package storage

import (
	"context"
	"fmt"
)

const selectInputKey = `SELECT 1 FROM input_keys WHERE repository_id = ? AND host = ? AND key = ?`

// HadEffect reports whether the input of a business key has had its effect. Keys are
// kept for a year.
func (db *DB) HadEffect(ctx context.Context, host string, repositoryID int64, key string) (known bool, err error) {
	err = db.read(ctx, func(s *snapshot) error {
		var one int
		known, err = s.get(selectInputKey, []any{repositoryID, host, key}, &one)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("input key: %w", err)
	}
	return known, nil
}
