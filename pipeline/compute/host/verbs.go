package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// Start takes the task on: see compute.Compute.
func (h *Host) Start(_ context.Context, spec compute.Task) error {
	if err := checkID(spec.ID); err != nil {
		return err
	}
	if spec.Revision.Fork && h.sandbox == nil {
		return pipeline.Errorf(pipeline.Forbidden, "commands have no sandbox on this host, and then nothing from a fork runs")
	}
	_, err := h.find(spec, true)
	h.dispatch()
	return err
}

// Poll tells how far the task is: see compute.Compute.
func (h *Host) Poll(_ context.Context, spec compute.Task) (compute.Status, error) {
	if err := checkID(spec.ID); err != nil {
		return compute.Status{}, err
	}
	t, err := h.find(spec, false)
	if errors.Is(err, fs.ErrNotExist) {
		return ended(pipeline.ActionFailed, pipeline.SystemUnavailable, "nothing is left of this task on this host"), nil
	}
	if err != nil {
		return compute.Status{}, err
	}
	h.dispatch()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.snapshot(t), nil
}

// Stop ends the task: see compute.Compute.
func (h *Host) Stop(_ context.Context, id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	f := h.folder(id)
	if _, err := os.Stat(f.result()); err == nil {
		return nil
	}
	if err := f.markStop(); err != nil {
		return fmt.Errorf("task %s: stop: %w", id, err)
	}
	h.mu.Lock()
	t := h.tasks[id]
	if t == nil {
		h.mu.Unlock()
		return nil
	}
	t.stopOnce()
	if t.progress.Phase == compute.Queued && h.unqueue(t) && !h.closed {
		h.endUnstarted(t)
	}
	h.mu.Unlock()
	return nil
}

// Remove forgets the task: see compute.Compute. One that has not ended is a
// Conflict.
func (h *Host) Remove(_ context.Context, id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	h.mu.Lock()
	t := h.tasks[id]
	if t != nil && t.progress.Phase != compute.Ended {
		h.mu.Unlock()
		return pipeline.Errorf(pipeline.Conflict, "task %s has not ended", id)
	}
	if t == nil && h.folder(id).unfinished() {
		h.mu.Unlock()
		return pipeline.Errorf(pipeline.Conflict, "task %s has not ended", id)
	}
	delete(h.tasks, id)
	trash, err := h.folder(id).discard()
	h.mu.Unlock()
	if err != nil {
		return fmt.Errorf("task %s: remove: %w", id, err)
	}
	if err := removeAll(trash); err != nil {
		return fmt.Errorf("task %s: remove: %w", id, err)
	}
	return nil
}

// endUnstarted ends a task that was stopped before it had a slot. The caller
// holds h.mu.
func (h *Host) endUnstarted(t *task) {
	t.progress = compute.Status{Phase: compute.Queued, Status: pipeline.ActionInProgress}
	h.group.Go(func() { h.end(t, stopped("stopped before it started"), 0) })
}

// unqueue takes a task out of the queue. The caller holds h.mu.
func (h *Host) unqueue(t *task) bool {
	for i, other := range h.queue {
		if other == t {
			h.queue = append(h.queue[:i:i], h.queue[i+1:]...)
			return true
		}
	}
	return false
}

func checkID(id string) error {
	for _, c := range id {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && c != '-' {
			id = ""
			break
		}
	}
	if id == "" || len(id) > 64 || id[0] == '-' {
		return pipeline.Errorf(pipeline.Invalid, "this is not the id of a task")
	}
	return nil
}
