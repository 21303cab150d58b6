package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/penstock-cd/penstock/storage"
)

// chores are what the server does now and then: at its start, and each hour.
type chores struct {
	db     *storage.DB
	logger *slog.Logger
}

const choresEvery = time.Hour

// Run does them until ctx ends.
func (c chores) Run(ctx context.Context) error {
	tick := time.NewTicker(choresEvery)
	defer tick.Stop()
	for {
		if err := c.db.Prune(ctx, time.Now()); err != nil && ctx.Err() == nil {
			c.logger.Error("what is kept for a limited time was not removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
