package main

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/configs"
)

// setupScene is a set-up that waits for the browser.
type setupScene struct {
	*setupSite
	github *emulator.GitHub
	dir    string
}

func newSetupScene(t *testing.T, change func(*setupWish)) *setupScene {
	t.Helper()
	g, err := emulator.New(emulator.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	if _, err := g.AddUser("octocat"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.AddOrganization("octo-org"); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "etc")
	wish := setupWish{url: "https://penstock.example.com", organization: "octo-org", github: g.URL(), dir: dir, data: "/var/lib/penstock", listen: "127.0.0.1:0"}
	if change != nil {
		change(&wish)
	}
	plan, err := wish.plan()
	if err != nil {
		t.Fatal(err)
	}
	if plan.files, err = reserveFiles(plan.dir, setupNames, plan.force); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plan.files.abandon)
	site, err := plan.newSite("127.0.0.1:4000")
	if err != nil {
		t.Fatal(err)
	}
	return &setupScene{site, g, dir}
}

// get is a browser's request of the page.
func (s *setupScene) get(target string, change func(*http.Request)) (*http.Response, string) {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4000"+target, nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	answer := w.Result()
	body, _ := io.ReadAll(answer.Body)
	return answer, string(body)
}

func (s *setupScene) withCookie(r *http.Request) {
	r.AddCookie(&http.Cookie{Name: setupCookie, Value: s.cookie})
}

// press sends the form of the page to GitHub and says yes there; it answers where
// the browser is sent.
func pressNewApp(t *testing.T, page string) *url.URL {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	back, err := walkNewApp(client, "", page, "octocat")
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func TestSetupWrites(t *testing.T) {
	t.Parallel()
	s := newSetupScene(t, nil)
	answer, page := s.get("/"+s.key, nil)
	if answer.StatusCode != http.StatusOK || len(answer.Cookies()) != 1 || !answer.Cookies()[0].HttpOnly {
		t.Fatalf("the page: %s, cookies %v", answer.Status, answer.Cookies())
	}
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action "+s.github.URL()) {
		t.Errorf("content policy %q", policy)
	}
	back := pressNewApp(t, page)
	if answer, page = s.get(back.RequestURI(), s.withCookie); answer.StatusCode != http.StatusOK || !strings.Contains(page, "/apps/penstock-octo-org/installations/new") {
		t.Fatalf("%s: %s", answer.Status, page)
	}
	config, warnings, err := configs.Load(filepath.Join(s.dir, "config.yml"), nil)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("the configuration: %v %v", warnings, err)
	}
	app, _ := s.github.App("penstock-octo-org")
	if config.GitHub.AppID != app.ID || config.GitHub.APIURL != s.github.APIURL() || config.GitHub.ClientID != app.ClientID ||
		config.GitHub.WebhookSecrets[0].Reveal() != app.WebhookSecret || !config.GitHub.Login() || !config.Allows("octo-org", "shop") {
		t.Errorf("the configuration is not that of the app")
	}
	if app.WebhookURL != "https://penstock.example.com/webhooks/github" {
		t.Errorf("webhooks go to %s", app.WebhookURL)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) != len(setupNames) {
		t.Errorf("files %v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

// An app of a person: theirs is what the server works for.
func TestSetupOfAPerson(t *testing.T) {
	t.Parallel()
	s := newSetupScene(t, func(w *setupWish) { w.organization = "" })
	_, page := s.get("/"+s.key, nil)
	if answer, body := s.get(pressNewApp(t, page).RequestURI(), s.withCookie); answer.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	config, _, err := configs.Load(filepath.Join(s.dir, "config.yml"), nil)
	if err != nil || !config.Allows("octocat", "shop") || config.Allows("octo-org", "shop") {
		t.Errorf("it works for %v, %v", config.Allow, err)
	}
	if page := s.plan.settingsPage(); page != s.github.URL()+"/settings/apps/penstock-example-com" {
		t.Errorf("the app's settings are at %s", page)
	}
}

// Somebody who presses Ctrl-C leaves nothing behind.
func TestSetupGivenUp(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"", filepath.Join(t.TempDir(), "page.html")} {
		s := newSetupScene(t, func(w *setupWish) { w.page = page })
		s.plan.files.abandon()
		ctx, cancel := context.WithCancel(t.Context())
		out := writing(func(text string) {
			if strings.Contains(text, "Ctrl-C") || strings.Contains(text, "Paste") {
				cancel()
			}
		})
		silence, _ := io.Pipe()
		err := s.plan.run(ctx, silence, out)
		var exit *exitError
		if !errors.As(err, &exit) || exit.code != exitInterrupted {
			t.Errorf("it ends with %v", err)
		}
		if left := must[[]os.DirEntry](t)(os.ReadDir(s.dir)); len(left) > 0 {
			t.Errorf("it leaves %v", left)
		}
	}
}

// writing calls itself with what is written.
type writing func(string)

func (w writing) Write(p []byte) (int, error) { w(string(p)); return len(p), nil }

func TestSetupRefuses(t *testing.T) {
	t.Parallel()
	s := newSetupScene(t, nil)
	_, page := s.get("/"+s.key, nil)
	good := pressNewApp(t, page)
	with := func(change func(url.Values)) string {
		answer := good.Query()
		change(answer)
		return "/created?" + answer.Encode()
	}
	for _, c := range []struct {
		name, target string
		change       func(*http.Request)
	}{
		{"no key", "/", s.withCookie},
		{"another key", "/" + strings.ToLower(s.key), s.withCookie},
		{"another name leads here", "/" + s.key, func(r *http.Request) { r.Host = "evil.example.com:4000" }},
		{"a browser that has not begun", good.RequestURI(), nil},
		{"a cookie of its own making", good.RequestURI(), func(r *http.Request) { r.AddCookie(&http.Cookie{Name: setupCookie, Value: "x"}) }},
		{"another state", with(func(v url.Values) { v.Set("state", "x") }), s.withCookie},
		{"no state", with(func(v url.Values) { v.Del("state") }), s.withCookie},
		{"posted", good.RequestURI(), func(r *http.Request) { r.Method = http.MethodPost; s.withCookie(r) }},
	} {
		if answer, body := s.get(c.target, c.change); answer.StatusCode < 400 {
			t.Errorf("%s: %s %s", c.name, answer.Status, body)
		}
	}
	if answer, body := s.get(good.RequestURI(), s.withCookie); answer.StatusCode != http.StatusOK {
		t.Fatalf("the good one: %s %s", answer.Status, body)
	}
	if answer, _ := s.get(good.RequestURI(), s.withCookie); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a code twice: %s", answer.Status)
	}
}

// A code that GitHub does not know uses up the state; a GitHub that cannot be asked
// does not.
func TestSetupTriesAgain(t *testing.T) {
	t.Parallel()
	s := newSetupScene(t, nil)
	_, page := s.get("/"+s.key, nil)
	good := pressNewApp(t, page)
	s.github.Inject(emulator.Match{Path: "/app-manifests/**", Count: 1}, emulator.ServerError(502))
	if answer, body := s.get(good.RequestURI(), s.withCookie); answer.StatusCode != http.StatusBadRequest || !strings.Contains(body, "502") {
		t.Errorf("%s %s", answer.Status, body)
	}
	if answer, body := s.get(good.RequestURI(), s.withCookie); answer.StatusCode != http.StatusOK {
		t.Errorf("again: %s %s", answer.Status, body)
	}

	s = newSetupScene(t, nil)
	_, page = s.get("/"+s.key, nil)
	state := regexp.MustCompile(`state=([A-Z0-9]+)`).FindStringSubmatch(page)[1]
	for _, want := range []string{"does not know this code", "nothing is done with it"} {
		answer, body := s.get("/created?code=made-up&state="+state, s.withCookie)
		if answer.StatusCode != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("want %q: %s", want, body)
		}
	}
	entries, _ := os.ReadDir(s.dir)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s was written", e.Name())
		}
	}
}

// What is there when the key is in hand is not replaced, and the key is not lost.
func TestSetupLosesNothing(t *testing.T) {
	t.Parallel()
	s := newSetupScene(t, nil)
	_, page := s.get("/"+s.key, nil)
	back := pressNewApp(t, page)
	if err := os.WriteFile(filepath.Join(s.dir, "config.yml"), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	answer, body := s.get(back.RequestURI(), s.withCookie)
	if answer.StatusCode != http.StatusInternalServerError || !strings.Contains(body, "penstock-octo-org exists") || strings.Contains(body, "PRIVATE KEY") {
		t.Errorf("%s %s", answer.Status, body)
	}
	err := <-s.ended
	if err == nil || !strings.Contains(err.Error(), "/settings/apps/penstock-octo-org") {
		t.Errorf("the set-up ends with %v", err)
	}
	if kept, _ := os.ReadFile(filepath.Join(s.dir, "config.yml")); string(kept) != "another" {
		t.Errorf("the other configuration is %q", kept)
	}
	s.plan.files.abandon()
	if key, _ := os.ReadFile(filepath.Join(s.dir, "app.pem")); !strings.Contains(string(key), "PRIVATE KEY") {
		t.Error("the key is lost")
	}
}

// As root, the files belong to whoever owns the folder: the server's user.
func TestSetupAsRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	check(t, os.Chown(dir, 10001, 10002))
	files := must[*setupFiles](t)(reserveFiles(dir, setupNames, false))
	check(t, files.write(map[string]string{}))
	for _, name := range setupNames {
		if owner, ok := ownerOf(filepath.Join(dir, name)); !ok || owner != 10001 {
			t.Errorf("%s belongs to %d", name, owner)
		}
	}
}

func TestSetupForce(t *testing.T) {
	t.Parallel()
	s := newSetupScene(t, func(w *setupWish) { w.force = true })
	old := filepath.Join(s.dir, "config.yml")
	if err := os.WriteFile(old, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(s.dir, "app.pem")
	check(t, os.WriteFile(key, []byte("another key"), 0o600))
	if _, err := reserveFiles(s.dir, setupNames, false); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("without force: %v", err)
	}
	_, page := s.get("/"+s.key, nil)
	if answer, body := s.get(pressNewApp(t, page).RequestURI(), s.withCookie); answer.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	if kept, _ := os.ReadFile(old + ".old"); string(kept) != "another" {
		t.Errorf("kept %q", kept)
	}
	if _, _, err := configs.Load(old, nil); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "*")); len(left) != len(setupNames)+1 {
		t.Errorf("there are %v", left)
	}
}

func TestSetupWishes(t *testing.T) {
	t.Parallel()
	good := setupWish{url: "https://penstock.example.com", github: "https://github.com", dir: "/etc/penstock", data: "/var/lib/penstock", listen: "127.0.0.1:0"}
	for _, c := range []struct {
		name    string
		change  func(*setupWish)
		problem string
	}{
		{"no address", func(w *setupWish) { w.url = "" }, "--url"},
		{"this machine itself", func(w *setupWish) { w.url = "http://localhost:8080" }, "--poll 30s"},
		{"clear text", func(w *setupWish) { w.url = "http://penstock.example.com" }, "--url"},
		{"address with a user", func(w *setupWish) { w.url = "https://a:b@penstock.example.com" }, "--url"},
		{"no GitHub", func(w *setupWish) { w.github = "github" }, "--github"},
		{"organization with a slash", func(w *setupWish) { w.organization = "../x" }, "--org"},
		{"an open page", func(w *setupWish) { w.listen = "0.0.0.0:80" }, "--listen"},
		{"all addresses", func(w *setupWish) { w.listen = ":80" }, "--listen"},
		{"a name by DNS", func(w *setupWish) { w.listen = "localhost:80" }, "--listen"},
		{"too often", func(w *setupWish) { w.poll = 1 }, "--poll"},
		{"long name", func(w *setupWish) { w.name = strings.Repeat("x", 35) }, "--name"},
		{"nobody's", func(w *setupWish) { w.allow = []string{"a b"} }, "--allow"},
	} {
		wish := good
		c.change(&wish)
		if _, err := wish.plan(); err == nil || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, c := range []struct {
		change        func(*setupWish)
		name, webhook string
	}{
		{func(w *setupWish) { w.organization = "octo-org" }, "penstock-octo-org", "https://penstock.example.com/webhooks/github"},
		{func(w *setupWish) { w.url = "https://penstock.example.com/" }, "penstock-example-com", "https://penstock.example.com/webhooks/github"},
		{func(w *setupWish) { w.url = "https://ci.a-very-long-name-of-a-company.example.com:8443" }, "penstock-ci-a-very-long-name-of-a", "https://ci.a-very-long-name-of-a-company.example.com:8443/webhooks/github"},
		{func(w *setupWish) { w.url, w.poll = "", 30e9 }, "penstock-127-0-0-1", "https://penstock.invalid/webhooks/github"},
	} {
		wish := good
		c.change(&wish)
		p, err := wish.plan()
		if err != nil || p.name != c.name || p.manifest.Webhook != c.webhook {
			t.Errorf("%+v: %+v, %v", wish, p, err)
		}
	}
}

var (
	formAction   = regexp.MustCompile(`<form method="post" action="([^"]*new[^"]*|[^"]*create[^"]*)">`)
	formManifest = regexp.MustCompile(`name="manifest" value="([^"]*)"`)
)

// walkNewApp is a person who goes from our page through GitHub's. It answers where
// GitHub sends the browser.
func walkNewApp(client *http.Client, base, page, login string) (*url.URL, error) {
	for {
		action, manifest := formAction.FindStringSubmatch(page), formManifest.FindStringSubmatch(page)
		if action == nil || manifest == nil {
			return nil, errPage(page)
		}
		target := html.UnescapeString(action[1])
		if strings.HasPrefix(target, "/") {
			target = base + target
		} else {
			u, err := url.Parse(target)
			if err != nil {
				return nil, err
			}
			base = u.Scheme + "://" + u.Host
		}
		answer, err := client.PostForm(target, url.Values{"manifest": {html.UnescapeString(manifest[1])}, "as": {login}})
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return nil, err
		}
		if where, err := answer.Location(); err == nil {
			return where, nil
		}
		page = string(body)
	}
}

type errPage string

func (e errPage) Error() string { return "no form that makes an app on this page:\n" + string(e) }
