package host

import (
	"context"
	"time"
)

// follow reads along until the supervisor has ended, then finishes the task. A
// stop does not cut it short: the supervisor has been told, and tells the end.
// It returns false, having done nothing, if nobody holds the lock and nobody has
// claimed.
func (h *Host) follow(ctx context.Context, t *task) (claimed bool) {
	unwatch, err := h.watcher.add(t)
	if err != nil {
		h.fail(t, err, 0)
		return true
	}
	defer unwatch()
	l, err := h.newTail(h.ctx, t)
	if err != nil {
		return true // closed
	}
	defer l.close()
	if !h.readAlong(t, l) {
		return true // closed
	}
	unwatch()
	if !t.folder.claimed() && !t.folder.has("stop") {
		return false
	}
	if err := l.rest(h.ctx); err != nil {
		if h.ctx.Err() != nil {
			return true
		}
		h.opt.Logger.Error("the output of a task cannot be read to its end", "task", t.ID, "error", err)
	}
	h.finish(ctx, t, l.covered)
	return true
}

// readAlong appends output as it comes until the supervisor is gone or has said
// how the commands ended; false means that we are being closed.
func (h *Host) readAlong(t *task, l *tail) bool {
	const rechecks = 250
	checks, recheck := 1, time.NewTimer(0) // what happened before we watched
	defer recheck.Stop()
	due := time.NewTimer(time.Hour) // of output that waits, so that chatty tasks cost few appends
	due.Stop()
	defer due.Stop()
	more := func() {
		if err := l.more(h.ctx); err != nil && h.ctx.Err() == nil {
			h.opt.Logger.Error("the output of a task cannot be read", "task", t.ID, "error", err)
		}
	}
	signal(t.output)
	for {
		select {
		case <-h.ctx.Done():
			return false
		case <-t.over:
			checks = rechecks
			recheck.Reset(0)
		case <-recheck.C:
			// The kernel says that the lock file was closed a moment before it lets
			// the lock go, so looking once is not enough.
			over, err := t.folder.over()
			if err != nil {
				h.opt.Logger.Error("the state of a task cannot be read", "task", t.ID, "error", err)
			}
			if over {
				return true
			}
			if checks--; checks > 0 {
				recheck.Reset(2 * time.Millisecond)
			}
		case <-t.output:
			if wait := appendEvery - time.Since(l.last); wait > 0 {
				due.Reset(wait)
			} else {
				more()
			}
		case <-due.C:
			more()
		}
	}
}

// over reports whether no supervisor will tell more than the folder does now.
func (f folder) over() (bool, error) {
	if f.has("status") {
		return true, nil
	}
	supervised, err := f.supervised()
	return err == nil && !supervised, err
}
