package engine_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// The clock is set back an hour just when a gate's deadline has come: the gate stays
// open, and its deadline is not forgotten.
func TestSetBackAtADeadlineKeepsTheDeadline(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		var behind atomic.Bool
		h.end()
		h.now = func() time.Time {
			if behind.Load() {
				return time.Now().Add(-time.Hour)
			}
			return time.Now()
		}
		h.start()
		run := h.push("a", "gate") // for an hour
		behind.Store(true)
		early := 0
		h.store.SetFault(func(operation string) error {
			if operation == "RetryOrder" { // put off, and the clock is right again
				early++
				behind.Store(false)
			}
			return nil
		})
		time.Sleep(59 * time.Minute)
		h.wantStatus(run, pipeline.ExecutionInProgress)
		time.Sleep(2 * time.Minute)
		if e := h.wantStatus(run, pipeline.ExecutionFailed); e.FailureType != pipeline.Expired || early != 1 {
			t.Errorf("failed as %s after the deadline was put off %d times", e.FailureType, early)
		}
	})
}
