package bot

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// maxReportWait is how long a report waits at most after GitHub could not be
	// reached, and maxRefusedWait after it said no: a person has to do something.
	maxReportWait  = time.Minute
	maxRefusedWait = time.Hour
)

// isGone reports whether an error means that nothing can be shown any more: not
// when GitHub does not even know us.
func (r *Reporter) isGone(ctx context.Context, err error) bool {
	if !errors.Is(err, githubapp.ErrGone) {
		return false
	}
	_, unknown := r.bot.Forge.App(ctx)
	return unknown == nil
}

// isRefusal reports whether an error is GitHub's no, which lasts until a person
// changes something there or here.
func isRefusal(err error) bool {
	switch pipeline.KindOf(err) {
	case pipeline.Forbidden, pipeline.NotFound:
		return true
	}
	return false
}

// failed puts an entry off after an error.
func (r *Reporter) failed(e *entry, err error, refused bool) {
	e.failures++
	e.again, e.refused = true, refused
	first, most := 250*time.Millisecond, maxReportWait
	if e.refused {
		first, most = time.Minute, maxRefusedWait
	}
	delay := min(first<<min(e.failures-1, 16), most)
	delay += time.Duration(rand.Int64N(int64(delay)/4 + 1))
	if after, ok := calls.RetryAfter(err); ok && after > delay {
		delay = after
	}
	e.notUntil = r.bot.Now().Add(delay)
	if e.refused {
		r.sayOnce(e, "GitHub refuses reports; they are tried again, at least each hour", err)
		return
	}
	r.bot.Logger.Warn("report will be tried again", "execution", e.id, "failures", e.failures, "again_in", delay, "error", err)
}

// sayOnce puts a refusal into the log once per repository, until a report there
// succeeds.
func (r *Reporter) sayOnce(e *entry, message string, err error) {
	said := r.refused[e.repositoryID]
	if slices.Contains(said, message) {
		r.bot.Logger.Debug(message, "execution", e.id, "error", err)
		return
	}
	r.refused[e.repositoryID] = append(said, message)
	r.bot.Logger.Warn(message, "execution", e.id, "error", err)
}
