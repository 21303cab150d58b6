package storage

import (
	"context"
	"io/fs"
	"time"
)

// Tuned opens a database with what only tests change: how long one try waits for
// another program, other migrations (nil: the real ones), and somebody who sees
// every statement (nil: nobody).
func Tuned(ctx context.Context, options Options, busy time.Duration, migrations fs.FS, trace func(string)) (*DB, error) {
	tune := defaultTuning()
	tune.trace = trace
	if busy > 0 {
		tune.busy = busy
	}
	if migrations != nil {
		tune.migrations = migrations
	}
	return open(ctx, options, tune)
}

// Path is the database's file.
func (db *DB) Path() string { return db.path }

// Held is how many orders are held in memory.
func (db *DB) Held() int {
	db.orders.mu.Lock()
	defer db.orders.mu.Unlock()
	return len(db.orders.held) + len(db.orders.ready)
}
