package emulator

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/penstock-cd/penstock/bot/emulation"
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
type Injected = emulation.Injected

// injection is trouble, what gets it, and how far it has come.
type injection struct {
	match   Match
	trouble Trouble
	on      *Injected
}

// Inject switches trouble on. Of several that match, the oldest applies.
func (g *GitHub) Inject(m Match, t Trouble) *Injected {
	g.mu.Lock()
	defer g.mu.Unlock()
	on := emulation.Inject(&g.mu, m.Count, m.For)
	g.injections = append(g.injections, injection{m, t, on})
	return on
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
			if !emulation.Hold(r.Context(), g.ctx, t.delay, release) {
				panic(http.ErrAbortHandler)
			}
		}
		switch {
		case t.status != 0:
			g.answer(w, r, actor{}, failed(&apiError{status: t.status, message: t.message, docs: t.docs, header: t.header}))
		case t.loseReply:
			emulation.Unheard(next, r)
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
		fits := i.match.Method == "" || i.match.Method == r.Method
		if !fits || !globMatch(i.match.Path, r.URL.Path) {
			continue
		}
		if release, ok := i.on.Take(); ok {
			return &i.trouble, release
		}
	}
	return nil, nil
}
