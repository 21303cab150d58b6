package githubapp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const refPath = "GET /repos/octocat/shop/git/ref/heads/main"

func refAnswer(sha string) string {
	return fmt.Sprintf(`{"ref":"refs/heads/main","object":{"type":"commit","sha":%q}}`, sha)
}

func TestTokensAreNarrowedToTheRepository(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer(refPath, 200, refAnswer(sha))
	a := s.app(t)
	if _, err := a.Head(t.Context(), shop, "main"); err != nil {
		t.Fatal(err)
	}
	source, err := a.Source(t.Context(), shop, pipeline.Revision{SHA: sha})
	if err != nil {
		t.Fatal(err)
	}
	asked := s.seen("POST /app/installations/5/access_tokens")
	if len(asked) != 2 {
		t.Fatalf("%d tokens asked for, want 2", len(asked))
	}
	want := []map[string]any{
		{"repository_ids": []any{77.0}},
		{"repository_ids": []any{77.0}, "permissions": map[string]any{"contents": "read", "metadata": "read"}},
	}
	for i, r := range asked {
		if d := cmp.Diff(want[i], fields(t, r.Body)); d != "" {
			t.Errorf("token request %d: %s", i, d)
		}
		if !strings.HasPrefix(r.Authorization, "Bearer ey") {
			t.Errorf("token request %d is not signed with the key", i)
		}
	}
	if got := s.seen(refPath)[0].Authorization; got != "token ghs_token1" {
		t.Errorf("call carries %q", got)
	}
	if source.Token != "ghs_token2" || source.URL != "https://github.com/octocat/shop.git" {
		t.Errorf("source %q with token %q", source.URL, source.Token)
	}
	var printed bytes.Buffer
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "source", source)
	slog.New(slog.NewTextHandler(&printed, nil)).Info("x", "source", &source)
	fmt.Fprintf(&printed, "%v %+v %#v %s", source, source, source, source)
	if err := json.NewEncoder(&printed).Encode(source); err != nil {
		t.Error(err)
	}
	if strings.Contains(printed.String(), "ghs_") {
		t.Errorf("printed with its token: %s", &printed)
	}
}

func TestTokensAreRenewedBeforeTheirEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.answer(refPath, 200, refAnswer(sha))
		a := s.app(t)
		job := func() {
			t.Helper()
			if _, err := a.Source(t.Context(), shop, pipeline.Revision{SHA: sha}); err != nil {
				t.Fatal(err)
			}
		}
		call := func() {
			t.Helper()
			if _, err := a.Head(t.Context(), shop, "main"); err != nil {
				t.Fatal(err)
			}
		}
		asked := func(want int) {
			t.Helper()
			synctest.Wait()
			if got := len(s.seen("access_tokens")); got != want {
				t.Errorf("after %s: %d tokens asked for, want %d", time.Since(start), got, want)
			}
		}
		job()
		call()
		job()
		call()
		asked(2)
		time.Sleep(45 * time.Minute)
		job()
		call()
		asked(2)
		time.Sleep(2 * time.Minute) // 13 minutes left, enough for a job; renewed for the next one
		job()
		call()
		asked(3)
		time.Sleep(9 * time.Minute) // four minutes left, enough for a call; renewed for the next one
		job()
		call()
		asked(4)
		call()
		asked(4)
		time.Sleep(59*time.Minute + 30*time.Second) // thirty seconds left, too few
		call()
		asked(5)
		time.Sleep(50 * time.Minute)
		job()
		asked(6)
		time.Sleep(51 * time.Minute) // nine minutes left: too few for a job
		job()
		asked(7)
	})
}

// While GitHub gives no tokens, the old one is used to its end, and GitHub is not
// asked by every call.
func TestTokensThatCannotBeRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.answer(refPath, 200, refAnswer(sha))
		give := true
		s.handle("POST /app/installations/5/access_tokens", func(w http.ResponseWriter, r *http.Request) {
			if !give {
				callstest.Reply(w, 502, `oops`)
				return
			}
			s.giveToken(w, r)
		})
		a := s.app(t)
		call := func() error { _, err := a.Head(t.Context(), shop, "main"); return err }
		if err := call(); err != nil {
			t.Fatal(err)
		}
		give = false
		time.Sleep(56 * time.Minute)
		for range 60 { // a minute of calls
			if err := call(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
		}
		if n := len(s.seen("access_tokens")); n != 1+6 {
			t.Errorf("%d tokens asked for, want one each ten seconds of the minute", n)
		}
		time.Sleep(3 * time.Minute)
		callstest.WantKind(t, call(), pipeline.Unavailable)
		give = true
		if err := call(); err != nil {
			t.Error(err)
		}
	})
}

// A token is for everybody who waits for it, however little the first of them
// matters.
func TestTokensAreUrgent(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("/repos/", 201, `{"id":1}`)
	s.handle("POST /app/installations/5/access_tokens", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "5000")
		w.Header().Set("X-RateLimit-Remaining", "50")
		w.Header().Set("X-RateLimit-Reset", in(time.Hour))
		s.giveToken(w, r)
	})
	a := s.app(t)
	for range 3 {
		r := shop
		r.ID += int64(len(s.seen("access_tokens")))
		ctx := githubapp.WithClass(t.Context(), githubapp.Progress)
		if err := a.CreateStatus(ctx, r, sha, githubapp.Status{Context: "penstock/release", State: "pending"}); err != nil {
			t.Fatal(err)
		}
	}
}

// A token that GitHub ends early costs one refresh, however many calls hold it.
func TestTokenEndedEarlyUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.handle(refPath, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Duration(len(s.seen(refPath))) * time.Millisecond) // they do not all end at once
			if r.Header.Get("Authorization") == "token ghs_token1" && time.Since(start) > time.Minute {
				callstest.Reply(w, 401, `{"message":"Bad credentials"}`)
				return
			}
			callstest.Reply(w, 200, refAnswer(sha))
		})
		a := s.app(t)
		call := func() error { _, err := a.Head(t.Context(), shop, "main"); return err }
		if err := call(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		atOnce(t, 50, call)
		if n := len(s.seen("access_tokens")); n != 2 {
			t.Errorf("%d tokens asked for, want 2", n)
		}
		if n := len(s.seen(refPath)); n != 1+2*50 {
			t.Errorf("%d calls, want each twice", n)
		}
	})
}

func TestAClockThatIsOffIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ahead time.Duration
		says  string
	}{
		{7 * time.Minute, "clock is 7m0s ahead of GitHub's"},
		{-3 * time.Hour, "clock is 3h0m0s behind GitHub's"},
		{2 * time.Second, "the app id or the private key is wrong (GitHub"},
	} {
		t.Run(c.ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStub()
				no := func(w http.ResponseWriter, _ *http.Request) {
					theirs := time.Now().Add(-c.ahead).UTC().Format(http.TimeFormat)
					callstest.Reply(w, 401, `{"message":"A JSON web token could not be decoded"}`, "Date", theirs)
				}
				s.handle("POST /app/installations/5/access_tokens", no)
				s.handle("GET /app", no)
				a := s.app(t)
				_, err := a.Head(t.Context(), shop, "main")
				callstest.WantKind(t, err, pipeline.Forbidden, c.says)
				_, err = a.App(t.Context())
				callstest.WantKind(t, err, pipeline.Forbidden, c.says)
			})
		})
	}
}

// start is when time begins in a synctest bubble.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestTokenEndedEarly(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.handle("POST /repos/octocat/shop/statuses/"+sha, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "token ghs_token1" {
			callstest.Reply(w, 401, `{"message":"Bad credentials"}`)
			return
		}
		callstest.Reply(w, 201, `{"id":1}`)
	})
	err := s.app(t).CreateStatus(t.Context(), shop, sha, githubapp.Status{Context: "penstock/release", State: "pending"})
	if err != nil {
		t.Fatal(err)
	}
	sent := s.seen("/statuses/")
	if len(sent) != 2 || sent[0].Body != sent[1].Body || sent[1].Body == "" {
		t.Errorf("sent %+v, want the same body twice", sent)
	}
}

func TestTokenNeverAccepted(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer(refPath, 401, `{"message":"Bad credentials"}`)
	_, err := s.app(t).Head(t.Context(), shop, "main")
	callstest.WantKind(t, err, pipeline.Forbidden, "token")
	if !errors.Is(err, githubapp.ErrInstallation) {
		t.Error("not ErrInstallation")
	}
	if n := len(s.seen(refPath)); n != 2 {
		t.Errorf("tried %d times, want 2", n)
	}
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		status       int
		body         string
		header       []string
		kind         pipeline.Kind
		says         string
		installation bool
	}{
		{"wrong key or clock", 401, `{"message":"A JSON web token could not be decoded"}`, nil, pipeline.Forbidden, "clock", true},
		{"uninstalled", 404, `{"message":"Not Found"}`, nil, pipeline.Forbidden, "gone", true},
		{"suspended", 403, `{"message":"This installation has been suspended"}`, nil, pipeline.Forbidden, "suspended", true},
		{"repository taken away", 422, `{"message":"There is at least one repository that does not exist or is not accessible to the parent installation."}`, nil, pipeline.Forbidden, "no longer reaches", false},
		{"limit", 403, `{"message":"slow down"}`, []string{"Retry-After", "30"}, pipeline.Unavailable, "limit", false},
		{"429", 429, `{"message":"slow down"}`, []string{"Retry-After", "30"}, pipeline.Unavailable, "limit", false},
		{"500", 500, `oops`, nil, pipeline.Unavailable, "500", false},
		{"empty", 201, `{"token":""}`, nil, pipeline.Internal, "empty token", false},
		{"cut off", 201, `{"token":"ghs_`, nil, pipeline.Unavailable, "could not be asked", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.answer("POST /app/installations/5/access_tokens", c.status, c.body, c.header...)
			_, err := s.app(t).Head(t.Context(), shop, "main")
			callstest.WantKind(t, err, c.kind, c.says)
			if got := errors.Is(err, githubapp.ErrInstallation); got != c.installation {
				t.Errorf("ErrInstallation is %v, want %v", got, c.installation)
			}
			if n := len(s.seen("/repos/")); n != 0 {
				t.Errorf("%d calls without a token", n)
			}
		})
	}
}

func TestTokensAskedForAtOnce(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer(refPath, 200, refAnswer(sha))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	a, err := githubapp.New(githubapp.Options{AppID: 9, PrivateKey: testKey(), APIURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			r := shop
			r.Installation += int64(i % 2)
			if _, err := a.Head(t.Context(), r, "main"); err != nil {
				t.Error(err)
			}
			r.CloneURL = "https://elsewhere.example/octocat/shop.git"
			if _, err := a.Source(t.Context(), r, pipeline.Revision{SHA: sha}); err == nil {
				t.Error("the clone URL of a repository elsewhere passed")
			}
		})
	}
	group.Wait()
	if n := len(s.seen("access_tokens")); n != 2 {
		t.Errorf("%d tokens asked for, want one per installation", n)
	}
}

func TestWaitingForATokenEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.handle("POST /app/installations/5/access_tokens", hang)
		a := s.app(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		_, err := a.Head(ctx, shop, "main")
		callstest.WantKind(t, err, pipeline.Unavailable)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("not the caller's end: %v", err)
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %s", waited)
		}
		time.Sleep(githubapp.Timeout) // the errand for others ends as well
	})
}
