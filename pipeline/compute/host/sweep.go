package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

// Sweep removes what is left of ended tasks that nobody removed: a crash came
// between. Those that are in use, that may still run, or that changed since before
// stay.
func (h *Host) Sweep(ctx context.Context, before time.Time, inUse func(taskID string) bool) (removed int, err error) {
	entries, err := os.ReadDir(h.opt.Dir)
	if err != nil {
		return 0, fmt.Errorf("host: %w", err)
	}
	var failed []error
	for _, entry := range entries {
		id := entry.Name()
		info, err := entry.Info()
		if err != nil || checkID(id) != nil || !info.ModTime().Before(before) || h.folder(id).unfinished() || inUse(id) {
			continue // or it is being removed just now
		}
		h.mu.Lock()
		t := h.tasks[id]
		waits := t != nil && t.progress.Phase != compute.Ended
		h.mu.Unlock()
		if waits {
			continue
		}
		if err := h.Remove(ctx, id); err != nil {
			failed = append(failed, err)
			continue
		}
		removed++
	}
	return removed, errors.Join(failed...)
}
