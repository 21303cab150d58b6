package githubapp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// limited is a stub of a GitHub that limits, and that notes when it is asked.
// Answers take a moment.
func limited() (s *stub, asked func(method string) []time.Time) {
	s = newStub()
	s.life = 24 * time.Hour
	var mu sync.Mutex
	times := map[string][]time.Time{}
	s.handle("/repos/", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(150 * time.Millisecond)
		mu.Lock()
		times[r.Method] = append(times[r.Method], time.Now())
		mu.Unlock()
		time.Sleep(150 * time.Millisecond)
		status, body := 201, `{"id":1}`
		if r.Method == http.MethodGet {
			status, body = 200, refAnswer(sha)
		}
		callstest.Reply(w, status, body, "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "4000", "X-RateLimit-Reset", in(time.Hour))
	})
	return s, func(method string) []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(times[method])
	}
}

func setStatus(ctx context.Context, a *githubapp.App) error {
	return a.CreateStatus(ctx, shop, sha, githubapp.Status{Context: "penstock/release", State: "pending"})
}

// insist repeats a call until it is let through, as late as it is told.
func insist(f func() error) error {
	for {
		err := f()
		after, ok := calls.RetryAfter(err)
		if !calls.NotSent(err) || !ok {
			return err
		}
		time.Sleep(after)
	}
}

// most is how many of the times are within any span of that length.
func most(times []time.Time, length time.Duration) int {
	n, first := 0, 0
	for i := range times {
		for times[i].Sub(times[first]) >= length {
			first++
		}
		n = max(n, i-first+1)
	}
	return n
}

func TestContentKeepsWithinTheLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, asked := limited()
		a := s.app(t)
		var group sync.WaitGroup
		for i := range 700 {
			class := []githubapp.Class{githubapp.Urgent, githubapp.End, githubapp.Start}[i%3]
			group.Go(func() {
				err := insist(func() error { return setStatus(githubapp.WithClass(t.Context(), class), a) })
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		posts := asked("POST")
		if n := most(posts, time.Minute); n > 80 || n < 60 {
			t.Errorf("up to %d within a minute, want nearly 80", n)
		}
		if n := most(posts, time.Hour); n > 500 || n < 450 {
			t.Errorf("up to %d within an hour, want nearly 500", n)
		}
		if len(posts) != 700 {
			t.Errorf("%d were sent", len(posts))
		}
	})
}

func TestPointsKeepWithinTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, asked := limited()
		a := s.app(t)
		var group sync.WaitGroup
		for i := range 1000 {
			group.Go(func() {
				err := insist(func() error {
					if i%2 == 0 {
						_, err := a.Head(t.Context(), shop, "main")
						return err
					}
					return a.UpdateCheck(t.Context(), shop, 7, githubapp.Check{Name: "x", Status: "in_progress"})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		var points []time.Time
		points = append(points, asked("GET")...)
		for _, at := range asked("PATCH") {
			points = append(points, at, at, at, at, at)
		}
		slices.SortFunc(points, time.Time.Compare)
		if n := most(points, time.Minute); n > 900 || n < 850 {
			t.Errorf("up to %d points within a minute, want nearly 900", n)
		}
		if d := time.Since(start); d > 4*time.Minute {
			t.Errorf("3000 points took %s", d)
		}
	})
}

// What is more urgent still goes when the rest has to wait, and it is said for
// how long.
func TestTheUrgentIsLeftSomething(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := limited()
		a := s.app(t)
		use := func(class githubapp.Class) (n int) {
			for {
				err := setStatus(githubapp.WithClass(t.Context(), class), a)
				switch after, ok := calls.RetryAfter(err); {
				case err == nil:
					n++
				case !calls.NotSent(err) || !ok || pipeline.KindOf(err) != pipeline.Unavailable:
					t.Fatal(err)
				case after > 2*time.Second: // not just a second apart
					if wait := a.Wait(shop.Installation, class); wait != after && class != githubapp.Progress {
						t.Errorf("%s: told to wait %s, would wait %s", class, after, wait)
					}
					return n
				default:
					time.Sleep(after)
				}
			}
		}
		if _, err := a.Head(t.Context(), shop, "main"); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(use(githubapp.Progress), use(githubapp.Start), use(githubapp.End), use(githubapp.Urgent))
		if got != "40 20 16 4" {
			t.Errorf("progress, starts, ends, urgent: %s", got)
		}
		if _, err := a.Head(t.Context(), shop, "main"); err != nil {
			t.Errorf("reading while no more content can be created: %v", err)
		}
	})
}

func TestTheLastRequestsAreForEndsAndLookUps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		remaining int
		goes      []githubapp.Class
	}{
		{1000, []githubapp.Class{githubapp.Urgent, githubapp.End, githubapp.Start}},
		{500, []githubapp.Class{githubapp.Urgent, githubapp.End}},
		{100, []githubapp.Class{githubapp.Urgent}},
		{0, nil},
	} {
		t.Run(fmt.Sprint(c.remaining), func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.handle("/repos/", func(w http.ResponseWriter, r *http.Request) {
				callstest.Reply(w, 201, `{"id":1}`, "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", fmt.Sprint(c.remaining), "X-RateLimit-Reset", in(time.Hour))
			})
			a := s.app(t)
			if err := setStatus(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			for _, class := range []githubapp.Class{githubapp.Urgent, githubapp.End, githubapp.Start, githubapp.Progress} {
				err := setStatus(githubapp.WithClass(t.Context(), class), a)
				if want := slices.Contains(c.goes, class); want != (err == nil) {
					t.Errorf("%s with %d left: %v", class, c.remaining, err)
				}
				if after, _ := calls.RetryAfter(err); err != nil && after < 50*time.Minute {
					t.Errorf("%s is to wait %s only", class, after)
				}
			}
		})
	}
}

// An Enterprise Server whose limits are off says nothing about them.
func TestNoLimitsNoPace(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("/repos/", 201, `{"id":1}`)
	a := s.app(t)
	for range 1000 {
		if err := setStatus(githubapp.WithClass(t.Context(), githubapp.Progress), a); err != nil {
			t.Fatal(err)
		}
	}
	s2 := newStub()
	s2.answer("/repos/", 429, `{"message":"Too many"}`)
	b := s2.app(t)
	err := setStatus(t.Context(), b)
	callstest.WantKind(t, err, pipeline.Unavailable)
	if calls.NotSent(err) {
		t.Error("GitHub's own refusal counts as not sent")
	}
	if err := setStatus(t.Context(), b); !calls.NotSent(err) || errors.Is(err, context.Canceled) {
		t.Errorf("after it: %v", err)
	}
}

func TestAClockThatIsOff(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.handle("/repos/", func(w http.ResponseWriter, r *http.Request) {
		theirs := time.Now().Add(-30 * time.Minute) // we are ahead
		callstest.Reply(w, 201, `{"id":1}`, "Date", theirs.UTC().Format(http.TimeFormat), "X-RateLimit-Limit", "5000",
			"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", fmt.Sprint(theirs.Add(20*time.Minute).Unix()))
	})
	a := s.app(t)
	if err := setStatus(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	err := setStatus(t.Context(), a)
	if after, _ := calls.RetryAfter(err); after < 19*time.Minute || after > 21*time.Minute {
		t.Errorf("wait %s by a clock that is ahead, want 20 min", after)
	}
}
