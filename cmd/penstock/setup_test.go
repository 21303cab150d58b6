package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/configs"
)

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
