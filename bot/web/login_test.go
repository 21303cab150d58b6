package web_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)

	// From a page that one may not see yet, by way of GitHub, to that page.
	path := "/runs/" + shopRun + "/log/long-1?from=2"
	p := b.get(path)
	if p.status != http.StatusSeeOther || p.to() != "/login?"+(url.Values{"to": {path}}).Encode() {
		t.Fatalf("a stranger is sent to %d %q", p.status, p.to())
	}
	p = b.get(p.to())
	callback := b.say(p.to(), "hubot")
	p = b.get(callback)
	if p.status != http.StatusSeeOther || p.to() != s.url+path {
		t.Fatalf("after the login: %d %q", p.status, p.to())
	}
	if p = b.get(p.to()); p.status != 200 || !strings.Contains(p.body, `id="L2"`) || !strings.Contains(p.body, ">hubot</a>") {
		t.Fatalf("the page that was asked for: %d\n%s", p.status, p.body)
	}
	checkHeaders(t, p.header)
	if s.github.UserTokens() != 1 { // GitHub gave one; nobody here has it
		t.Errorf("%d tokens", s.github.UserTokens())
	}
	if strings.Contains(s.log.String(), "ghu_") || strings.Contains(s.log.String(), b.cookie()) || strings.Contains(s.log.String(), callback[strings.Index(callback, "code="):][5:20]) {
		t.Errorf("the log shows a secret:\n%s", s.log.String())
	}
	if again := b.get("/login?to=/account"); again.to() != s.url+"/account" {
		t.Errorf("who is logged in is sent to %q", again.to())
	}
	if account := b.get("/account"); account.status != 200 || !strings.Contains(account.body, "Log out in all browsers") {
		t.Errorf("account page: %d\n%s", account.status, account.body)
	}
}

// Over https the cookies are such that neither plain http nor another site of the
// domain can set or read them.
func TestCookiesOverHTTPS(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.handler.Options
	login := *o.Login
	login.URL, o.Login = "https://penstock.example.com", &login
	e := echo.New()
	web.New(o).Register(e)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", nil))
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || !strings.HasPrefix(cookies[0].Name, "__Host-penstock-login-") {
		t.Fatalf("cookies %v", cookies)
	}
	c := cookies[0]
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 600 {
		t.Errorf("%+v", c)
	}
}

// Attacks on the way to GitHub and back. None of them logs anybody in.
func TestLoginAttacks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		attack func(t *testing.T, s *site, b *browser) page
		status int
	}{
		{"no state", func(t *testing.T, s *site, b *browser) page {
			return b.get("/login/callback?code=" + codeOf(t, b.say(b.ask("/"), "octocat")))
		}, 400},
		{"a forged state", func(t *testing.T, s *site, b *browser) page {
			code := codeOf(t, b.say(b.ask("/"), "octocat"))
			return b.get("/login/callback?code=" + code + "&state=" + strings.Repeat("a", 64))
		}, 400},
		{"a state with more in it", func(t *testing.T, s *site, b *browser) page {
			return b.get(b.say(b.ask("/"), "octocat") + "%0d%0aSet-Cookie:%20penstock=x")
		}, 400},
		{"the callback of another browser: somebody is to be logged in as the attacker", func(t *testing.T, s *site, b *browser) page {
			evil := s.browser(t)
			return b.get(evil.say(evil.ask("/"), "octocat"))
		}, 400},
		{"a stolen code with one's own state", func(t *testing.T, s *site, b *browser) page {
			victim := s.browser(t)
			code := codeOf(t, victim.say(victim.ask("/"), "octocat"))
			mine := must(url.Parse(b.say(b.ask("/"), "monalisa")))(t)
			q := mine.Query()
			q.Set("code", code)
			return b.get("/login/callback?" + q.Encode())
		}, 400},
		{"the same callback twice", func(t *testing.T, s *site, b *browser) page {
			callback := b.say(b.ask("/"), "octocat")
			if p := b.get(callback); p.status != http.StatusSeeOther {
				t.Fatalf("the first time: %d", p.status)
			}
			b.client.Jar = s.browser(t).client.Jar
			return b.get(callback)
		}, 400},
		{"the same state and cookie twice, with a new code", func(t *testing.T, s *site, b *browser) page {
			asked := b.ask("/")
			cookies := b.client.Jar.Cookies(must(url.Parse(s.url))(t))
			b.get(b.say(asked, "octocat"))
			b.client.Jar = s.browser(t).client.Jar
			for _, c := range cookies {
				b.keep(c.Name, c.Value)
			}
			return b.get(b.say(asked, "octocat"))
		}, 400},
		{"too late", func(t *testing.T, s *site, b *browser) page {
			callback := b.say(b.ask("/"), "octocat")
			s.pass(10 * time.Minute)
			return b.get(callback)
		}, 400},
		{"a cookie that was changed", func(t *testing.T, s *site, b *browser) page {
			callback := b.say(b.ask("/"), "octocat")
			for _, c := range b.client.Jar.Cookies(must(url.Parse(s.url))(t)) {
				content, signature, _ := strings.Cut(c.Value, ".")
				plain := must(base64.RawURLEncoding.DecodeString(content))(t)
				changed := strings.Replace(string(plain), `"t":"/"`, `"t":"/account"`, 1)
				b.keep(c.Name, base64.RawURLEncoding.EncodeToString([]byte(changed))+"."+signature)
			}
			return b.get(callback)
		}, 400},
		{"a cookie that was invented", func(t *testing.T, s *site, b *browser) page {
			state := strings.Repeat("a", 64)
			b.keep("penstock-login-aaaaaaaa", base64.RawURLEncoding.EncodeToString([]byte(`{"s":"`+state+`","v":"v","t":"/","u":99999999999}`))+".")
			return b.get("/login/callback?code=abc&state=" + state)
		}, 400},
		{"the cookie of another login of the same browser", func(t *testing.T, s *site, b *browser) page {
			one, two := b.say(b.ask("/"), "octocat"), b.say(b.ask("/"), "octocat")
			q1, q2 := must(url.Parse(one))(t).Query(), must(url.Parse(two))(t).Query()
			for _, c := range b.client.Jar.Cookies(must(url.Parse(s.url))(t)) {
				if strings.HasSuffix(c.Name, q2.Get("state")[:8]) {
					b.keep("penstock-login-"+q1.Get("state")[:8], c.Value)
				}
			}
			return b.get("/login/callback?" + url.Values{"code": {q2.Get("code")}, "state": {q1.Get("state")}}.Encode())
		}, 400},
		{"an invented code", func(t *testing.T, s *site, b *browser) page {
			q := must(url.Parse(b.say(b.ask("/"), "octocat")))(t).Query()
			return b.get("/login/callback?code=0123456789abcdef0123&state=" + q.Get("state"))
		}, 400},
		{"a no at GitHub, with a text of the attacker's", func(t *testing.T, s *site, b *browser) page {
			q := must(url.Parse(b.get(b.ask("/") + "&deny=1").to()))(t).Query()
			q.Set("error_description", "<b>call 555-1234</b>")
			return b.get("/login/callback?" + q.Encode())
		}, 403},
		{"GitHub does not answer who it is", func(t *testing.T, s *site, b *browser) page {
			callback := b.say(b.ask("/"), "octocat")
			s.github.Inject(emulator.Match{Path: "/user"}, emulator.ServerError(502))
			return b.get(callback)
		}, 503},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			p := test.attack(t, s, b)
			if p.status != test.status || strings.Contains(p.body, "555-1234") {
				t.Errorf("got %d\n%s", p.status, p.body)
			}
			checkHeaders(t, p.header)
			if b.cookie() != "" {
				t.Error("somebody is logged in")
			}
			if p := b.get("/account"); p.status != http.StatusSeeOther {
				t.Errorf("the account page answers %d", p.status)
			}
		})
	}
}

func codeOf(t *testing.T, callback string) string {
	t.Helper()
	return must(url.Parse(callback))(t).Query().Get("code")
}

// Only a form of the same session on a page of ours logs out.
func TestForgedForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t).login("octocat")
	other := s.browser(t).login("octocat")
	right := url.Values{"csrf": {b.csrf()}}
	for name, p := range map[string]page{
		"without a token":                   b.post("/logout", nil),
		"with an empty token":               b.post("/logout", url.Values{"csrf": {""}}),
		"with the token of another session": b.post("/logout", url.Values{"csrf": {other.csrf()}}),
		"with two tokens":                   b.post("/logout", url.Values{"csrf": {right.Get("csrf"), "x"}}),
		"with the token in the address":     b.post("/logout?"+right.Encode(), nil),
		"with the cookie for a token":       b.post("/logout", url.Values{"csrf": {b.cookie()}}),
		"from another site":                 b.post("/logout", right, header("Origin", "https://evil.example"), header("Sec-Fetch-Site", "cross-site")),
		"from another site, an old browser": b.post("/logout", right, header("Origin", "https://evil.example"), without("Sec-Fetch-Site")),
		"from a neighbour":                  b.post("/logout", right, header("Sec-Fetch-Site", "same-site")),
		"from another port":                 b.post("/logout", right, header("Origin", s.github.URL()), without("Sec-Fetch-Site")),
		"from a sandboxed frame":            b.post("/logout", right, header("Origin", "null"), without("Sec-Fetch-Site")),
		"from nowhere":                      b.post("/logout", right, without("Origin", "Sec-Fetch-Site")),
		"as plain text":                     b.post("/logout", right, header("Content-Type", "text/plain")),
	} {
		if p.status != http.StatusForbidden || !strings.Contains(p.body, "This form is not from here") {
			t.Errorf("%s: %d", name, p.status)
		}
	}
	for name, p := range map[string]page{
		"by a link":             b.get("/logout"),
		"by a link and a hint":  b.get("/logout?_method=POST", header("X-HTTP-Method-Override", "POST")),
		"a page as another one": b.post("/runs/"+shopRun, right, header("X-HTTP-Method-Override", "GET"), header("X-Method-Override", "GET")),
	} {
		if p.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", name, p.status)
		}
	}
	if b.get("/account").status != 200 {
		t.Error("a forged form has logged out")
	}
	if p := b.post("/logout", right); p.status != http.StatusSeeOther {
		t.Errorf("the form itself: %d", p.status)
	}
}

// Strangers cannot keep the server busy with GitHub, nor fill its memory.
func TestManyFalseLogins(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *web.Options) { login := *o.Login; login.GitHub = deaf{login.GitHub}; o.Login = &login })
	b := s.browser(t)
	refused := 0
	for range 310 {
		to := must(url.Parse(b.get("/login").to()))(t)
		if b.get("/login/callback?code=x&state="+to.Query().Get("state")).status == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 310 were refused", refused)
	}
	s.pass(10 * time.Minute)
	to := must(url.Parse(b.get("/login").to()))(t)
	if p := b.get("/login/callback?code=x&state=" + to.Query().Get("state")); p.status != http.StatusBadRequest {
		t.Errorf("ten minutes later: %d", p.status)
	}
}

// deaf is a GitHub that confirms nobody.
type deaf struct{ web.GitHub }

func (deaf) Who(_ context.Context, _, _ string) (pipeline.Actor, error) {
	return pipeline.Actor{}, pipeline.Errorf(pipeline.Invalid, "no")
}
