package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// NewestChange returns the newest change of the lane's ref that was accepted,
// and whether there is one.
func (db *DB) NewestChange(ctx context.Context, key pipeline.StateKey) (change pipeline.Change, ok bool, err error) {
	err = db.read(ctx, func(s *snapshot) error {
		var lane, version int64
		var doc []byte
		found, err := s.get(selectLane, []any{key.RepositoryID, key.Host, key.Lane.String(), key.Pipeline}, &lane, &version, &doc)
		if err != nil || !found {
			return err
		}
		var ledger pipeline.Ledger
		if err := json.Unmarshal(doc, &ledger); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		if len(ledger.Changes) > 0 {
			change, ok = ledger.Changes[0], true
		}
		return nil
	})
	if err != nil {
		return change, false, fmt.Errorf("lane %s of %s: newest change: %w", key.Lane, key.Pipeline, err)
	}
	return change, ok, nil
}
