package emulator_test

import (
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// clock is a clock that a test sets.
type clock struct{ since atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.since.Load()))
}
func (c *clock) pass(d time.Duration) { c.since.Add(int64(d)) }

func TestLimitsOfGitHub(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		limits emulator.Limits
		method string
		goes   int           // so many requests pass
		reason string        // what the next one is told
		opens  time.Duration // when they pass again; just before, they do not
		want   emulator.Refusals
	}{
		{"an hour's requests", emulator.Limits{PerHour: 7}, "GET", 7, "API rate limit exceeded", time.Hour, emulator.Refusals{Primary: 2}},
		{"content of a minute", emulator.Limits{ContentPerMinute: 3}, "POST", 3, "secondary rate limit", time.Minute, emulator.Refusals{Content: 2}},
		{"content of an hour", emulator.Limits{ContentPerHour: 4}, "POST", 4, "secondary rate limit", time.Hour, emulator.Refusals{Content: 2}},
		{"points of reading", emulator.Limits{PointsPerMinute: 12}, "GET", 12, "secondary rate limit", time.Minute, emulator.Refusals{Points: 2}},
		{"points of writing", emulator.Limits{PointsPerMinute: 12}, "POST", 2, "secondary rate limit", time.Minute, emulator.Refusals{Points: 2}},
		{"a shorter hour", emulator.Limits{ContentPerMinute: 3, Hour: time.Minute}, "POST", 3, "secondary rate limit", time.Second, emulator.Refusals{Content: 2}},
		{"reading is no content", emulator.Limits{ContentPerMinute: 1, PerHour: 5}, "GET", 5, "API rate limit exceeded", time.Hour, emulator.Refusals{Primary: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var time clock
			w := newWorld(t, func(o *emulator.Options) { o.Clock = time.now })
			sha := w.push(t, "feature")
			token := must(w.Token(w.installation.ID, nil))(t)
			ask := func() answered {
				if c.method == "GET" {
					return w.ask(t, "GET", "repos/octocat/shop", token, "")
				}
				return w.ask(t, "POST", "repos/octocat/shop/statuses/"+sha, token, `{"state":"success"}`)
			}
			w.EnforceRateLimits(c.limits)
			for range c.goes {
				if a := ask(); a.status >= 300 {
					t.Fatalf("%d %s", a.status, a.body)
				}
			}
			ask().want(t, 403, c.reason)
			time.pass(c.opens - 1)
			ask().want(t, 403, c.reason)
			time.pass(1)
			token = must(w.Token(w.installation.ID, nil))(t) // the old one lived for an hour too
			if a := ask(); a.status >= 300 {
				t.Errorf("after the wait: %d %s", a.status, a.body)
			}
			if d := cmp.Diff(c.want, w.Refused()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestARefusalSaysWhen(t *testing.T) {
	t.Parallel()
	var time clock
	w := newWorld(t, func(o *emulator.Options) { o.Clock = time.now })
	token := must(w.Token(w.installation.ID, nil))(t)
	get := func() answered { return w.ask(t, "GET", "repos/octocat/shop", token, "") }

	w.EnforceRateLimits(emulator.Limits{PerHour: 2})
	first := get()
	reset, err := strconv.ParseInt(first.header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil || reset != time.now().Unix()+3600 {
		t.Errorf("reset %d, %v", reset, err)
	}
	get()
	over := get()
	over.want(t, 403, "API rate limit exceeded")
	if over.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("remaining %s", over.header.Get("X-RateLimit-Remaining"))
	}
	w.ask(t, "GET", "rate_limit", token, "").want(t, 200, `"remaining":0`)
	w.ask(t, "GET", "repos/octocat/shop", w.octocat.Token, "").want(t, 200, "") // counted apart

	w.EnforceRateLimits(emulator.Limits{PointsPerMinute: 1, Status: http.StatusTooManyRequests})
	get()
	time.pass(10 * 1e9)
	secondary := get()
	secondary.want(t, 429, "secondary rate limit")
	if after := secondary.header.Get("Retry-After"); after != "51" {
		t.Errorf("Retry-After %s, with 50 s of the minute left", after)
	}

	w.EnforceRateLimits(emulator.Limits{})
	if off := get(); off.status != 200 || off.header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("switched off: %d %v", off.status, off.header)
	}
}

func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := must(w.Token(w.installation.ID, nil))(t)
	get := func() answered { return w.ask(t, "GET", "repos/octocat/shop", token, "") }
	w.EnforceRateLimits(emulator.Limits{Concurrent: 2})
	hang := w.Inject(emulator.Match{Path: "/repos/**", Count: 2}, emulator.Hang())
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { get().want(t, 200, "") })
	}
	for hang.Hits() < 2 {
		runtime.Gosched()
	}
	get().want(t, 403, "secondary rate limit")
	hang.Release()
	group.Wait()
	get().want(t, 200, "")
	if d := cmp.Diff(emulator.Refusals{Concurrent: 1}, w.Refused()); d != "" {
		t.Error(d)
	}
}
