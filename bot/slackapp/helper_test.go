package slackapp_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	botToken      = "xoxb-1111-2222-SecretOfTheBot"
	appToken      = "xapp-1-A0APP-3333-SecretOfTheApp"
	signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"
)

// stub is a Slack with the methods that a test gives it.
type stub struct {
	mux *http.ServeMux

	mu    sync.Mutex
	calls []asked
	open  int // answers whose bodies are not closed
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
	return s
}

// answer gives a method, "/api/chat.update", a constant answer.
func (s *stub) answer(path string, status int, body string, header ...string) {
	s.handle(path, func(w http.ResponseWriter, _ *http.Request) { reply(w, status, body, header...) })
}

func (s *stub) handle(path string, f http.HandlerFunc) { s.mux.HandleFunc(path, f) }

func reply(w http.ResponseWriter, status int, body string, header ...string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

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

// RoundTrip serves requests without a network, so that fake time works.
func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer := recorder.Result()
	answer.Request = r
	s.mu.Lock()
	s.open++
	s.mu.Unlock()
	answer.Body = &closing{ReadCloser: answer.Body, stub: s}
	return answer, nil
}

type closing struct {
	io.ReadCloser
	stub *stub
	once sync.Once
}

func (c *closing) Close() error {
	c.once.Do(func() {
		c.stub.mu.Lock()
		c.stub.open--
		c.stub.mu.Unlock()
	})
	return c.ReadCloser.Close()
}

// app is an App of ours on the stub.
func (s *stub) app(t *testing.T, change ...func(*slackapp.Options)) *slackapp.App {
	t.Helper()
	a := newApp(t, append([]func(*slackapp.Options){func(o *slackapp.Options) { o.Transport = s }}, change...)...)
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open != 0 {
			t.Errorf("%d answers were left open", s.open)
		}
	})
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

func wantKind(t *testing.T, err error, kind pipeline.Kind, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := pipeline.KindOf(err); got != kind {
		t.Errorf("kind %d, want %d: %v", got, kind, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
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
