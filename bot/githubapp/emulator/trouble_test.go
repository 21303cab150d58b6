package emulator_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestInjectedAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sha := w.push(t, "feature")
	post := func() error {
		_, _, err := w.client(t).Repositories.CreateStatus(t.Context(), "octocat", "shop", sha, &github.RepoStatus{State: github.String("success")})
		return err
	}
	statuses := emulator.Match{Method: http.MethodPost, Path: "/repos/*/*/statuses/*", Count: 1}
	for _, tt := range []struct {
		name    string
		trouble emulator.Trouble
		fits    func(error) bool
	}{
		{"500", emulator.ServerError(500), hasStatus(500)},
		{"502", emulator.ServerError(502), hasStatus(502)},
		{"429", emulator.TooManyRequests(3 * time.Second), func(err error) bool {
			var e *github.ErrorResponse
			return errors.As(err, &e) && e.Response.StatusCode == 429 && e.Response.Header.Get("Retry-After") == "3"
		}},
		{"secondary limit", emulator.SecondaryLimit(7 * time.Second), func(err error) bool {
			var e *github.AbuseRateLimitError
			return errors.As(err, &e) && e.GetRetryAfter() == 7*time.Second
		}},
		{"primary limit", emulator.PrimaryLimit(time.Now().Add(time.Minute)), func(err error) bool {
			var e *github.RateLimitError
			return errors.As(err, &e) && e.Rate.Remaining == 0
		}},
		{"lost reply", emulator.LoseReply(), func(err error) bool { return err != nil }},
	} {
		before := len(w.AllStatuses(shop, sha))
		i := w.Inject(statuses, tt.trouble)
		if err := post(); !tt.fits(err) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if i.Hits() != 1 {
			t.Errorf("%s: %d hits", tt.name, i.Hits())
		}
		if done := len(w.AllStatuses(shop, sha)) - before; (done == 1) != (tt.name == "lost reply") {
			t.Errorf("%s: %d statuses made", tt.name, done)
		}
		if err := post(); err != nil {
			t.Errorf("after %s: %v", tt.name, err)
		}
	}
	counts := w.Counts()
	if counts["POST /repos/{owner}/{repo}/statuses/{sha}"] < 6 {
		t.Errorf("counts: %v", counts)
	}
	writes := w.Writes()
	last := writes[len(writes)-1]
	if last.Who != "penstock[bot]" || last.Status != 201 || last.Received.IsZero() || !strings.Contains(string(last.Body), "success") {
		t.Errorf("last write: %+v", last)
	}
	w.ForgetWrites()
	if len(w.Writes()) != 0 {
		t.Error("writes are not forgotten")
	}
}

func hasStatus(status int) func(error) bool {
	return func(err error) bool {
		var e *github.ErrorResponse
		return errors.As(err, &e) && e.Response.StatusCode == status
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hang := w.Inject(emulator.Match{Path: "/repos/**"}, emulator.Hang())
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error, 1)
	c := w.as(t, w.octocat)
	go func() {
		_, _, err := c.Repositories.Get(ctx, "octocat", "shop")
		given <- err
	}()
	w.await(t, "a request that hangs", func(*emulator.View) bool { return true })
	for hang.Hits() == 0 {
		runtime.Gosched()
	}
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	go func() {
		_, _, err := c.Repositories.Get(t.Context(), "octocat", "shop")
		given <- err
	}()
	for hang.Hits() == 1 {
		runtime.Gosched()
	}
	hang.Release()
	check(t, <-given)
	hang.Remove()
	hang.Remove()
	slow := w.Inject(emulator.Match{For: time.Hour}, emulator.Slow(time.Millisecond))
	if _, _, err := c.Repositories.Get(t.Context(), "octocat", "shop"); err != nil || slow.Hits() != 1 {
		t.Errorf("slow: %v, %d hits", err, slow.Hits())
	}
	over := w.Inject(emulator.Match{For: time.Nanosecond}, emulator.ServerError(500))
	slow.Remove()
	if _, _, err := c.Repositories.Get(t.Context(), "octocat", "shop"); err != nil || over.Hits() != 0 {
		t.Errorf("over: %v, %d hits", err, over.Hits())
	}
}

// An expired token is fetched anew by ghinstallation only when it knows; a bot
// has to bear the 401.
func TestExpireTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(t)
	_, _, err := c.Repositories.Get(t.Context(), "octocat", "shop")
	check(t, err)
	w.ExpireTokens()
	if _, _, err = c.Repositories.Get(t.Context(), "octocat", "shop"); !hasStatus(401)(err) {
		t.Errorf("expired: %v", err)
	}
}

// Not parallel: it counts goroutines.
func TestCloseLeavesNothing(t *testing.T) {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	before := runtime.NumGoroutine()
	w := newWorld(t)
	w.pull(t, "feature")
	gitIn(t, t.TempDir(), "clone", "-q", w.hubot.GitURL(w.repo), ".")
	w.settle(t)
	w.DelayDeliveries(time.Hour)
	w.push(t, "feature")
	hang := w.Inject(emulator.Match{Path: "/meta"}, emulator.Hang())
	gone := make(chan error, 1)
	go func() {
		_, _, err := w.as(t, w.octocat).Meta.Get(context.Background())
		gone <- err
	}()
	for hang.Hits() == 0 {
		runtime.Gosched()
	}
	check(t, w.Close())
	check(t, w.Close())
	if err := <-gone; err == nil {
		t.Error("a request was answered by a closed emulator")
	}
	w.hooks.Close()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines, %d before\n%s", n, before, stacks[:runtime.Stack(stacks, true)])
	}
}
