package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// ending is an error that says how the task ends.
type ending struct{ compute.Status }

func (e *ending) Error() string { return e.Summary }

func failure(kind pipeline.FailureType, format string, args ...any) error {
	return &ending{failed(kind, fmt.Sprintf(format, args...))}
}

// run takes a task that has a slot through all its phases.
func (h *Host) run(t *task) {
	ctx, cancel := t.untilStopped(h.ctx)
	defer cancel()
	for {
		began, err := h.begin(ctx, t)
		if err != nil {
			h.fail(t, err, 0)
			return
		}
		h.setPhase(t, compute.Running)
		claimed := h.follow(ctx, t)
		if claimed {
			return
		}
		if began {
			h.fail(t, failure(pipeline.SystemUnavailable, "the commands could not be started: the supervisor has failed"), 0)
			return
		}
		h.setPhase(t, compute.Preparing)
	}
}

// resume takes up a task whose commands have been started by an earlier Host, or
// seem to be about to be: the lock was held. It may have been held by a child of
// that Host that was killed with it, or shortly after, and no command has run.
// Then the phases begin anew.
func (h *Host) resume(t *task) {
	ctx, cancel := t.untilStopped(h.ctx)
	defer cancel()
	if t.folder.has("stop") {
		t.stopOnce()
	}
	if !h.follow(ctx, t) {
		h.setPhase(t, compute.Preparing)
		h.run(t)
	}
}

// begin prepares the folder and starts the supervisor. It holds the task's lock
// all the while and leaves it to the supervisor. It returns false if there is
// nothing to begin: somebody else holds the lock, or did and has claimed.
func (h *Host) begin(ctx context.Context, t *task) (bool, error) {
	if err := validate(t.Task); err != nil {
		return false, err
	}
	lock, err := t.folder.lock()
	if err != nil {
		return false, fmt.Errorf("lock: %w", err)
	}
	if lock == nil {
		return false, nil
	}
	defer lock.Close()
	if t.folder.claimed() {
		return false, nil
	}
	if err := h.prepare(ctx, t); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return true, h.supervise(t, lock)
}

// fail ends a task after trouble in a phase of ours. If the trouble is that we
// are being closed, it is left as it is for the next Host.
func (h *Host) fail(t *task, err error, covered int64) {
	var end *ending
	switch {
	case t.isStopped():
		h.end(t, stopped("stopped"), covered)
	case h.ctx.Err() != nil:
	case errors.As(err, &end):
		h.end(t, end.Status, covered)
	default:
		h.opt.Logger.Error("a task ends for trouble of the host", "task", t.ID, "error", err)
		h.end(t, failed(pipeline.SystemUnavailable, "this host could not carry it out: "+t.redactor.String(err.Error())), covered)
	}
}

// end makes the end of a task known: its log first, then its result, then Poll.
// covered is how many bytes of the spool the log covers.
func (h *Host) end(t *task, status compute.Status, covered int64) {
	if status.Status != pipeline.ActionSucceeded {
		t.say(h, status.Summary)
	}
	if err := h.closeLog(t, covered); err != nil {
		return // closed: the next Host comes here again
	}
	if err := t.folder.writeJSON("result", outcome{1, status}); err != nil {
		h.opt.Logger.Error("the end of a task could not be written down", "task", t.ID, "error", err)
	}
	h.mu.Lock()
	t.progress = status
	h.mu.Unlock()
	h.opt.OnChange(t.ID)
}

// say adds a line of our own to the log, with the next lines that are appended.
func (t *task) say(h *Host, text string) {
	t.pending = append(t.pending, pipeline.LogLine{At: h.opt.Now(), Stream: pipeline.System, Text: cleanLine(t.redactor.String(text))})
}
