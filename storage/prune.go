package storage

import (
	"context"
	"fmt"
	"time"
)

const (
	pruneBodies = `UPDATE deliveries SET headers = NULL, body = NULL WHERE seq IN
		(SELECT seq FROM deliveries INDEXED BY deliveries_bodies WHERE body IS NOT NULL AND received_at < ? AND status <> 'Received' LIMIT ?)`
	pruneDeliveries = `DELETE FROM deliveries WHERE seq IN
		(SELECT seq FROM deliveries INDEXED BY deliveries_received WHERE received_at < ? AND status <> 'Received' LIMIT ?)`
	prunePushes = `DELETE FROM pushes WHERE (repository_id, host, after, ref, pusher_id) IN
		(SELECT repository_id, host, after, ref, pusher_id FROM pushes INDEXED BY pushes_at WHERE at < ? LIMIT ?)`
	pruneKeys = `DELETE FROM input_keys WHERE (repository_id, host, key) IN
		(SELECT repository_id, host, key FROM input_keys INDEXED BY input_keys_created WHERE created_at < ? LIMIT ?)`
)

const (
	// keepBodies is how long a delivery's headers and body are kept.
	keepBodies = 14 * 24 * time.Hour
	// keepKeys is how long it is known that an input had its effect, and how long
	// a delivery is remembered at all.
	keepKeys = 365 * 24 * time.Hour
	// pruneStep is how many rows go in one transaction: others write in between.
	pruneStep = 500
)

// Prune removes what is kept for a limited time only: headers and bodies of
// deliveries after 14 days, input keys, deliveries, who pushed, and addresses of those
// who have not logged in, after a year. Deliveries whose order is open stay. Runs, events and dead orders are never removed.
func (db *DB) Prune(ctx context.Context, now time.Time) error {
	for _, step := range []struct {
		what, stmt string
		keep       time.Duration
	}{
		{"bodies", pruneBodies, keepBodies},
		{"deliveries", pruneDeliveries, keepKeys},
		{"input keys", pruneKeys, keepKeys},
		{"pushes", prunePushes, keepKeys},
		{"verified addresses", pruneVerifiedEmails, keepKeys},
	} {
		for n := int64(pruneStep); n == pruneStep; {
			err := db.writer.do(ctx, &write{run: func(t *tx) (err error) {
				n, err = t.count(step.stmt, micros(now.Add(-step.keep)), pruneStep)
				return err
			}})
			if err != nil {
				return fmt.Errorf("prune %s: %w", step.what, err)
			}
		}
	}
	return nil
}
