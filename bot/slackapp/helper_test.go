package slackapp_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
)

const (
	botToken      = "xoxb-1111-2222-SecretOfTheBot"
	appToken      = "xapp-1-A0APP-3333-SecretOfTheApp"
	signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"
)

// stub is a Slack with the methods that a test gives it.
type stub struct {
	*callstest.Wire
	mux *http.ServeMux

	mu    sync.Mutex
	calls []asked
}

// asked is a call that came.
type asked struct {
	Path   string
	Header http.Header
	Body   string
	Form   url.Values
}

func newStub() *stub {
	s := &stub{mux: http.NewServeMux()}
	s.Wire = callstest.NewWire(s)
	return s
}

// answer gives a method, "/api/chat.update", a constant answer.
func (s *stub) answer(path string, status int, body string, header ...string) {
	s.handle(path, func(w http.ResponseWriter, _ *http.Request) { callstest.Reply(w, status, body, header...) })
}

func (s *stub) handle(path string, f http.HandlerFunc) { s.mux.HandleFunc(path, f) }

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	s.mu.Lock()
	s.calls = append(s.calls, asked{r.URL.Path, r.Header.Clone(), string(body), form})
	s.mu.Unlock()
	s.mux.ServeHTTP(w, r)
}

// seen lists the calls of a method so far.
func (s *stub) seen(path string) []asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []asked
	for _, c := range s.calls {
		if c.Path == path {
			list = append(list, c)
		}
	}
	return list
}

// app is an App of ours on the stub.
func (s *stub) app(t *testing.T, change ...func(*slackapp.Options)) *slackapp.App {
	t.Helper()
	a := newApp(t, append([]func(*slackapp.Options){func(o *slackapp.Options) { o.Transport = s }}, change...)...)
	t.Cleanup(func() { s.WantClosed(t) })
	return a
}

func newApp(t *testing.T, change ...func(*slackapp.Options)) *slackapp.App {
	t.Helper()
	o := slackapp.Options{BotToken: botToken, AppToken: appToken, SigningSecret: signingSecret}
	for _, f := range change {
		f(&o)
	}
	a, err := slackapp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// logTo has an App write its log, all of it, to w.
func logTo(w io.Writer) func(*slackapp.Options) {
	return func(o *slackapp.Options) {
		o.Logger = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
}
