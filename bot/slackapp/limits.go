package slackapp

import (
	"sync"
	"time"
)

// unsaidWait is how long a method is left alone that Slack wants to be left alone
// without saying for how long.
const unsaidWait = 30 * time.Second

// limits says what may be sent now: a pace of our own below what Slack documents,
// and what Slack has closed.
type limits struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[place]*bucket
	closed  map[place]time.Time
}

// place is what a limit is for: a method, or a method in one channel.
type place struct{ method, channel string }

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, buckets: map[place]*bucket{}, closed: map[place]time.Time{}}
}

// take spends what a call costs and answers 0, or spends nothing and answers how
// long it would have to wait.
func (l *limits) take(c call) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.tidy(now)
	wait := max(l.closed[place{c.method, ""}].Sub(now), l.closed[place{c.method, c.channel}].Sub(now), 0)
	if c.waited {
		return wait
	}
	var pay []*bucket
	for p, r := range ratesOf(c) {
		b := l.buckets[p]
		if b == nil {
			b = newBucket(r, now)
			l.buckets[p] = b
		}
		wait = max(wait, b.wait(now))
		pay = append(pay, b)
	}
	if wait > 0 {
		return wait
	}
	for _, b := range pay {
		b.take(now)
	}
	return 0
}

// close keeps what a call is for shut. Posts are limited per channel and for the
// whole workspace, and Slack does not say which limit it was: when a second channel
// is hit while one is shut, it is the workspace.
func (l *limits) close(c call, after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	until := now.Add(after)
	shut := func(p place) {
		if l.closed[p].Before(until) {
			l.closed[p] = until
		}
	}
	if c.method != methodPost {
		shut(place{c.method, ""})
		return
	}
	for p, end := range l.closed {
		if p.method == c.method && p.channel != c.channel && end.After(now) {
			shut(place{c.method, ""})
		}
	}
	shut(place{c.method, c.channel})
}

// tidy forgets what says nothing any more, now and then.
func (l *limits) tidy(now time.Time) {
	if len(l.buckets)+len(l.closed) < 1000 {
		return
	}
	for p, b := range l.buckets {
		if b.full(now) {
			delete(l.buckets, p)
		}
	}
	for p, end := range l.closed {
		if !end.After(now) {
			delete(l.closed, p)
		}
	}
}
