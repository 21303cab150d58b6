package githubapp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// makeApp is what a person does with a manifest; it answers what the browser is
// sent back with.
func makeApp(t *testing.T, page string, manifest []byte) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer := must(client.PostForm(page, url.Values{"manifest": {string(manifest)}}))(t)
	body := string(must(io.ReadAll(answer.Body))(t))
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("GitHub does not take the manifest: %s", body)
	}
	answer = must(client.PostForm(strings.Replace(page, "/new?", "/create?", 1), url.Values{"manifest": {string(manifest)}}))(t)
	answer.Body.Close()
	if answer.StatusCode != http.StatusFound {
		t.Fatalf("the app is not made: %s", answer.Status)
	}
	return must(url.Parse(answer.Header.Get("Location")))(t).Query()
}

func TestManifest(t *testing.T) {
	t.Parallel()
	g := must(emulator.New(emulator.Options{Dir: t.TempDir()}))(t)
	t.Cleanup(func() { _ = g.Close() })
	must(g.AddUser("octocat"))(t)
	must(g.AddOrganization("octo-org"))(t)
	site := must(githubapp.NewSite(g.URL()))(t)
	manifest := githubapp.Manifest{
		Name: "penstock", URL: "https://penstock.example.com", Webhook: "https://penstock.example.com/webhooks/github",
		Callback: "https://penstock.example.com/login/callback", Redirect: "http://127.0.0.1:1/created",
	}
	back := makeApp(t, site.NewAppPage("octo-org", "a&b"), manifest.JSON())
	if back.Get("state") != "a&b" {
		t.Errorf("state %q", back.Get("state"))
	}
	made := must(site.Convert(t.Context(), back.Get("code")))(t)
	if made.Owner != "octo-org" || made.Slug != "penstock" || made.ClientID == "" || made.ClientSecret == "" || made.WebhookSecret == "" {
		t.Errorf("the new app is %s of %s", made.Slug, made.Owner)
	}
	for _, printed := range []string{fmt.Sprint(made), fmt.Sprintf("%+v", made), fmt.Sprintf("%#v", made)} {
		if strings.Contains(printed, "PRIVATE KEY") || strings.Contains(printed, made.ClientSecret) {
			t.Error("the new app prints its secrets")
		}
	}
	_, err := site.Convert(t.Context(), back.Get("code"))
	callstest.WantKind(t, err, pipeline.NotFound)
	if strings.Contains(err.Error(), back.Get("code")) {
		t.Errorf("the error holds the code: %v", err)
	}
	_, err = site.Convert(t.Context(), "../app")
	callstest.WantKind(t, err, pipeline.Invalid)
	_, err = must(githubapp.NewSite("http://127.0.0.1:1"))(t).Convert(t.Context(), "abc123")
	callstest.WantKind(t, err, pipeline.Unavailable)
	if strings.Contains(err.Error(), "abc123") {
		t.Errorf("the error holds the code: %v", err)
	}

	app := must(githubapp.New(githubapp.Options{AppID: made.ID, PrivateKey: []byte(made.PrivateKey), APIURL: site.APIURL()}))(t)
	t.Cleanup(app.Close)
	if us := must(app.App(t.Context()))(t); us.Slug != "penstock" {
		t.Errorf("the key is that of %q", us.Slug)
	}
	if _, err := g.Install(made.ID, "octocat"); err == nil {
		t.Error("the app is not private")
	}
	must(g.Install(made.ID, "octo-org"))(t)
}

func TestSites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, api, page string }{
		{"https://github.com/", "https://api.github.com/", "https://github.com/organizations/acme/settings/apps/new?state=s"},
		{"https://acme.ghe.com", "https://api.acme.ghe.com/", "https://acme.ghe.com/organizations/acme/settings/apps/new?state=s"},
		{"https://git.example.com:8443", "https://git.example.com:8443/api/v3/", "https://git.example.com:8443/organizations/acme/settings/apps/new?state=s"},
		{"http://127.0.0.1:3000", "http://127.0.0.1:3000/api/v3/", "http://127.0.0.1:3000/organizations/acme/settings/apps/new?state=s"},
	} {
		site := must(githubapp.NewSite(c.address))(t)
		if d := cmp.Diff([]string{c.api, c.page}, []string{site.APIURL(), site.NewAppPage("acme", "s")}); d != "" {
			t.Errorf("%s: %s", c.address, d)
		}
	}
	for _, address := range []string{"", "github.com", "http://git.example.com", "https://u:p@git.example.com", "https://git.example.com/api/v3", "https://h?x", "javascript:alert(1)"} {
		_, err := githubapp.NewSite(address)
		callstest.WantKind(t, err, pipeline.Invalid)
	}
}

// TestNeeds holds the list of permissions and events against what is really used:
// each call that an installation makes is let in because of one of them, and none
// is there that no call needs.
func TestNeeds(t *testing.T) {
	t.Parallel()
	w := everyCall(t, nil)
	needs := map[string]string{}
	for _, n := range githubapp.Needs() {
		needs[n.Permission] = n.Level
	}
	needed := map[string]bool{"metadata": true, "merge_queues": true} // of every app; of an event
	for _, alternatives := range w.UsedPermissions() {
		fits := false
		for _, a := range alternatives {
			name, level, _ := strings.Cut(a, ":")
			if githubapp.Covers(needs[name], level) {
				fits = true
				if needs[name] == level {
					needed[name] = true
				}
			}
		}
		if !fits {
			t.Errorf("a call needs one of %v, which the app does not ask for", alternatives)
		}
	}
	for name := range needs {
		if !needed[name] {
			t.Errorf("%s: %s is asked for, and nothing needs it", name, needs[name])
		}
	}
	var asked struct {
		Permissions map[string]string `json:"default_permissions"`
		Events      []string          `json:"default_events"`
	}
	ok(t, json.Unmarshal(githubapp.Manifest{}.JSON(), &asked))
	if d := cmp.Diff(needs, asked.Permissions); d != "" {
		t.Error(d)
	}
	var events []string
	for _, l := range githubapp.Listens() {
		events = append(events, l.Event)
		parsed, _ := githubapp.ParseEvent(l.Event, []byte(`{}`))
		if _, other := parsed.(githubapp.Other); other {
			t.Errorf("nothing is done with %s", l.Event)
		}
	}
	if !slices.Equal(events, asked.Events) {
		t.Errorf("events %v", asked.Events)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have, need string
		want       bool
	}{{"write", "read", true}, {"read", "read", true}, {"admin", "write", true}, {"read", "write", false}, {"", "read", false}, {"splendid", "read", false}} {
		if got := githubapp.Covers(c.have, c.need); got != c.want {
			t.Errorf("%q covers %q: %v", c.have, c.need, got)
		}
	}
}
