package host

import (
	"context"
	"time"
)

// patiently calls work until it succeeds or ctx ends: a task does not end before
// its log is durable.
func (h *Host) patiently(ctx context.Context, t *task, work func() error) error {
	for delay := 50 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		err := work()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		h.opt.Logger.Warn("the log cannot be written; trying again", "task", t.ID, "error", err)
		if err := sleep(ctx, delay); err != nil {
			return err
		}
	}
}

// appendPending appends our own lines now, covering no more of the spool than
// the log covers already.
func (h *Host) appendPending(ctx context.Context, t *task) error {
	if len(t.pending) == 0 {
		return nil
	}
	err := h.patiently(ctx, t, func() error {
		durable, err := h.opt.Logs.Offset(ctx, t.Repository.ID, t.ID)
		if err != nil {
			return err
		}
		return h.opt.Logs.Append(ctx, t.Repository.ID, t.ID, durable, t.pending)
	})
	if err == nil {
		t.pending = nil
	}
	return err
}

// closeLog appends our last lines and ends the log. The offset one behind the
// spool says that they are in, should we come here again. Only Close ends the
// wait for the log, not a stop of the task.
func (h *Host) closeLog(t *task, covered int64) error {
	return h.patiently(h.ctx, t, func() error {
		durable, err := h.opt.Logs.Offset(h.ctx, t.Repository.ID, t.ID)
		if err != nil {
			return err
		}
		if last := covered + 1; durable < last && len(t.pending) > 0 {
			if err := h.opt.Logs.Append(h.ctx, t.Repository.ID, t.ID, last, t.pending); err != nil {
				return err
			}
		}
		return h.opt.Logs.Finish(h.ctx, t.Repository.ID, t.ID)
	})
}
