package githubapp_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// in is the header value for so many seconds from now, as epoch seconds.
func in(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }

func TestLimits(t *testing.T) {
	t.Parallel()
	const secondary = `{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
	for _, c := range []struct {
		name   string
		status int
		body   string
		header func() []string
		wait   time.Duration // 0: GitHub is asked again at once
	}{
		{"403 with Retry-After", 403, secondary, func() []string { return []string{"Retry-After", "30"} }, 30 * time.Second},
		{"429 with Retry-After", 429, `{"message":"Too many"}`, func() []string { return []string{"Retry-After", "30"} }, 30 * time.Second},
		{"429 with a date", 429, `{}`, func() []string {
			return []string{"Retry-After", time.Now().Add(40 * time.Second).UTC().Format(http.TimeFormat)}
		}, 40 * time.Second},
		{"403 with nothing left", 403, `{"message":"API rate limit exceeded"}`, func() []string {
			return []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(10 * time.Minute)}
		}, 10 * time.Minute},
		{"429 with nothing left", 429, `{"message":"API rate limit exceeded"}`, func() []string {
			return []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(10 * time.Minute)}
		}, 10 * time.Minute},
		{"403 secondary without a time", 403, secondary, nil, time.Minute},
		{"429 without a time", 429, `{"message":"Too many"}`, nil, time.Minute},
		{"a wait beyond belief", 429, `{}`, func() []string { return []string{"Retry-After", "99999999999"} }, 2 * time.Hour},
		{"503 with Retry-After", 503, `{}`, func() []string { return []string{"Retry-After", "7"} }, 0},
		{"502", 502, `<html>`, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStub()
				s.life = 24 * time.Hour
				refuse := true
				s.handle(refPath, func(w http.ResponseWriter, r *http.Request) {
					if !refuse {
						callstest.Reply(w, 200, refAnswer(sha))
						return
					}
					var header []string
					if c.header != nil {
						header = c.header()
					}
					callstest.Reply(w, c.status, c.body, header...)
				})
				a := s.app(t)
				_, err := a.Head(t.Context(), shop, "main")
				callstest.WantKind(t, err, pipeline.Unavailable)
				refuse = false
				if c.wait == 0 {
					if _, err := a.Head(t.Context(), shop, "main"); err != nil {
						t.Error(err)
					}
					return
				}
				wait, ok := calls.RetryAfter(err)
				if !ok || wait < c.wait-time.Second || wait > c.wait {
					t.Errorf("wait %s (%v), want %s", wait, ok, c.wait)
				}
				time.Sleep(wait / 2)
				_, err = a.Head(t.Context(), shop, "main")
				callstest.WantKind(t, err, pipeline.Unavailable)
				if rest, ok := calls.RetryAfter(err); !ok || rest > wait/2+time.Second {
					t.Errorf("the rest of the wait is %s (%v)", rest, ok)
				}
				if n := len(s.seen(refPath)); n != 1 {
					t.Errorf("%d requests while the limit lasts, want the first only", n)
				}
				other := shop
				other.Installation++
				if _, err := a.Head(t.Context(), other, "main"); err != nil {
					t.Errorf("another installation: %v", err)
				}
				time.Sleep(wait/2 + time.Second)
				if _, err := a.Head(t.Context(), shop, "main"); err != nil {
					t.Errorf("after the wait: %v", err)
				}
			})
		})
	}
}

func TestTheLastRequestOfTheHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.handle(refPath, func(w http.ResponseWriter, r *http.Request) {
			callstest.Reply(w, 200, refAnswer(sha), "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(20*time.Minute))
		})
		a := s.app(t)
		if _, err := a.Head(t.Context(), shop, "main"); err != nil {
			t.Fatal(err)
		}
		_, err := a.Head(t.Context(), shop, "main")
		callstest.WantKind(t, err, pipeline.Unavailable)
		if wait, _ := calls.RetryAfter(err); wait < 19*time.Minute || wait > 20*time.Minute {
			t.Errorf("wait %s", wait)
		}
		if n := len(s.seen(refPath)); n != 1 {
			t.Errorf("%d requests", n)
		}
		budgets := a.Budgets()
		if b := budgets[len(budgets)-1]; len(budgets) != 2 || b.Installation != shop.Installation ||
			!b.Known || b.Remaining != 0 || b.Requests != 1 || b.Held[githubapp.Urgent] != 1 {
			t.Errorf("budgets %+v", budgets)
		}
		time.Sleep(21 * time.Minute)
		if _, err := a.Head(t.Context(), shop, "main"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSecondaryLimitsDoubleThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.life = 24 * time.Hour
		s.answer(refPath, 429, `{}`)
		a := s.app(t)
		for _, want := range []time.Duration{1, 2, 4, 8, 15, 15} {
			_, err := a.Head(t.Context(), shop, "main")
			wait, _ := calls.RetryAfter(err)
			if wait != want*time.Minute {
				t.Errorf("wait %s, want %d min", wait, want)
			}
			time.Sleep(wait)
		}
	})
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		header []string
		kind   pipeline.Kind
		says   []string
	}{
		{"missing permission, named", 403, `{"message":"Resource not accessible by integration"}`,
			[]string{"X-Accepted-GitHub-Permissions", "statuses=write"}, pipeline.Forbidden, []string{"statuses=write", "Resource not accessible"}},
		{"missing permission, unnamed", 403, `{"message":"Resource not accessible by integration"}`, nil, pipeline.Forbidden, []string{"statuses: write"}},
		{"403 with limits left", 403, `{"message":"no"}`,
			[]string{"X-RateLimit-Remaining", "17", "X-RateLimit-Reset", "99999999999"}, pipeline.Forbidden, nil},
		{"not found", 404, `{"message":"Not Found"}`, nil, pipeline.NotFound, []string{"octocat/shop"}},
		{"gone", 410, `{"message":"Issues are disabled"}`, nil, pipeline.NotFound, nil},
		{"refused", 422, `{"message":"Validation Failed","errors":[{"resource":"Status","code":"custom","message":"description is too long"}]}`,
			nil, pipeline.Invalid, []string{"Validation Failed", "description is too long"}},
		{"conflict", 409, `{"message":"Git Repository is empty."}`, nil, pipeline.Conflict, nil},
		{"server error", 500, ``, nil, pipeline.Unavailable, nil},
		{"accepted only", 202, `{}`, nil, pipeline.Unavailable, nil},
		{"not modified", 304, ``, nil, pipeline.Unavailable, nil},
		{"nonsense", 201, `<html>`, nil, pipeline.Unavailable, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.answer("POST /repos/octocat/shop/statuses/"+sha, c.status, c.body, c.header...)
			err := s.app(t).CreateStatus(t.Context(), shop, sha, githubapp.Status{Context: "penstock/release", State: "pending"})
			callstest.WantKind(t, err, c.kind, append(c.says, `octocat/shop: status "penstock/release"`)...)
		})
	}
}

func TestArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	s := newStub()
	a := s.app(t)
	for _, r := range []pipeline.Repository{
		{},
		{ID: 1, Installation: 1, Owner: "..", Name: "shop"},
		{ID: 1, Installation: 1, Owner: "octocat", Name: "shop/../other"},
		{ID: 1, Installation: 1, Owner: "octocat", Name: "shop?x"},
		{ID: 0, Installation: 1, Owner: "octocat", Name: "shop"},
		{ID: 1, Installation: 0, Owner: "octocat", Name: "shop"},
	} {
		_, err := a.Head(t.Context(), r, "main")
		callstest.WantKind(t, err, pipeline.Invalid)
		_, err = a.Source(t.Context(), r, pipeline.Revision{SHA: sha})
		callstest.WantKind(t, err, pipeline.Invalid)
	}
	for _, branch := range []string{"", "a b", "a..b", "a/../b", "/a", "a//b", "a\nb", "a?b", "..", "a/.b"} {
		_, err := a.Head(t.Context(), shop, branch)
		callstest.WantKind(t, err, pipeline.Invalid)
	}
	for _, bad := range []string{"", "main", sha[:7], sha + "0", "../../../orgs"} {
		_, err := a.PipelineFiles(t.Context(), shop, bad)
		callstest.WantKind(t, err, pipeline.Invalid)
		callstest.WantKind(t, a.CreateStatus(t.Context(), shop, bad, githubapp.Status{}), pipeline.Invalid)
		_, err = a.CreateCheck(t.Context(), shop, bad, githubapp.Check{})
		callstest.WantKind(t, err, pipeline.Invalid)
		_, err = a.PullsOfCommit(t.Context(), shop, bad)
		callstest.WantKind(t, err, pipeline.Invalid)
	}
	if n := len(s.requests); n != 0 {
		t.Errorf("%d requests", n)
	}
}
