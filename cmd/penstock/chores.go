package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
	"github.com/penstock-cd/penstock/storage"
	"github.com/penstock-cd/penstock/storage/actionlog"
	"github.com/penstock-cd/penstock/storage/blob"
)

// chores are what the server does now and then, at its start and each hour: it
// removes what is kept for a limited time.
type chores struct {
	db        *storage.DB
	artifacts *blob.Store
	finished  *blob.Store // logs
	logs      *actionlog.Store
	host      *host.Host
	retention configs.Retention
	logger    *slog.Logger
}

const (
	choresEvery = time.Hour
	// keptSuccesses is how many of a pipeline's last successes keep their artifacts
	// whatever their age.
	keptSuccesses = 5
	// leftAlone is how long the folder of an ended task is not looked at: the
	// engine removes it itself.
	leftAlone = time.Hour
)

// Run does them until ctx ends.
func (c chores) Run(ctx context.Context) error {
	tick := time.NewTicker(choresEvery)
	defer tick.Stop()
	for {
		if err := c.once(ctx, time.Now()); err != nil && ctx.Err() == nil {
			c.logger.Error("what is kept for a limited time was not removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (c chores) once(ctx context.Context, now time.Time) error {
	return errors.Join(c.db.Prune(ctx, now), c.oldArtifacts(ctx, now), c.oldLogs(ctx, now), c.leftTasks(ctx, now))
}

func (c chores) oldArtifacts(ctx context.Context, now time.Time) error {
	inUse, err := c.db.ArtifactsInUse(ctx, keptSuccesses)
	if err != nil {
		return err
	}
	swept, err := c.artifacts.Sweep(ctx, blob.Sweep{
		Before: now.Add(-c.retention.Artifacts), MaxBytes: c.retention.ArtifactBytes,
		Keep: func(repositoryID int64, digest string) bool {
			return inUse[storage.StoredArtifact{RepositoryID: repositoryID, Digest: digest}]
		},
	})
	if swept.Removed > 0 {
		c.logger.Info("old artifacts removed", "count", swept.Removed, "bytes", swept.RemovedBytes, "left", swept.Left, "left_bytes", swept.LeftBytes)
	}
	return err
}

func (c chores) oldLogs(ctx context.Context, now time.Time) error {
	before := now.Add(-c.retention.Logs)
	swept, err := c.finished.Sweep(ctx, blob.Sweep{Before: before})
	loose, wrong := c.logs.Sweep(ctx, before)
	if count := swept.Removed + loose; count > 0 {
		c.logger.Info("old logs removed", "count", count, "bytes", swept.RemovedBytes)
	}
	return errors.Join(err, wrong)
}

// leftTasks removes the folders of tasks whose attempt has no work open.
func (c chores) leftTasks(ctx context.Context, now time.Time) error {
	inUse := map[string]bool{}
	for _, kind := range []pipeline.OrderKind{pipeline.StartAction, pipeline.CheckActions, pipeline.StopAction} {
		orders, err := c.db.OpenOrders(ctx, kind)
		if err != nil {
			return err
		}
		for _, order := range orders {
			var payload pipeline.ActionOrder
			if err := json.Unmarshal(order.Payload, &payload); err != nil {
				return err
			}
			inUse[payload.Attempt] = true
		}
	}
	removed, err := c.host.Sweep(ctx, now.Add(-leftAlone), func(id string) bool { return inUse[id] })
	if removed > 0 {
		c.logger.Info("left workspaces removed", "count", removed)
	}
	return err
}
