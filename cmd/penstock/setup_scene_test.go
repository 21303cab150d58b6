package main

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
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
