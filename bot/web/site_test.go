package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// The runs of the private repositories of a site.
const (
	shopRun  = "01939f3e-0000-7000-8000-000000000142" // the one with everything
	otherRun = "01939f3e-0000-7000-8000-000000000900"
	noRun    = "01939f3e-0000-7000-8000-00000000dead"
)

// site is the pages with a login, a real database and a small GitHub: octocat
// administers octo-org/shop, hubot may read it, and monalisa may not. octo-org/other
// is octocat's alone.
type site struct {
	url         string
	github      *emulator.GitHub
	db          *storage.DB
	house       *house
	handler     *web.Handler
	app         *githubapp.App
	registered  int64 // the app's id
	shop, other pipeline.Repository
	late        atomic.Int64 // how far the clock of the pages is ahead, in nanoseconds
	asked       atomic.Int64 // how often GitHub was asked about rights
	log         journal
}

// journal is what the pages log.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (s *site) now() time.Time { return at(600).Add(time.Duration(s.late.Load())) }

// pass lets time go by for the pages.
func (s *site) pass(d time.Duration) { s.late.Add(int64(d)) }

// Permission asks GitHub, as the server does.
func (s *site) Permission(ctx context.Context, host string, id int64, who pipeline.Actor) (pipeline.Permission, error) {
	s.asked.Add(1)
	r, suspended, err := s.db.Repository(ctx, host, id)
	if pipeline.KindOf(err) == pipeline.NotFound || suspended {
		return pipeline.PermissionNone, nil
	}
	if err != nil {
		return pipeline.PermissionNone, err
	}
	p, err := s.app.Permission(ctx, r, who)
	if pipeline.KindOf(err) == pipeline.NotFound {
		return pipeline.PermissionNone, nil
	}
	return p, err
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newSite(t *testing.T, change ...func(*web.Options)) *site {
	t.Helper()
	s := &site{house: newHouse()}
	s.github = must(emulator.New(emulator.Options{Dir: t.TempDir()}))(t)
	t.Cleanup(func() { s.github.Close() })
	for _, login := range []string{"octocat", "hubot", "monalisa"} {
		must(s.github.AddUser(login))(t)
	}
	must(s.github.AddOrganization("octo-org"))(t)
	registered := must(s.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octo-org", Key: appKey()}))(t)
	s.registered = registered.ID
	installation := must(s.github.Install(registered.ID, "octo-org"))(t)
	s.app = must(githubapp.New(githubapp.Options{AppID: registered.ID, PrivateKey: registered.PrivateKey, APIURL: s.github.APIURL()}))(t)
	t.Cleanup(s.app.Close)
	s.db = must(storage.Open(t.Context(), storage.Options{Dir: t.TempDir()}))(t)
	t.Cleanup(func() { s.db.Close() })
	s.shop, s.other = s.repository(t, "shop", installation.ID), s.repository(t, "other", installation.ID)
	ok(t, s.github.SetRole("octo-org/shop", "octocat", emulator.RoleAdmin))
	ok(t, s.github.SetRole("octo-org/other", "octocat", emulator.RoleAdmin))
	ok(t, s.github.SetRole("octo-org/shop", "hubot", emulator.RoleRead))
	for _, e := range s.house.runs {
		e.Repository = s.shop
	}
	foreign := newRun(otherRun, 900)
	foreign.Repository, foreign.Stages = s.other, []pipeline.StageExecution{{Name: "Build", Status: pipeline.StageInProgress,
		Actions: []pipeline.ActionExecution{attempt("secret", 1, pipeline.ActionInProgress, 1, 0)}}}
	foreign.Revision.Message = "a secret plan"
	s.house.runs[otherRun], s.house.order = foreign, append([]string{otherRun}, s.house.order...)
	s.house.print("secret-1", pipeline.Stdout, "a secret line")
	s.house.repository, s.house.foreign = s.shop, s.other.ID

	server := httptest.NewUnstartedServer(nil)
	s.url = "http://" + server.Listener.Addr().String()
	ok(t, s.github.SetCallbacks(registered.ID, s.url+web.CallbackPath))
	oauth := must(githubapp.NewOAuth(githubapp.OAuthOptions{
		ClientID: registered.ClientID, ClientSecret: registered.ClientSecret, APIURL: s.github.APIURL(), Callback: s.url + web.CallbackPath,
	}))(t)
	o := web.Options{
		Runs: s.house, Logs: s.house, Deliveries: s.house, Poll: time.Millisecond, Now: s.now, Logger: newLogger(&s.log),
		Notice: func() string { return "paused: moving the disk" },
		Login:  &web.Login{GitHub: oauth, Sessions: s.db, Tokens: s.db, Rights: s, URL: s.url, Key: []byte("a key of this test")},
	}
	for _, c := range change {
		c(&o)
	}
	s.handler = web.New(o)
	e := echo.New()
	s.handler.Register(e)
	e.GET("/metrics", s.handler.ForToken(pipeline.ScopeMetrics, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "numbers\n")
	}), func(c echo.Context) error { return c.String(http.StatusNotFound, "not found\n") }))
	server.Config.Handler = e
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(s.handler.Close)
	return s
}

// repository makes a private repository that the server knows.
func (s *site) repository(t *testing.T, name string, installation int64) pipeline.Repository {
	t.Helper()
	made := must(s.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: name, Private: true, Files: map[string]string{"a": "a\n"}}))(t)
	r := pipeline.Repository{Host: s.app.Host(), ID: made.ID, Owner: "octo-org", Name: name, Installation: installation}
	ok(t, s.db.SaveRepository(t.Context(), r, false))
	return r
}

// browser is somebody's: it keeps cookies, and follows no redirects by itself.
type browser struct {
	t      *testing.T
	site   *site
	client *http.Client
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar := must(cookiejar.New(nil))(t)
	return &browser{t, s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is what a server answered.
type page struct {
	status int
	header http.Header
	body   string
}

// to is where a redirect leads.
func (p page) to() string { return p.header.Get("Location") }

func (b *browser) do(r *http.Request, change ...func(*http.Request)) page {
	b.t.Helper()
	for _, c := range change {
		c(r)
	}
	answer, err := b.client.Do(r.WithContext(b.t.Context()))
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{answer.StatusCode, answer.Header, string(body)}
}

func (b *browser) address(path string) string {
	if strings.HasPrefix(path, "/") {
		return b.site.url + path
	}
	return path
}

// get goes to a page, as somebody who types its address.
func (b *browser) get(path string, change ...func(*http.Request)) page {
	b.t.Helper()
	r := must(http.NewRequest(http.MethodGet, b.address(path), nil))(b.t)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Sec-Fetch-Dest", "document")
	return b.do(r, change...)
}

// post sends a form, as a page of ours would.
func (b *browser) post(path string, form url.Values, change ...func(*http.Request)) page {
	b.t.Helper()
	r := must(http.NewRequest(http.MethodPost, b.address(path), strings.NewReader(form.Encode())))(b.t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.site.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r, change...)
}

// ask begins a login; the address is that of GitHub's page.
func (b *browser) ask(to string) string {
	b.t.Helper()
	p := b.get("/login?" + url.Values{"to": {to}}.Encode())
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.to(), b.site.github.URL()+"/login/oauth/authorize?") {
		b.t.Fatalf("login leads to %d %q", p.status, p.to())
	}
	return p.to()
}

// say is somebody's yes at GitHub; the address is that of the callback.
func (b *browser) say(address, login string) string {
	b.t.Helper()
	p := b.get(address + "&login=" + login)
	if p.status != http.StatusFound {
		b.t.Fatalf("GitHub answers %d", p.status)
	}
	return p.to()
}

// login logs somebody in.
func (b *browser) login(login string) *browser {
	b.t.Helper()
	if p := b.get(b.say(b.ask("/"), login)); p.status != http.StatusSeeOther || p.to() != b.site.url+"/" {
		b.t.Fatalf("after the login: %d %q\n%s", p.status, p.to(), p.body)
	}
	return b
}

// cookie is the value of the session's cookie, or "".
func (b *browser) cookie() string {
	for _, c := range b.client.Jar.Cookies(must(url.Parse(b.site.url))(b.t)) {
		if c.Name == "penstock" {
			return c.Value
		}
	}
	return ""
}

// keep puts a cookie into the browser.
func (b *browser) keep(name, value string) {
	b.client.Jar.SetCookies(must(url.Parse(b.site.url))(b.t), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

var csrfField = regexp.MustCompile(`name="csrf" value="([0-9a-f]{64})"`)

// csrf is what the forms of the session carry.
func (b *browser) csrf() string {
	b.t.Helper()
	found := csrfField.FindStringSubmatch(b.get("/").body)
	if found == nil {
		b.t.Fatal("no form on the first page")
	}
	return found[1]
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func without(names ...string) func(*http.Request) {
	return func(r *http.Request) {
		for _, name := range names {
			r.Header.Del(name)
		}
	}
}
