package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// find returns the task, taking it up from its folder if this Host has not seen
// it yet. Without a folder it is made new, if wanted, else fs.ErrNotExist.
func (h *Host) find(spec compute.Task, create bool) (*task, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, pipeline.Errorf(pipeline.Unavailable, "the host is shutting down")
	}
	if t := h.tasks[spec.ID]; t != nil {
		return t, nil
	}
	f := h.folder(spec.ID)
	if !create && !f.has(".") {
		return nil, fs.ErrNotExist
	}
	t := newTask(spec, f)
	var known outcome
	switch err := f.readJSON("result", &known); {
	case err == nil:
		t.progress = known.Status
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("task %s: result: %w", spec.ID, err)
	default:
		if err := h.adopt(t, create); err != nil {
			return nil, fmt.Errorf("task %s: %w", spec.ID, err)
		}
	}
	h.tasks[spec.ID] = t
	return t, nil
}

// adopt takes up a task that has no result. The caller holds h.mu.
func (h *Host) adopt(t *task, create bool) error {
	alive, err := t.folder.supervised()
	if err != nil {
		return err
	}
	if alive || t.folder.claimed() {
		t.progress = compute.Status{Phase: compute.Running, Status: pipeline.ActionInProgress}
		h.launch(t, h.resume)
		return nil
	}
	if !create && !t.folder.has("task.json") && !t.folder.has("stop") {
		return fs.ErrNotExist
	}
	if t.folder.has("stop") {
		t.stopOnce()
		h.endUnstarted(t)
		return nil
	}
	if err := t.folder.create(t.Task); err != nil {
		return err
	}
	h.enqueue(t)
	return nil
}

// resumeAll looks through the folder for tasks whose commands have been started
// and whose end was not told yet.
func (h *Host) resumeAll() error {
	entries, err := os.ReadDir(h.opt.Dir)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	for _, entry := range entries {
		id := entry.Name()
		if strings.HasPrefix(id, trashPrefix) {
			if err := removeAll(filepath.Join(h.opt.Dir, id)); err != nil {
				h.opt.Logger.Warn("a removed task is still there", "task", id, "error", err)
			}
			continue
		}
		if checkID(id) != nil || !h.folder(id).unfinished() {
			continue
		}
		spec, err := h.folder(id).spec()
		if err != nil {
			h.opt.Logger.Error("a task cannot be read", "task", id, "error", err)
			continue
		}
		if len(spec.SecretNames) > 0 {
			continue // what it has printed can be told once Poll brings its secrets
		}
		if _, err := h.find(spec, false); err != nil {
			h.opt.Logger.Error("a task cannot be taken up", "task", id, "error", err)
		}
	}
	return nil
}
