package githubapp_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was sent %s %s with %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	for _, c := range []struct {
		name   string
		status int
		to     string
		read   bool // a read is followed
		write  bool // a write is followed
	}{
		{"renamed, 301", 301, "/renamed", true, false},
		{"renamed, 307", 307, "/renamed", true, true},
		{"another host, 302", 302, elsewhere.URL + "/renamed", false, false},
		{"another host, 307", 307, elsewhere.URL + "/renamed", false, false},
		{"another port of this host", 307, "http://127.0.0.1:1/renamed", false, false},
		{"in circles", 307, "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			send := func(w http.ResponseWriter, r *http.Request) {
				to := c.to
				if to == "" {
					to = r.URL.Path
				}
				http.Redirect(w, r, to, c.status)
			}
			s.handle(refPath, send)
			s.handle("POST /repos/octocat/shop/statuses/"+sha, send)
			s.answer("GET /renamed", 200, refAnswer(sha))
			s.answer("POST /renamed", 201, `{"id":1}`)
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			a := s.app(t, func(o *githubapp.Options) { o.APIURL, o.Transport = server.URL, nil })
			_, err := a.Head(t.Context(), shop, "main")
			if (err == nil) != c.read {
				t.Errorf("read: %v", err)
			}
			err = a.CreateStatus(t.Context(), shop, sha, githubapp.Status{Context: "c", State: "pending"})
			if (err == nil) != c.write {
				t.Errorf("write: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "ghs_") {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestTokenRequestIsNotRedirected(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.handle("POST /app/installations/5/access_tokens", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
	})
	_, err := s.app(t).Head(t.Context(), shop, "main")
	callstest.WantKind(t, err, pipeline.Internal, "another host")
	if s.hosts["elsewhere.example"] != 0 {
		t.Error("the other host was asked")
	}
}

func TestHangs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, route string }{
		{"the call", refPath},
		{"the token", "POST /app/installations/5/access_tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStub()
				s.handle(c.route, hang)
				a := s.app(t)
				_, err := a.Head(t.Context(), shop, "main")
				callstest.WantKind(t, err, pipeline.Unavailable, "in time")
				if _, ok := calls.RetryAfter(err); ok {
					t.Error("a time to wait, although nobody named one")
				}
				if waited := time.Since(start); waited != githubapp.Timeout {
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer(refPath, 200, refAnswer(sha))
	s.answer("GET /repos/octocat/shop/git/ref/heads/gone", 404, `{"message":"Not Found"}`)
	server := httptest.NewUnstartedServer(s)
	var opened atomic.Int64
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	a := s.app(t, func(o *githubapp.Options) { o.APIURL, o.Transport = server.URL, nil })
	for range 20 {
		if _, err := a.Head(t.Context(), shop, "main"); err != nil {
			t.Fatal(err)
		}
		_, err := a.Head(t.Context(), shop, "gone")
		callstest.WantKind(t, err, pipeline.NotFound)
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for calls one after another", n)
	}
}

func TestErrorsCarryNoToken(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer(refPath, 404, `{"message":"Not Found"}`)
	_, err := s.app(t).Head(t.Context(), shop, "main")
	var answer *github.ErrorResponse
	if !errors.As(err, &answer) {
		t.Fatalf("no answer in %v", err)
	}
	if got := answer.Response.Request.Header.Get("Authorization"); got != "" {
		t.Errorf("the error carries %q", got)
	}
}
