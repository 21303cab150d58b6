package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// linking is a site where accounts are linked to Slack, and what was told of it.
type linking struct {
	*site
	mu   sync.Mutex
	told []pipeline.SlackAccount
}

func newLinking(t *testing.T, change ...func(*web.Options)) *linking {
	t.Helper()
	l := &linking{}
	l.site = newSite(t, append([]func(*web.Options){func(o *web.Options) {
		o.SlackLinks = o.Login.Sessions.(*storage.DB)
		o.OnSlackLinked = func(_ context.Context, a pipeline.SlackAccount) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.told = append(l.told, a)
		}
	}}, change...)...)
	return l
}

func slackUser(id string) pipeline.SlackUser { return pipeline.SlackUser{Team: "T024BE7LD", ID: id} }

// offer is what a Slack user gets who asks for a link: the path of the page.
func (l *linking) offer(t *testing.T, id, name string) string {
	t.Helper()
	token, digest := pipeline.NewSlackLinkToken()
	now := l.now().UTC()
	ok(t, l.db.OfferSlackLink(t.Context(), pipeline.SlackLink{
		Digest: digest, SlackUser: slackUser(id), TeamName: "Octo & Co", Name: name, CreatedAt: now, ExpiresAt: now.Add(pipeline.SlackLinkLife),
	}))
	return web.SlackLinkPath + token
}

// speaksFor is the login that a Slack user speaks for, "" for none.
func (l *linking) speaksFor(t *testing.T, id string) string {
	t.Helper()
	a, err := l.db.SlackAccount(t.Context(), slackUser(id), l.app.Host())
	if pipeline.KindOf(err) == pipeline.NotFound {
		return ""
	}
	ok(t, err)
	return a.Actor.Login
}

// link confirms a link as somebody who is logged in.
func (b *browser) link(path string) page {
	b.t.Helper()
	return b.post(path, url.Values{"csrf": {b.csrf()}})
}

// From Slack, by way of the login, to a page that names both; confirmed once.
func TestLinkSlack(t *testing.T) {
	t.Parallel()
	l := newLinking(t)
	b, path := l.browser(t), l.offer(t, "U012AB3CD", "the cat")
	p := b.get(path)
	if p.status != http.StatusSeeOther || p.to() != "/login?"+(url.Values{"to": {path}}).Encode() {
		t.Fatalf("a stranger is sent to %d %q", p.status, p.to())
	}
	asked := b.get(p.to()).to()
	if strings.Contains(asked, strings.TrimPrefix(path, web.SlackLinkPath)) {
		t.Errorf("GitHub is told the link: %s", asked)
	}
	if p = b.get(b.say(asked, "octocat")); p.to() != l.url+path {
		t.Fatalf("after the login: %q", p.to())
	}
	p = b.get(path)
	checkHeaders(t, p.header)
	checkStrict(t, p.body)
	for _, want := range []string{
		"<bdi>the cat</bdi>", "<code>U012AB3CD</code>", "<bdi>Octo &amp; Co</bdi>", "<code>T024BE7LD</code>", "<b>octocat</b>",
		"approve and reject as <b>octocat</b>", "do not confirm", `<meta name="robots" content="noindex">`, `<a href="/">Cancel</a>`,
	} {
		if p.status != 200 || !strings.Contains(p.body, want) {
			t.Errorf("%d, the page lacks %q:\n%s", p.status, want, p.body)
		}
	}
	if strings.Contains(p.body, " now. After") || strings.Contains(p.body, "linked already") {
		t.Errorf("the page knows of another link:\n%s", p.body)
	}
	if l.speaksFor(t, "U012AB3CD") != "" {
		t.Error("linked by looking")
	}
	if p = b.link(path); p.status != 200 || !strings.Contains(p.body, "In Slack, the cat (U012AB3CD) now approves and rejects as octocat.") {
		t.Fatalf("%d\n%s", p.status, p.body)
	}
	checkHeaders(t, p.header)
	got, err := l.db.SlackAccount(t.Context(), slackUser("U012AB3CD"), l.app.Host())
	ok(t, err)
	if got.Name != "the cat" || got.Host != l.app.Host() || got.Actor.Login != "octocat" || got.Actor.ID == 0 || got.By != pipeline.SlackLinkedByPage || got.At.IsZero() {
		t.Errorf("stored %+v", got)
	}
	if len(l.told) != 1 {
		t.Fatalf("told %d times", len(l.told))
	}
	got.At = l.told[0].At // which the database cuts
	if diff := cmp.Diff([]pipeline.SlackAccount{got}, l.told); diff != "" {
		t.Error(diff)
	}
	log := l.log.String()
	if !strings.Contains(log, "slack account linked") || !strings.Contains(log, "slack_user=U012AB3CD") || !strings.Contains(log, "login=octocat") {
		t.Errorf("the log lacks who linked what:\n%s", log)
	}
}

// What a link takes away is said before, and logged after.
func TestLinkSlackSaysWhatItReplaces(t *testing.T) {
	t.Parallel()
	l := newLinking(t)
	octocat, hubot := l.browser(t).login("octocat"), l.browser(t).login("hubot")
	octocat.link(l.offer(t, "U1", "the cat"))
	hubot.link(l.offer(t, "U2", "the robot"))

	again := l.offer(t, "U1", "the cat")
	if p := octocat.get(again); !strings.Contains(p.body, "linked already") || strings.Contains(p.body, " now. After") {
		t.Errorf("the same again:\n%s", p.body)
	}
	p := hubot.get(again)
	for _, want := range []string{
		"This Slack account speaks for <b>octocat</b> now.", "<bdi>the robot (U2)</bdi> of the same workspace speaks for <b>hubot</b> now.",
	} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the page lacks %q:\n%s", want, p.body)
		}
	}
	if p := hubot.link(again); p.status != 200 {
		t.Fatalf("%d\n%s", p.status, p.body)
	}
	if one, two := l.speaksFor(t, "U1"), l.speaksFor(t, "U2"); one != "hubot" || two != "" {
		t.Errorf("U1 speaks for %q, U2 for %q", one, two)
	}
	if log := l.log.String(); !strings.Contains(log, "instead_of=octocat") || !strings.Contains(log, "taken_from=U2") {
		t.Errorf("the log lacks what was replaced:\n%s", log)
	}
}

// Attacks on the page that links accounts. None of them links any.
func TestLinkSlackAttacks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		attack func(t *testing.T, l *linking, path string) page
		status int
	}{
		{"no login", func(t *testing.T, l *linking, path string) page {
			return l.browser(t).post(path, url.Values{"csrf": {strings.Repeat("a", 64)}})
		}, 401},
		{"an API token", func(t *testing.T, l *linking, path string) page {
			return l.browser(t).post(path, nil, header("Authorization", "Bearer "+l.token(t, "octocat", pipeline.ScopeWrite)))
		}, 403},
		{"an API token that looks", func(t *testing.T, l *linking, path string) page {
			return l.browser(t).get(path, header("Authorization", "Bearer "+l.token(t, "octocat", pipeline.ScopeRead)))
		}, 403},
		{"no CSRF token", func(t *testing.T, l *linking, path string) page {
			return l.browser(t).login("octocat").post(path, nil)
		}, 403},
		{"the CSRF token of another session", func(t *testing.T, l *linking, path string) page {
			return l.browser(t).login("octocat").post(path, url.Values{"csrf": {l.browser(t).login("hubot").csrf()}})
		}, 403},
		{"a form of another site", func(t *testing.T, l *linking, path string) page {
			b := l.browser(t).login("octocat")
			return b.post(path, url.Values{"csrf": {b.csrf()}}, header("Origin", "https://evil.example"), header("Sec-Fetch-Site", "cross-site"))
		}, 403},
		{"a form that hides where it is from", func(t *testing.T, l *linking, path string) page {
			b := l.browser(t).login("octocat")
			return b.post(path, url.Values{"csrf": {b.csrf()}}, header("Origin", "null"), without("Sec-Fetch-Site"))
		}, 403},
		{"a session that began after the page was shown: somebody was logged in as the attacker meanwhile", func(t *testing.T, l *linking, path string) page {
			b := l.browser(t).login("octocat")
			csrf := b.csrf()
			b.keep("penstock", l.browser(t).login("hubot").cookie())
			return b.post(path, url.Values{"csrf": {csrf}})
		}, 403},
		{"a robot that fetches what it sees", func(t *testing.T, l *linking, path string) page {
			b := l.browser(t).login("octocat")
			b.get(path+"?csrf="+b.csrf(), header("Sec-Purpose", "prefetch"))
			r := must(http.NewRequest(http.MethodHead, l.url+path, nil))(t)
			return b.do(r)
		}, 405},
		{"too late", func(t *testing.T, l *linking, path string) page {
			b := l.browser(t).login("octocat")
			l.pass(pipeline.SlackLinkLife)
			return b.link(path)
		}, 410},
		{"too late to look", func(t *testing.T, l *linking, path string) page {
			b := l.browser(t).login("octocat")
			l.pass(pipeline.SlackLinkLife)
			return b.get(path)
		}, 410},
		{"a guess", func(t *testing.T, l *linking, _ string) page {
			token, _ := pipeline.NewSlackLinkToken()
			return l.browser(t).login("octocat").link(web.SlackLinkPath + token)
		}, 410},
		{"the digest, which a copy of the database has", func(t *testing.T, l *linking, path string) page {
			digest, _ := pipeline.SlackLinkDigest(strings.TrimPrefix(path, web.SlackLinkPath))
			return l.browser(t).login("octocat").link(web.SlackLinkPath + digest)
		}, 410},
		{"what is no token", func(t *testing.T, l *linking, _ string) page {
			return l.browser(t).login("octocat").link(web.SlackLinkPath + "%2e%2e%2f'%20OR%201")
		}, 410},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLinking(t)
			path := l.offer(t, "U1", "the cat")
			p := test.attack(t, l, path)
			if p.status != test.status {
				t.Errorf("got %d\n%s", p.status, p.body)
			}
			checkHeaders(t, p.header)
			if test.status == http.StatusGone && !strings.Contains(p.body, "/penstock link") {
				t.Errorf("the page does not say what to do:\n%s", p.body)
			}
			if login := l.speaksFor(t, "U1"); login != "" || len(l.told) != 0 {
				t.Errorf("linked to %q", login)
			}
			if token := strings.TrimPrefix(path, web.SlackLinkPath); strings.Contains(l.log.String(), token) {
				t.Errorf("the log shows the token:\n%s", l.log.String())
			}
		})
	}
}

// Once is once: for who sends the form again, for somebody else, and of many at once
// for one.
func TestLinkSlackOnce(t *testing.T) {
	t.Parallel()
	l := newLinking(t)
	octocat, hubot := l.browser(t).login("octocat"), l.browser(t).login("hubot")
	path := l.offer(t, "U1", "the cat")
	if p := octocat.link(path); p.status != 200 {
		t.Fatalf("%d\n%s", p.status, p.body)
	}
	for _, p := range []page{octocat.link(path), octocat.get(path), hubot.link(path), hubot.get(path)} {
		if p.status != http.StatusGone || !strings.Contains(p.body, "If you have just confirmed it") {
			t.Errorf("again: %d\n%s", p.status, p.body)
		}
	}
	if login := l.speaksFor(t, "U1"); login != "octocat" {
		t.Errorf("speaks for %q", login)
	}

	path = l.offer(t, "U2", "the robot")
	browsers, status := []*browser{octocat, hubot, octocat, hubot}, make([]int, 4)
	csrf := []string{octocat.csrf(), hubot.csrf()}
	var all sync.WaitGroup
	for i, b := range browsers {
		all.Go(func() { status[i] = b.post(path, url.Values{"csrf": {csrf[i%2]}}).status })
	}
	all.Wait()
	count := map[int]int{}
	for _, s := range status {
		count[s]++
	}
	if diff := cmp.Diff(map[int]int{200: 1, http.StatusGone: 3}, count); diff != "" || len(l.told) != 2 {
		t.Errorf("told %d times, %s", len(l.told), diff)
	}
}

// Who confirms somebody else's link gives that Slack user their own name, not the
// other way around; the page has said so.
func TestLinkOfSomebodyElse(t *testing.T) {
	t.Parallel()
	l := newLinking(t)
	path := l.offer(t, "UEVIL", "hubot")
	monalisa := l.browser(t).login("monalisa")
	if p := monalisa.get(path); !strings.Contains(p.body, "<code>UEVIL</code>") || !strings.Contains(p.body, "approve and reject as <b>monalisa</b>") {
		t.Errorf("the page does not say who is who:\n%s", p.body)
	}
	monalisa.link(path)
	if login := l.speaksFor(t, "UEVIL"); login != "monalisa" {
		t.Errorf("speaks for %q", login)
	}
}

// Names in Slack are chosen freely.
func TestHostileNamesInSlack(t *testing.T) {
	t.Parallel()
	l := newLinking(t)
	b := l.browser(t).login("octocat")
	b.link(l.offer(t, "U2", "<script>alert(2)</script>\u202eresu"))
	hostile := l.offer(t, "U1", "\u202e<img src=x onerror=alert(1)>\u2066\x1b[31m\x00"+strings.Repeat("long", 200))
	for _, p := range []page{b.get(hostile), b.link(hostile)} {
		checkStrict(t, p.body)
		if p.status != 200 || strings.Contains(p.body, "<img") || strings.Contains(p.body, "<script>alert") ||
			strings.ContainsAny(p.body, "\u202e\u2066\x1b\x00") || strings.Contains(p.body, strings.Repeat("long", 30)) {
			t.Errorf("%d\n%s", p.status, p.body)
		}
		if !strings.Contains(p.body, "&lt;img src=x") || !strings.Contains(p.body, "U1") {
			t.Errorf("the name is not shown:\n%s", p.body)
		}
	}
	if p := b.get(l.offer(t, "U3", "\u202e")); !strings.Contains(p.body, "<bdi>U3</bdi>") {
		t.Errorf("a name of nothing:\n%s", p.body)
	}
}

// brokenLinks cannot be read, and say why with all they know.
type brokenLinks struct{ web.SlackLinks }

func (brokenLinks) SlackLink(context.Context, string, time.Time) (pipeline.SlackLink, error) {
	return pipeline.SlackLink{}, fmt.Errorf("slack link: disk I/O error")
}

// brokenAccounts cannot be asked who speaks for whom.
type brokenAccounts struct{ web.SlackLinks }

func (brokenAccounts) SlackAccountOf(context.Context, string, string, int64) (pipeline.SlackAccount, error) {
	return pipeline.SlackAccount{}, fmt.Errorf("slack account: disk I/O error")
}

// A database that does not answer links nobody, and the log does not show the token.
func TestLinkSlackInTrouble(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(web.SlackLinks) web.SlackLinks{
		"links":    func(s web.SlackLinks) web.SlackLinks { return brokenLinks{s} },
		"accounts": func(s web.SlackLinks) web.SlackLinks { return brokenAccounts{s} },
	} {
		l := newLinking(t, func(o *web.Options) { o.SlackLinks = wrap(o.SlackLinks) })
		b, path := l.browser(t).login("octocat"), l.offer(t, "U1", "the cat")
		for _, p := range []page{b.get(path), b.link(path)} {
			if p.status != http.StatusInternalServerError || strings.Contains(p.body, "I/O") {
				t.Errorf("%s: %d\n%s", name, p.status, p.body)
			}
		}
		log := l.log.String()
		if l.speaksFor(t, "U1") != "" || !strings.Contains(log, "disk I/O error") || !strings.Contains(log, "page=/slack/link/:token") ||
			strings.Contains(log, strings.TrimPrefix(path, web.SlackLinkPath)) {
			t.Errorf("%s: the log:\n%s", name, log)
		}
	}
}

// Without a login nobody is known: everybody is told what is missing, nothing is read.
func TestLinkSlackWithoutLogin(t *testing.T) {
	t.Parallel()
	token, _ := pipeline.NewSlackLinkToken()
	for _, test := range []struct {
		links  web.SlackLinks
		method string
		status int
		has    string
	}{
		{brokenLinks{}, http.MethodGet, 403, "docs/login.md"},
		{brokenLinks{}, http.MethodPost, 405, "can only be read"},
		{nil, http.MethodGet, 403, "this machine only"},
	} {
		e := echo.New()
		web.New(web.Options{Runs: newHouse(), Logs: newHouse(), SlackLinks: test.links}).Register(e)
		r := httptest.NewRequest(test.method, web.SlackLinkPath+token, nil)
		r.RemoteAddr = "192.0.2.7:1234"
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.has) {
			t.Errorf("%s: %d\n%s", test.method, w.Code, w.Body)
		}
		checkHeaders(t, w.Header())
	}
}
