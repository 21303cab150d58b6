package host

import (
	"context"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	longestDelay = 30 * time.Second
	// doubtfulTries is how often an answer is asked for again that is final
	// unless the other side's parts do not agree yet: a forge may not know a
	// commit or a token that it has just told us of.
	doubtfulTries = 3
)

// doubtful is a failure that is believed only when it comes again.
type doubtful struct{ error }

func (d *doubtful) Unwrap() error { return d.error }

// retry calls work until it succeeds, fails for good, or the other side has been
// unavailable for PrepareLimit. After the first failure people are told.
func (h *Host) retry(ctx context.Context, t *task, what string, work func(context.Context) error) error {
	begun, delay := time.Now(), h.opt.RetryDelay
	for try := 1; ; try++ {
		err := work(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if d, ok := err.(*doubtful); ok {
			if try >= doubtfulTries {
				return d.error
			}
		} else if pipeline.KindOf(err) != pipeline.Unavailable {
			return err
		} else if time.Since(begun) >= h.opt.PrepareLimit {
			return failure(pipeline.SystemUnavailable, "%s: gave up after %s: %v", what, h.opt.PrepareLimit, err)
		}
		h.opt.Logger.Warn("trying again", "task", t.ID, "what", what, "try", try, "error", err)
		t.say(h, what+": "+err.Error()+"; trying again in "+delay.Round(time.Millisecond).String())
		if err := h.appendPending(ctx, t); err != nil {
			return err
		}
		h.explain(t, what+": "+t.redactor.String(err.Error()))
		if err := sleep(ctx, delay); err != nil {
			return err
		}
		delay = min(2*delay, longestDelay)
	}
}

// explain tells Poll why a phase takes long.
func (h *Host) explain(t *task, summary string) {
	h.mu.Lock()
	t.progress.Summary = summary
	h.mu.Unlock()
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
