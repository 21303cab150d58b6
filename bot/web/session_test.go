package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// An attacker who puts a session into somebody's browser gains nothing by their
// login: it begins another one, and the one that was there is over.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	evil := s.browser(t).login("monalisa")
	planted := evil.cookie()
	for _, fixed := range []string{planted, strings.Repeat("f", 64)} {
		victim := s.browser(t)
		callback := victim.say(victim.ask("/"), "octocat")
		victim.keep("penstock", fixed)
		victim.get(callback)
		if got := victim.cookie(); got == fixed || len(got) != 64 || victim.get("/account").status != 200 {
			t.Fatalf("after the login the session is %q", got)
		}
		evil.keep("penstock", fixed)
		if p := evil.get("/account"); p.status != http.StatusSeeOther {
			t.Errorf("the session that was planted is good for %d", p.status)
		}
	}
	b := s.browser(t).login("octocat")
	before := b.cookie()
	s.pass(sessionIdle)
	if b.login("octocat").cookie() == before {
		t.Error("a second login has the id of the first")
	}
}

const sessionIdle, sessionLife = 2 * time.Hour, 12 * time.Hour

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := func(b *browser) bool { return b.get("/account").status == 200 }
	one, two, hubot := s.browser(t).login("octocat"), s.browser(t).login("octocat"), s.browser(t).login("hubot")

	// The cookie of a session that was logged out is good for nothing.
	kept := one.cookie()
	p := one.post("/logout", url.Values{"csrf": {one.csrf()}})
	if p.status != http.StatusSeeOther || p.to() != s.url+"/login/out" || one.cookie() != "" {
		t.Fatalf("logout: %d %q", p.status, p.to())
	}
	one.keep("penstock", kept)
	if in(one) || !in(two) || !in(hubot) {
		t.Error("one browser was logged out")
	}
	if out := one.get("/login/out"); out.status != 200 || !strings.Contains(out.body, "You are logged out") {
		t.Errorf("%d\n%s", out.status, out.body)
	}

	// All of an account.
	one.login("octocat")
	two.post("/logout", url.Values{"csrf": {two.csrf()}, "everywhere": {"yes"}})
	if in(one) || in(two) || !in(hubot) {
		t.Error("all browsers of octocat were logged out")
	}

	// By itself: when it is not used, and after a working day in any case. What a page
	// fetches while nobody looks does not count as use.
	b := s.browser(t).login("octocat")
	for range 3 {
		s.pass(30 * time.Minute)
		if p := b.get("/", header("Sec-Fetch-Dest", "empty")); p.status != 200 {
			t.Fatalf("a page that stays open gets %d", p.status)
		}
	}
	s.pass(30 * time.Minute)
	if p := b.get("/", header("Sec-Fetch-Dest", "empty")); p.status != http.StatusUnauthorized {
		t.Errorf("two hours later it gets %d", p.status)
	}
	b.login("octocat")
	for range 11 {
		s.pass(time.Hour)
		if !in(b) {
			t.Fatal("a session that is used has ended")
		}
	}
	s.pass(time.Hour)
	if in(b) {
		t.Error("a session lasts longer than 12 hours")
	}
}

// A session outlasts a clock that is set an hour forward and back, and people can log
// in meanwhile without ending it.
func TestSessionsOutlastAClockThatIsSet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t).login("octocat")
	for _, jump := range []time.Duration{time.Hour, -time.Hour, -time.Hour, time.Hour} {
		s.pass(jump)
		if p := b.get("/account"); p.status != 200 {
			t.Fatalf("set by %s: %d", jump, p.status)
		}
	}
	s.pass(-time.Hour)
	if p := s.browser(t).login("octocat").get("/account"); p.status != 200 {
		t.Errorf("a login after the clock was set back: %d", p.status)
	}
	if p := b.get("/account"); p.status != 200 {
		t.Errorf("the other session has ended: %d", p.status)
	}
}
