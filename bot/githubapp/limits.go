package githubapp

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
)

const (
	// firstPause is how long we stay away after a secondary limit that names no
	// time. It doubles up to maxPause with each one that follows.
	firstPause = time.Minute
	maxPause   = 15 * time.Minute
	// maxWait bounds what we believe of a header.
	maxWait = 2 * time.Hour
	// sameReset is how far apart two words about the end of the same hour may be.
	sameReset = 5 * time.Second
)

// limits is how much more an installation may ask: what GitHub has said, and the
// pace that it only documents. All requests pass admit.
type limits struct {
	now func() time.Time
	log *slog.Logger

	mu        sync.Mutex
	unlimited bool // GitHub has shown that it limits nothing
	pace      *pacer
	known     bool // the three that follow
	limit     int
	remaining int
	reset     time.Time // when remaining is filled up again
	underWay  int
	blocked   time.Time // nothing is sent before
	reason    string    // why blocked
	strikes   int       // secondary limits without a time, one after another
	counts    counts
}

// counts are for metrics.
type counts struct {
	requests, notModified, refused uint64
	held                           [classes]uint64
}

func newLimits(now func() time.Time, pace Pace, log *slog.Logger) *limits {
	return &limits{now: now, log: log, pace: newPacer(pace)}
}

// admit lets a request through, or refuses it with kind Unavailable and the time
// to wait: an error of NotSent. Whoever is let through calls done.
func (l *limits) admit(class Class, c cost) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if wait, reason := l.wait(now, class, c); wait > 0 {
		l.counts.held[class]++
		return calls.Held(wait, "%s, no calls of this kind for %s", reason, wait.Round(time.Millisecond))
	}
	l.pace.begin(now, c)
	l.underWay++
	l.counts.requests++
	return nil
}

// wait is how long such a request would have to wait, and why.
func (l *limits) wait(now time.Time, class Class, c cost) (time.Duration, string) {
	if wait := l.blocked.Sub(now); wait > 0 {
		return wait, l.reason
	}
	if l.known && now.Before(l.reset) && l.remaining-l.underWay <= class.save(l.limit) {
		return l.reset.Sub(now), "GitHub's hourly limit is nearly used up"
	}
	if l.unlimited {
		return 0, ""
	}
	return l.pace.wait(now, class, c), "this keeps within GitHub's limits"
}

// done ends a request that was admitted, and learns from its answer, nil if there
// was none. refused means that the answer is a limit, to be waited for.
func (l *limits) done(c cost, answer *http.Response, body []byte) (refused bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.underWay--
	l.pace.end(now, c)
	if answer == nil {
		return false, 0
	}
	if answer.StatusCode == http.StatusNotModified {
		l.counts.notModified++
	}
	refused = l.learn(now, answer.StatusCode, answer.Header, body)
	if refused {
		l.counts.refused++
	}
	return refused, max(0, l.blocked.Sub(now))
}

func (l *limits) learn(now time.Time, status int, h http.Header, body []byte) (refused bool) {
	rate, ok := readRate(h, now)
	if ok {
		l.unlimited = false
		l.count(rate)
	} else if status < 300 && h.Get("X-RateLimit-Limit") == "" {
		l.unlimited = true // an Enterprise Server whose admin has not turned limits on
	}
	no := status == http.StatusForbidden || status == http.StatusTooManyRequests
	after, named := readRetryAfter(h, now)
	switch {
	case no && named:
		l.block(now, now.Add(after), "GitHub's limit is reached")
	case no && ok && rate.remaining == 0:
		l.block(now, rate.reset, "GitHub's hourly limit is used up")
	case status == http.StatusTooManyRequests, no && isSecondary(body):
		pause := min(maxPause, firstPause<<min(l.strikes, 10))
		l.strikes++
		l.block(now, now.Add(pause), "GitHub's limit is reached")
	case status < 300:
		l.strikes = 0
		return false
	default:
		return false
	}
	l.unlimited = false
	return true
}

// count takes a remaining number on. Answers come in any order: within one hour
// the lowest is the newest.
func (l *limits) count(r rate) {
	switch {
	case !l.known || r.reset.After(l.reset.Add(sameReset)):
		l.known, l.limit, l.remaining, l.reset = true, r.limit, r.remaining, r.reset
	case !r.reset.Before(l.reset.Add(-sameReset)):
		l.remaining = min(l.remaining, r.remaining)
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
