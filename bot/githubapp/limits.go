package githubapp

import (
	"bytes"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// firstPause is how long we stay away after a secondary limit that names no
	// time. It doubles up to maxPause with each one that follows.
	firstPause = time.Minute
	maxPause   = 15 * time.Minute
	// maxWait bounds what we believe of a header.
	maxWait = 2 * time.Hour
)

// limits is what GitHub said about how much more an installation may ask.
//
// All requests pass admit. A gate for writes that create content (80 a minute,
// 500 an hour) belongs there too.
type limits struct {
	now func() time.Time
	log *slog.Logger

	mu        sync.Mutex
	known     bool
	remaining int
	reset     time.Time // when remaining is filled up again
	blocked   time.Time // nothing is sent before
	reason    string    // why blocked
	strikes   int       // secondary limits without a time, one after another
}

// admit refuses a request while a limit lasts: with kind Unavailable and the
// time to wait.
func (l *limits) admit(_ string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := l.blocked.Sub(l.now())
	if wait <= 0 {
		return nil
	}
	return unavailable(wait, nil, "%s, no calls for %s", l.reason, wait.Round(time.Second))
}

// wait is how long nothing will be sent.
func (l *limits) wait() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.blocked.Sub(l.now()))
}

// Limits is what is known of an installation's limits.
type Limits struct {
	Known     bool      // GitHub has said something yet
	Remaining int       // requests left until Reset
	Reset     time.Time //
	Blocked   time.Time // no request is sent before; zero or past: none is held back
}

// Limits tells what is known of an installation's limits, for metrics and
// doctors. It asks nothing.
func (a *App) Limits(installation int64) Limits {
	a.mu.Lock()
	i := a.installations[installation]
	a.mu.Unlock()
	if i == nil {
		return Limits{}
	}
	l := i.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	return Limits{Known: l.known, Remaining: l.remaining, Reset: l.reset, Blocked: l.blocked}
}

// observe learns from an answer.
func (l *limits) observe(status int, h http.Header, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	remaining, reset, ok := readRate(h)
	if ok {
		l.count(remaining, reset)
	}
	refused := status == http.StatusForbidden || status == http.StatusTooManyRequests
	after, named := readRetryAfter(h, now)
	switch {
	case refused && named:
		l.block(now, now.Add(after), "GitHub's limit is reached")
	case refused && ok && remaining == 0:
		l.block(now, reset, "GitHub's hourly limit is used up")
	case status == http.StatusTooManyRequests, refused && isSecondary(body):
		pause := min(maxPause, firstPause<<min(l.strikes, 10))
		l.strikes++
		l.block(now, now.Add(pause), "GitHub's limit is reached")
	case status < 300:
		l.strikes = 0
		if ok && remaining == 0 { // the next one would be refused
			l.block(now, reset, "GitHub's hourly limit is used up")
		}
	}
}

// count takes a remaining number on. Answers come in any order: within one
// window the lowest is the newest.
func (l *limits) count(remaining int, reset time.Time) {
	switch {
	case !l.known || reset.After(l.reset.Add(time.Second)):
		l.known, l.remaining, l.reset = true, remaining, reset
	case !reset.Before(l.reset.Add(-time.Second)):
		l.remaining = min(l.remaining, remaining)
	}
}

func (l *limits) block(now, until time.Time, reason string) {
	if latest := now.Add(maxWait); until.After(latest) {
		until = latest
	}
	if until.After(l.blocked) && until.After(now) {
		l.blocked, l.reason = until, reason
		l.log.Warn("github limit", "reason", reason, "until", until.UTC().Format(time.RFC3339))
	}
}

// readRate reads x-ratelimit-*. Other resources than the core have limits of
// their own, and we ask none.
func readRate(h http.Header) (remaining int, reset time.Time, ok bool) {
	if resource := h.Get("X-RateLimit-Resource"); resource != "" && resource != "core" {
		return 0, time.Time{}, false
	}
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil {
		return 0, time.Time{}, false
	}
	seconds, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0, time.Time{}, false
	}
	return remaining, time.Unix(seconds, 0), true
}

// readRetryAfter reads Retry-After, in seconds or as a date.
func readRetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 {
		return min(maxWait, time.Duration(min(seconds, 1<<20))*time.Second), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(maxWait, max(0, at.Sub(now))), true
	}
	return 0, false
}

// isSecondary tells a secondary limit from a missing permission, both of which
// are 403.
func isSecondary(body []byte) bool {
	return bytes.Contains(body, []byte("secondary rate limit")) ||
		bytes.Contains(body, []byte("secondary-rate-limits")) ||
		bytes.Contains(body, []byte("#abuse-rate-limits"))
}

// unavailable makes an error of kind Unavailable; after is how long to wait, 0
// when nobody knows.
func unavailable(after time.Duration, cause error, format string, args ...any) *pipeline.Error {
	e := pipeline.Errorf(pipeline.Unavailable, format, args...)
	e.Err = retryError{after: after, err: cause}
	return e
}
