package slackapp

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

// call is one thing we ask of Slack or tell it.
type call struct {
	method  string // Slack's name of it
	channel string // "" if it is about none
	what    string // for people
	timeout time.Duration
	waited  bool // somebody waits for it: our own pace does not hold it back
}

// do makes a call unless a limit forbids it, and puts what went wrong into words.
func (a *App) do(ctx context.Context, c call, f func(ctx context.Context) error) error {
	if wait := a.limits.take(c); wait > 0 {
		a.options.OnCall(c.method, "held", 0)
		return calls.Held(wait, "%s: to keep within Slack's limits, not before %s", c.what, wait.Round(time.Millisecond))
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	ctx, h := withHead(ctx)
	begin := time.Now()
	result, err := a.judge(c, h, f(ctx))
	took := time.Since(begin)
	a.options.OnCall(c.method, result, took)
	a.log.Debug("Slack was called", "method", c.method, "channel", c.channel, "result", result, "took", took)
	return err
}

// judge says how a call went: one word for metrics, and an error with a kind. The
// errors of the libraries end here, except that somebody gave up: they can say
// anything.
func (a *App) judge(c call, h *head, err error) (result string, _ error) {
	var ours *pipeline.Error
	var refused slack.SlackErrorResponse
	switch {
	case err == nil:
		return "ok", nil
	case h.status == http.StatusTooManyRequests:
		return "limited", a.limited(c, h.retryAfter)
	case errors.Is(err, context.Canceled):
		return "timeout", calls.Unavailable(0, context.Canceled, "%s: given up", c.what)
	case calls.TimedOut(err):
		return "timeout", calls.Unavailable(0, context.DeadlineExceeded, "%s: Slack did not answer in time", c.what)
	case h.status == 0 && !errors.As(err, &ours):
		return "network", calls.Unavailable(0, nil, "%s: Slack could not be asked: %s", c.what, a.secrets.scrub(innermost(err)))
	case h.status >= 500:
		return "5xx", calls.Unavailable(h.retryAfter, nil, "%s: Slack answered %d", c.what, h.status)
	case errors.As(err, &ours):
		return "strange", &pipeline.Error{Kind: ours.Kind, Message: c.what + ": " + ours.Message, Err: ours.Err}
	case h.status != http.StatusOK:
		return "strange", calls.Unavailable(h.retryAfter, nil,
			"%s: %s answered %d, which Slack does not: is something else answering there?", c.what, a.api.Host, h.status)
	case !errors.As(err, &refused):
		return "strange", calls.Unavailable(0, nil, "%s: the answer makes no sense: is something else than Slack answering?", c.what)
	}
	switch code := knownCode(refused.Err); code {
	case "ratelimited", "rate_limited":
		return "limited", a.limited(c, h.retryAfter)
	default:
		return code, a.explainRefusal(c.what, *h, refused)
	}
}

// limited closes what Slack wants to be left alone with.
func (a *App) limited(c call, after time.Duration) error {
	if after == 0 {
		after = unsaidWait
	}
	a.limits.close(c, after)
	a.log.Warn("Slack takes no more for now", "method", c.method, "channel", c.channel, "for", after)
	return calls.TooMany(after, "%s: Slack takes no more for the next %s", c.what, after)
}

// strange is the error of an answer that Slack does not give.
func strange() error {
	return pipeline.Errorf(pipeline.Unavailable, "the answer makes no sense: is something else than Slack answering?")
}

// innermost is what the last error of a chain says: those around it show URLs.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
