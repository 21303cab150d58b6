package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/pipeline"
)

// serve serves the pages of a house on a loopback port.
func serve(t *testing.T, h *house) (base string, handler *web.Handler) {
	t.Helper()
	handler = web.New(web.Options{
		Runs: h, Logs: h, Deliveries: h, Listen: "build.internal:8080", Poll: time.Millisecond,
		Now: func() time.Time { return at(600) },
	})
	e := echo.New()
	handler.Register(e)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	t.Cleanup(handler.Close)
	return server.URL, handler
}

// get asks for a page, with changes to the request.
func get(t *testing.T, address string, change ...func(*http.Request)) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := newHouse()
	base, _ := serve(t, h)
	tests := []struct {
		name, path string
		status     int
		has, lacks []string
	}{
		{name: "runs", path: "/", status: 200, has: []string{
			"<b>release</b> #142", "octo-org/shop", "waiting for approval", "Release/approve", "pull request #7", "10m 0s ago", "timed out", "superseded by 9999999",
		}},
		{name: "a run at its gate", path: "/runs/" + runID, status: 200, has: []string{
			"#142", "4f2c9d1", "Add a cart", "octocat", ".penstock.yml", "compile", "exit status 1", "attempt 2", "waiting for approval", "Look at the numbers",
			"expires <time datetime=\"2026-11-27T09:33:20Z\">", "not started", "ship", `href="/runs/` + runID + `/log/compile-1"`,
			`data-refresh="2"`, `href="https://github.com/octo-org/shop/commit/` + sha,
		}},
		{name: "an ended run is not looked at again", path: "/runs/" + endedID, status: 200, has: []string{"rejected", "hubot-owner", "not on a Friday"}, lacks: []string{"data-refresh"}},
		{name: "a run without its definition", path: "/runs/" + orphanID, status: 200, has: []string{"superseded"}},
		{name: "log", path: "/runs/" + runID + "/log/test-1", status: 200, has: []string{
			`id="L1"`, `class="l sys"`, `class="l err"`, "09:30:02.000", "--- FAIL: TestCart", "plain text", "Lines 1 to", "&lt;script&gt;alert(1)&lt;/script&gt;",
		}, lacks: []string{"<script>alert", "\x1b", "data-live"}},
		{name: "log of a running action is followed", path: "/runs/" + runID + "/log/test-2", status: 200, has: []string{`data-live="/runs/` + runID + `/log/test-2/live?from=2"`}},
		{name: "log without lines", path: "/runs/" + runID + "/log/compile-1", status: 200, has: []string{"printed nothing"}},
		{name: "plain log", path: "/runs/" + runID + "/log/test-1.txt", status: 200, has: []string{"go test ./...\n", "<script>alert(1)</script>\n"}},
		{name: "end of a long log", path: "/runs/" + runID + "/log/long-1", status: 200, has: []string{
			"Lines 3001 to", ">5000</span> of 5000", "?from=1001", `id="L5000"`, "Lines before 3001",
		}, lacks: []string{`id="L3000"`, "later lines"}},
		{name: "middle of a long log", path: "/runs/" + runID + "/log/long-1?from=2", status: 200, has: []string{`id="L2"`, `id="L2001"`, "?from=2002", "later lines"}, lacks: []string{`id="L1"`}},
		{name: "beyond the end", path: "/runs/" + runID + "/log/long-1?from=99999", status: 200, has: []string{`id="L5000"`}},
		{name: "nonsense as a line", path: "/runs/" + runID + "/log/long-1?from=-5", status: 200, has: []string{`id="L5000"`}},
		{name: "deliveries", path: "/deliveries", status: 200, has: []string{"push", "not allowed", "ignored", "issue_comment · created"}},
		{name: "no such run", path: "/runs/01939f3e-0000-7000-8000-00000000dead", status: 404, has: []string{"There is no such run"}},
		{name: "no id", path: "/runs/%3Cscript%3E", status: 404, has: []string{"There is no such run"}, lacks: []string{"<script>&"}},
		{name: "no such attempt", path: "/runs/" + runID + "/log/nothing", status: 404, has: []string{"There is no such log"}},
		{name: "a gate has no log", path: "/runs/" + runID + "/log/approve-1", status: 404, has: []string{"There is no such log"}},
		{name: "no such page", path: "/nothing/here", status: 404, has: []string{"There is no such page", "<title>"}},
		{name: "no such file", path: "/static/nothing.css", status: 404, has: []string{"There is no such file"}},
		{name: "no way out of the files", path: "/static/..%2f..%2fhandler.go", status: 404, lacks: []string{"package web"}},
		{name: "style", path: "/static/style.css", status: 200, has: []string{"prefers-color-scheme"}},
		{name: "script", path: "/static/penstock.js", status: 200, has: []string{"EventSource"}},
		{name: "a store that fails", path: "/runs/" + brokenID, status: 500, has: []string{"cannot be shown now"}, lacks: []string{"disk on fire"}},
		{name: "health", path: "/healthz", status: 200, has: []string{"ok"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := get(t, base+test.path)
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			for _, want := range test.has {
				if !strings.Contains(body, want) {
					t.Errorf("no %q in\n%s", want, body)
				}
			}
			for _, no := range test.lacks {
				if strings.Contains(body, no) {
					t.Errorf("%q in\n%s", no, body)
				}
			}
			if test.path == "/healthz" {
				return
			}
			checkHeaders(t, header)
			if strings.HasPrefix(header.Get("Content-Type"), "text/html") {
				checkStrict(t, body)
			}
		})
	}
}

func checkHeaders(t *testing.T, header http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("content policy %q", policy)
	}
	if header.Get("Content-Type") == "" {
		t.Error("no content type")
	}
}

// No page may be framed, except by the origins that are named.
func TestFrames(t *testing.T) {
	t.Parallel()
	h := newHouse()
	for _, test := range []struct {
		ancestors       []string
		policy, options string
	}{
		{nil, "frame-ancestors 'none'", "DENY"},
		{[]string{"http://127.0.0.1:1234"}, "frame-ancestors http://127.0.0.1:1234", ""},
	} {
		handler := web.New(web.Options{Runs: h, Logs: h, FrameAncestors: test.ancestors})
		e := echo.New()
		handler.Register(e)
		server := httptest.NewServer(e)
		t.Cleanup(server.Close)
		t.Cleanup(handler.Close)
		for _, path := range []string{"/", "/nothing/here", "/static/style.css"} {
			_, header, _ := get(t, server.URL+path)
			if policy := header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; "+test.policy) {
				t.Errorf("%s: content policy %q, want %q at its end", path, policy, test.policy)
			}
			if got := header.Get("X-Frame-Options"); got != test.options {
				t.Errorf("%s: X-Frame-Options %q, want %q", path, got, test.options)
			}
		}
	}
}

// checkStrict looks for what the content policy would not let run.
func checkStrict(t *testing.T, body string) {
	t.Helper()
	for _, no := range []string{"<style", " style=", "javascript:", " onclick=", " onload=", "<script>"} {
		if strings.Contains(body, no) {
			t.Errorf("%q in\n%s", no, body)
		}
	}
}

func TestOnlyThisMachine(t *testing.T) {
	t.Parallel()
	handler := web.New(web.Options{Runs: newHouse(), Logs: newHouse(), Listen: "build.internal:8080"})
	wildcard := web.New(web.Options{Runs: newHouse(), Logs: newHouse(), Listen: "0.0.0.0:8080"})
	tests := []struct {
		name, remote, host string
		header             string
		handler            *web.Handler
		want               int
	}{
		{name: "loopback", remote: "127.0.0.1:5000", host: "127.0.0.1:8080", want: 200},
		{name: "another loopback address", remote: "127.8.9.1:5000", host: "127.0.0.2:8080", want: 200},
		{name: "IPv6", remote: "[::1]:5000", host: "[::1]:8080", want: 200},
		{name: "IPv6 without port", remote: "[::1]:5000", host: "[::1]", want: 200},
		{name: "IPv4 in IPv6", remote: "[::ffff:127.0.0.1]:5000", host: "localhost", want: 200},
		{name: "name", remote: "127.0.0.1:5000", host: "LOCALHOST:8080", want: 200},
		{name: "the configured host", remote: "127.0.0.1:5000", host: "build.internal:8080", want: 200},
		{name: "another machine", remote: "192.168.1.7:5000", host: "localhost:8080", want: 403},
		{name: "another machine, IPv6", remote: "[2001:db8::1]:5000", host: "localhost:8080", want: 403},
		{name: "a broken address", remote: "pipe", host: "localhost:8080", want: 403},
		{name: "a name that was made to resolve here", remote: "127.0.0.1:5000", host: "evil.example:8080", want: 403},
		{name: "a name that looks like this machine", remote: "127.0.0.1:5000", host: "localhost.evil.example", want: 403},
		{name: "an address that looks like this machine", remote: "127.0.0.1:5000", host: "127.0.0.1.evil.example", want: 403},
		{name: "no host", remote: "127.0.0.1:5000", host: "", want: 403},
		{name: "no host, listening everywhere", remote: "127.0.0.1:5000", host: "", handler: wildcard, want: 403},
		{name: "the wildcard is no name", remote: "127.0.0.1:5000", host: "0.0.0.0:8080", handler: wildcard, want: 403},
		{name: "through a proxy", remote: "127.0.0.1:5000", host: "localhost:8080", header: "X-Forwarded-For", want: 403},
		{name: "through another proxy", remote: "127.0.0.1:5000", host: "localhost:8080", header: "Forwarded", want: 403},
		{name: "through a third", remote: "127.0.0.1:5000", host: "localhost:8080", header: "X-Real-IP", want: 403},
		{name: "forwarded does not help", remote: "192.168.1.7:5000", host: "localhost:8080", header: "X-Forwarded-For", want: 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.handler == nil {
				test.handler = handler
			}
			e := echo.New()
			test.handler.Register(e)
			for _, path := range []string{"/", "/runs/" + runID, "/runs/" + runID + "/log/test-1.txt", "/static/style.css", "/nothing"} {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.RemoteAddr, r.Host = test.remote, test.host
				if test.header != "" {
					r.Header.Set(test.header, "127.0.0.1")
				}
				w := httptest.NewRecorder()
				e.ServeHTTP(w, r)
				want := test.want
				if path == "/nothing" && want == 200 {
					want = 404
				}
				if w.Code != want {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
				if w.Code == 403 && (!strings.Contains(w.Body.String(), "for this machine only") || strings.Contains(w.Body.String(), "octo-org")) {
					t.Errorf("%s: the page does not say why, or too much:\n%s", path, w.Body)
				}
				checkHeaders(t, w.Header())
			}
			r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
			r.RemoteAddr, r.Host = test.remote, test.host
			w := httptest.NewRecorder()
			if e.ServeHTTP(w, r); w.Code != 200 {
				t.Errorf("health: %d", w.Code)
			}
		})
	}
}

func TestOnlyGet(t *testing.T) {
	t.Parallel()
	e := echo.New()
	web.New(web.Options{Runs: newHouse(), Logs: newHouse()}).Register(e)
	e.POST("/webhooks/github", func(c echo.Context) error { return c.NoContent(http.StatusAccepted) })
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} {
		for _, path := range []string{"/", "/runs/" + runID, "/runs/" + runID + "/log/test-1"} {
			r := httptest.NewRequest(method, path, nil)
			r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost"
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET" {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	// What other rooms register beside the pages is not theirs to guard.
	r := httptest.NewRequest(http.MethodPost, "/webhooks/github", nil)
	r.RemoteAddr, r.Host = "192.168.1.7:5000", "penstock.example"
	w := httptest.NewRecorder()
	if e.ServeHTTP(w, r); w.Code != http.StatusAccepted {
		t.Errorf("the webhook is answered with %d", w.Code)
	}
}

func TestWithoutDeliveries(t *testing.T) {
	t.Parallel()
	e := echo.New()
	web.New(web.Options{Runs: newHouse(), Logs: newHouse()}).Register(e)
	r := httptest.NewRequest(http.MethodGet, "/deliveries", nil)
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost"
	w := httptest.NewRecorder()
	if e.ServeHTTP(w, r); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), `href="/deliveries"`) {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}

// TestForeignAddresses: what a provider or the forge gives as an address is
// linked only if it is one of the web.
func TestForeignAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse()
	e := *h.runs[runID]
	e.Revision.WebURL = "javascript:alert(1)"
	e.Stages[0].Actions[0].URL = "data:text/html,x"
	e.Stages[0].Actions[1].URL = "https://ci.example/1?a=b&c=d"
	base, _ := serve(t, &house{runs: map[string]*pipeline.Execution{runID: &e}})
	_, _, body := get(t, base+"/runs/"+runID)
	if strings.Contains(body, "javascript:") || strings.Contains(body, "data:text") {
		t.Errorf("a foreign scheme is linked:\n%s", body)
	}
	if !strings.Contains(body, `href="https://ci.example/1?a=b&amp;c=d"`) {
		t.Errorf("the provider's page is not linked:\n%s", body)
	}
}

var (
	_ web.Runs       = (*house)(nil)
	_ web.Logs       = (*house)(nil)
	_ web.Deliveries = (*house)(nil)
)
