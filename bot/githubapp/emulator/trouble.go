package emulator

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Match picks API requests. Empty fields match everything.
type Match struct {
	Method string
	// Path is a path without /api/v3; * stands for one segment and ** at the end
	// for the rest, as in /repos/*/*/check-runs/**.
	Path string
	// Count ends the trouble after so many requests; 0 is no end.
	Count int
	// For ends the trouble after a while of real time; 0 is no end.
	For time.Duration
}

// Trouble is what happens to a request. Make one with the functions of this file.
type Trouble struct {
	status    int
	message   string
	docs      string
	header    http.Header
	delay     time.Duration
	hang      bool
	loseReply bool
}

// ServerError answers with a status such as 500 or 502 and does nothing.
func ServerError(status int) Trouble {
	return Trouble{status: status, message: "Server Error"}
}

// SecondaryLimit answers 403 with Retry-After.
func SecondaryLimit(retryAfter time.Duration) Trouble {
	return limitTrouble(http.StatusForbidden, retryAfter)
}

// TooManyRequests answers 429 with Retry-After.
func TooManyRequests(retryAfter time.Duration) Trouble {
	return limitTrouble(http.StatusTooManyRequests, retryAfter)
}

func limitTrouble(status int, retryAfter time.Duration) Trouble {
	var e *apiError
	errors.As(secondaryLimit(status, retryAfter), &e)
	return Trouble{status: status, message: e.message, docs: e.docs, header: e.header}
}

// NoPermission answers 403 as GitHub does to an app that lacks a permission.
func NoPermission() Trouble {
	return Trouble{status: http.StatusForbidden, message: "Resource not accessible by integration"}
}

// PrimaryLimit answers 403 with nothing remaining until reset.
func PrimaryLimit(reset time.Time) Trouble {
	return Trouble{
		status: http.StatusForbidden, message: "API rate limit exceeded for installation.",
		header: http.Header{
			"X-Ratelimit-Limit": {"5000"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Used": {"5000"},
			"X-Ratelimit-Resource": {"core"}, "X-Ratelimit-Reset": {strconv.FormatInt(reset.Unix(), 10)},
		},
	}
}

// Hang leaves requests without an answer until Injected.Release, or until the
// client gives up. A released request then goes on as usual.
func Hang() Trouble { return Trouble{hang: true} }

// Slow holds every request up for a while of real time.
func Slow(d time.Duration) Trouble { return Trouble{delay: d} }

// LoseReply does what was asked and cuts the connection instead of answering.
func LoseReply() Trouble { return Trouble{loseReply: true} }

// Injected is trouble switched on.
type Injected struct {
	g       *GitHub
	match   Match
	trouble Trouble
	until   time.Time
	left    int // requests still to come, -1 is no end
	hits    int
	release chan struct{}
	open    bool // release is not closed yet
}

// Inject switches trouble on. Of several that match, the oldest applies.
func (g *GitHub) Inject(m Match, t Trouble) *Injected {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := &Injected{g: g, match: m, trouble: t, left: -1, release: make(chan struct{}), open: true}
	if m.Count > 0 {
		i.left = m.Count
	}
	if m.For > 0 {
		i.until = time.Now().Add(m.For)
	}
	g.injections = append(g.injections, i)
	g.touch()
	return i
}

// Hits says how many requests got the trouble.
func (i *Injected) Hits() int {
	i.g.mu.Lock()
	defer i.g.mu.Unlock()
	return i.hits
}

// Release lets what hangs or waits go on; later matches still hang.
func (i *Injected) Release() {
	i.g.mu.Lock()
	defer i.g.mu.Unlock()
	if i.open {
		close(i.release)
		i.release = make(chan struct{})
	}
}

// Remove ends the trouble and lets what hangs go on. Safe twice.
func (i *Injected) Remove() {
	i.g.mu.Lock()
	defer i.g.mu.Unlock()
	if !i.open {
		return
	}
	i.open, i.left = false, 0
	close(i.release)
	i.g.touch()
}

// injectTrouble is the layer that applies what Inject has switched on.
func (g *GitHub) injectTrouble(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, release := g.troubleFor(r)
		if t == nil {
			next.ServeHTTP(w, r)
			return
		}
		if t.hang || t.delay > 0 {
			if !wait(r.Context(), g.ctx, *t, release) {
				panic(http.ErrAbortHandler)
			}
		}
		switch {
		case t.status != 0:
			g.answer(w, r, actor{}, failed(&apiError{status: t.status, message: t.message, docs: t.docs, header: t.header}))
		case t.loseReply:
			next.ServeHTTP(&discarder{header: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// troubleFor finds and counts the trouble a request is in for.
func (g *GitHub) troubleFor(r *http.Request) (*Trouble, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, i := range g.injections {
		expired := !i.until.IsZero() && time.Now().After(i.until)
		fits := i.match.Method == "" || i.match.Method == r.Method
		if i.left == 0 || expired || !fits || !globMatch(i.match.Path, r.URL.Path) {
			continue
		}
		if i.left > 0 {
			i.left--
		}
		i.hits++
		g.touch()
		return &i.trouble, i.release
	}
	return nil, nil
}

// wait says whether the request may go on.
func wait(request, server context.Context, t Trouble, release <-chan struct{}) bool {
	var timeout <-chan time.Time
	if t.delay > 0 {
		timer := time.NewTimer(t.delay)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-timeout:
	case <-release:
	case <-request.Done():
		return false
	case <-server.Done():
		return false
	}
	return true
}

// discarder is a ResponseWriter for replies that get lost.
type discarder struct{ header http.Header }

func (d *discarder) Header() http.Header            { return d.header }
func (d *discarder) WriteHeader(int)                {}
func (d *discarder) Write(data []byte) (int, error) { return len(data), nil }
