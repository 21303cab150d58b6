package engine_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// disk has the store refuse every write while it is full.
func (h *house) disk() (full *atomic.Bool) {
	full = &atomic.Bool{}
	h.store.SetFault(func(operation string) error {
		switch operation {
		case "SaveTurn", "RetryOrder", "CompleteOrder", "BuryOrder", "Enqueue":
			if full.Load() {
				return errors.New("database or disk is full")
			}
		}
		return nil
	})
	return full
}

// What cannot be saved for hours goes on by itself within seconds of there being
// room again: the start of an action that was launched already, and the end of one
// that tells nothing.
func TestFullDiskLosesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		full := h.disk()
		var ids []string
		h.provider.onStart = func(job provider.Job) error {
			ids = append(ids, job.ID)
			full.Store(job.Action.Name == "launched" && h.provider.starts["launched"] == 1)
			return nil
		}
		run := h.push("a", "quiet launched")
		h.provider.end(attempt(run, "s1", "quiet"), pipeline.ActionSucceeded, false)
		time.Sleep(3 * time.Hour)
		h.wantStatus(run, pipeline.ExecutionInProgress)
		full.Store(false)
		time.Sleep(time.Minute)
		h.provider.end(attempt(run, "s1", "launched"), pipeline.ActionSucceeded, true)
		h.wantStatus(run, pipeline.ExecutionSucceeded)
		if len(ids) != 3 || h.provider.started("quiet") != 1 {
			t.Errorf("started %q, want the launched one twice under one id", ids)
		}
		if dead := h.store.Orders(true); len(dead) != 0 {
			t.Errorf("given up: %v", dead)
		}
	})
}

// A server that can save nothing still ends when it is told to.
func TestFullDiskDoesNotHoldTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		full := h.disk()
		h.provider.onStart = func(provider.Job) error { full.Store(true); return nil }
		h.push("a", "compile")
		time.Sleep(time.Minute)
		began := time.Now()
		h.end()
		if took := time.Since(began); took > 0 {
			t.Errorf("the end took %s", took)
		}
		full.Store(false)
		h.store.Restart()
		h.start()
	})
}
