package slackapp_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// whole is a stub that takes everything.
func whole() *stub {
	s := newStub()
	s.answer("/api/chat.postMessage", 200, postedAnswer)
	s.answer("/api/chat.update", 200, postedAnswer)
	s.answer("/api/chat.postEphemeral", 200, `{"ok":true,"message_ts":"1726000000.000100"}`)
	s.answer("/api/auth.test", 200, `{"ok":true,"url":"https://shop.slack.com/","team":"Shop","user":"penstock","team_id":"T0TEAM","user_id":"U0BOT","bot_id":"B0BOT"}`)
	s.answer("/api/users.info", 200, `{"ok":true,"user":{"id":"U0CAT","team_id":"T0TEAM","name":"octocat"}}`)
	s.answer("/api/conversations.info", 200, `{"ok":true,"channel":{"id":"C0SHOP","name":"shop","is_channel":true}}`)
	s.answer("/api/views.open", 200, `{"ok":true,"view":{"id":"V0VIEW"}}`)
	s.handle("/api/conversations.open", func(w http.ResponseWriter, r *http.Request) {
		callstest.Reply(w, 200, fmt.Sprintf(`{"ok":true,"channel":{"id":"D%s"}}`, r.FormValue("users")))
	})
	return s
}

func post(a *slackapp.App, t *testing.T, channel string) error {
	_, err := a.Post(t.Context(), slackapp.Message{Channel: channel, Text: "x"})
	return err
}

func TestPostsGoOnceASecondPerChannel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := whole()
		a := s.app(t)
		begin := time.Now()
		for n := range 63 {
			for {
				err := post(a, t, "C0SHOP")
				if err == nil {
					break
				}
				after, ok := calls.RetryAfter(err)
				if !ok || !calls.NotSent(err) || pipeline.KindOf(err) != pipeline.Unavailable {
					t.Fatal(n, err)
				}
				if err := post(a, t, "C0OTHER"); n == 3 && err != nil {
					t.Errorf("another channel: %v", err)
				}
				time.Sleep(after)
			}
		}
		if took := time.Since(begin); took != 60*time.Second {
			t.Errorf("63 posts took %s, want three at once and then one a second", took)
		}
		time.Sleep(time.Hour)
		for n := range 3 {
			if err := post(a, t, "C0SHOP"); err != nil {
				t.Errorf("post %d after an hour: %v", n, err)
			}
		}
		if err := post(a, t, "C0SHOP"); !calls.NotSent(err) {
			t.Errorf("the fourth at once after an hour: %v", err)
		}
	})
}

// Within any minute no method is asked more often than its tier allows.
func TestMethodsKeepToTheirTiers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method string
		most   int
		call   func(a *slackapp.App, t *testing.T, n int) error
	}{
		{"chat.update", 50, func(a *slackapp.App, t *testing.T, _ int) error {
			return a.Update(t.Context(), "C0SHOP", 1, slackapp.Message{Text: "x"})
		}},
		{"conversations.info", 50, func(a *slackapp.App, t *testing.T, _ int) error {
			_, err := a.Channel(t.Context(), "C0SHOP")
			return err
		}},
		{"conversations.open", 50, func(a *slackapp.App, t *testing.T, n int) error {
			_, err := a.Direct(t.Context(), fmt.Sprint("U0", n))
			return err
		}},
		{"users.info", 100, func(a *slackapp.App, t *testing.T, _ int) error {
			_, err := a.User(t.Context(), "U0CAT")
			return err
		}},
		{"chat.postMessage", 300, func(a *slackapp.App, t *testing.T, n int) error { return post(a, t, fmt.Sprint("C0", n)) }},
	} {
		t.Run(test.method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := whole()
				a := s.app(t)
				begin := time.Now()
				for n := 0; time.Since(begin) < time.Minute; {
					err := test.call(a, t, n)
					after, ok := calls.RetryAfter(err)
					switch {
					case err == nil:
						n++
					case !ok:
						t.Fatal(err)
					default:
						time.Sleep(after)
					}
				}
				if n := len(s.seen("/api/" + test.method)); n > test.most || n < test.most*9/10 {
					t.Errorf("%d in the first minute, want nearly %d", n, test.most)
				}
			})
		})
	}
}

// Slack says 429: nothing is sent there until the time that it said is over.
func TestTooManyRequestsAreObeyed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		path   string
		header []string
		status int
		body   string
		wait   time.Duration
		call   func(a *slackapp.App, t *testing.T) error
	}{
		{"post", "/api/chat.postMessage", []string{"Retry-After", "7"}, 429, ``, 7 * time.Second, func(a *slackapp.App, t *testing.T) error { return post(a, t, "C0SHOP") }},
		{"post, unsaid", "/api/chat.postMessage", nil, 429, ``, 30 * time.Second, func(a *slackapp.App, t *testing.T) error { return post(a, t, "C0SHOP") }},
		{"post, in words", "/api/chat.postMessage", []string{"Retry-After", "9"}, 200, `{"ok":false,"error":"ratelimited"}`, 9 * time.Second, func(a *slackapp.App, t *testing.T) error { return post(a, t, "C0SHOP") }},
		{"post, nonsense", "/api/chat.postMessage", []string{"Retry-After", "soon"}, 429, ``, 30 * time.Second, func(a *slackapp.App, t *testing.T) error { return post(a, t, "C0SHOP") }},
		{"post, for years", "/api/chat.postMessage", []string{"Retry-After", "99999999999"}, 429, ``, time.Hour, func(a *slackapp.App, t *testing.T) error { return post(a, t, "C0SHOP") }},
		{"update", "/api/chat.update", []string{"Retry-After", "7"}, 429, ``, 7 * time.Second, func(a *slackapp.App, t *testing.T) error {
			return a.Update(t.Context(), "C0SHOP", 1, slackapp.Message{Text: "x"})
		}},
		{"modal", "/api/views.open", []string{"Retry-After", "7"}, 429, ``, 7 * time.Second, func(a *slackapp.App, t *testing.T) error {
			return a.OpenModal(t.Context(), "1.2.3", slack.ModalViewRequest{})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := whole()
				limited := newStub()
				limited.answer("/", test.status, test.body, test.header...)
				over := false
				a := s.app(t, func(o *slackapp.Options) {
					o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
						if over {
							return s.RoundTrip(r)
						}
						return limited.RoundTrip(r)
					})
				})
				err := test.call(a, t)
				callstest.WantKind(t, err, pipeline.Unavailable)
				if after, ok := calls.RetryAfter(err); !ok || after != test.wait || calls.NotSent(err) {
					t.Errorf("wait %s, want %s", after, test.wait)
				}
				over = true
				time.Sleep(test.wait - time.Millisecond)
				err = test.call(a, t)
				if after, ok := calls.RetryAfter(err); !ok || after != time.Millisecond || !calls.NotSent(err) {
					t.Errorf("a moment before: %v", err)
				}
				if len(s.seen(test.path)) != 0 {
					t.Error("it was sent nevertheless")
				}
				time.Sleep(time.Millisecond)
				if err := test.call(a, t); err != nil {
					t.Errorf("when it is over: %v", err)
				}
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// One channel that is full does not keep others waiting; two of them mean that the
// workspace is.
func TestAFullChannelAndAFullWorkspace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.handle("/api/chat.postMessage", func(w http.ResponseWriter, r *http.Request) {
			if c := r.FormValue("channel"); c == "C0FULL" || c == "C0FULLTOO" {
				callstest.Reply(w, 429, ``, "Retry-After", "20")
				return
			}
			callstest.Reply(w, 200, postedAnswer)
		})
		a := s.app(t)
		callstest.WantKind(t, post(a, t, "C0FULL"), pipeline.Unavailable)
		if err := post(a, t, "C0SHOP"); err != nil {
			t.Errorf("another channel: %v", err)
		}
		if err := post(a, t, "C0FULL"); !calls.NotSent(err) {
			t.Errorf("the full one: %v", err)
		}
		callstest.WantKind(t, post(a, t, "C0FULLTOO"), pipeline.Unavailable)
		if err := post(a, t, "C0SHOP"); !calls.NotSent(err) {
			t.Errorf("another channel of a full workspace: %v", err)
		}
		time.Sleep(20 * time.Second)
		if err := post(a, t, "C0SHOP"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// Two posts of one channel that were under way together say nothing of the workspace.
func TestAFullChannelTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.handle("/api/chat.postMessage", func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("channel") == "C0FULL" {
				time.Sleep(time.Second) // both are under way
				callstest.Reply(w, 429, ``, "Retry-After", "20")
				return
			}
			callstest.Reply(w, 200, postedAnswer)
		})
		a := s.app(t)
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() { callstest.WantKind(t, post(a, t, "C0FULL"), pipeline.Unavailable) })
		}
		group.Wait()
		if len(s.seen("/api/chat.postMessage")) != 2 {
			t.Fatal("they were not under way together")
		}
		if err := post(a, t, "C0SHOP"); err != nil {
			t.Errorf("another channel: %v", err)
		}
	})
}

// What somebody waits for is not held back by our own pace.
func TestModalsAndWhispersAreNotPaced(t *testing.T) {
	t.Parallel()
	s := whole()
	a := s.app(t)
	for n := range 500 {
		if err := a.OpenModal(t.Context(), "1.2.3", slack.ModalViewRequest{}); err != nil {
			t.Fatal(n, err)
		}
		if err := a.Whisper(t.Context(), slackapp.Whisper{Channel: "C0SHOP", User: "U0CAT"}, slackapp.Message{Text: "x"}); err != nil {
			t.Fatal(n, err)
		}
		if err := a.Whisper(t.Context(), slackapp.Whisper{User: fmt.Sprint("U0", n)}, slackapp.Message{Text: "x"}); err != nil {
			t.Fatal(n, err)
		}
	}
}

// Callers from everywhere at once stay within the limits together.
func TestManyCallersShareTheLimits(t *testing.T) {
	t.Parallel()
	s := whole()
	now := time.Now()
	a := s.app(t, func(o *slackapp.Options) { o.Now = func() time.Time { return now } })
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if err := post(a, t, "C0SHOP"); err != nil && !calls.NotSent(err) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(s.seen("/api/chat.postMessage")); n != 3 {
		t.Errorf("%d were sent", n)
	}
}

// A call ends in time, although Slack hangs.
func TestCallsEndInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.handle("/", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		a := s.app(t)
		begin := time.Now()
		err := post(a, t, "C0SHOP")
		callstest.WantKind(t, err, pipeline.Unavailable, "in time")
		if took := time.Since(begin); took != slackapp.Timeout {
			t.Errorf("post took %s", took)
		}
		begin = time.Now()
		callstest.WantKind(t, a.OpenModal(t.Context(), "1.2.3", slack.ModalViewRequest{}), pipeline.Unavailable)
		if took := time.Since(begin); took != slackapp.ModalTimeout {
			t.Errorf("the modal took %s", took)
		}
		if _, ok := calls.RetryAfter(err); ok || errors.Is(err, slackapp.ErrAccess) {
			t.Error("nobody said how long to wait")
		}
	})
}
