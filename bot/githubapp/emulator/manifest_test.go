package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const goodManifest = `{"name":"Ship It","url":"https://penstock.example.com","hook_attributes":{"url":"http://127.0.0.1:1/hook","active":true},
"redirect_url":"http://127.0.0.1:1/back?from=github","public":false,"default_permissions":{"contents":"read"},"default_events":["push"]}`

func TestManifestFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.submit(t, "/settings/apps/new?state=s1", 200, "manifest", goodManifest, "as", "hubot")
	contains(t, page, "Create GitHub App for hubot", "<code>contents</code>", `action="/settings/apps/create?state=s1"`)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	create := func(site string) *http.Response {
		r := must(http.NewRequest(http.MethodPost, w.URL()+"/settings/apps/create?state=s1",
			strings.NewReader(url.Values{"manifest": {goodManifest}, "as": {"hubot"}}.Encode())))(t)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		answer := must(client.Do(r))(t)
		_ = answer.Body.Close()
		return answer
	}
	if answer := create("cross-site"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("another site makes an app: %s", answer.Status)
	}
	back := must(url.Parse(create("same-origin").Header.Get("Location")))(t)
	if back.Host != "127.0.0.1:1" || back.Query().Get("from") != "github" || back.Query().Get("state") != "s1" {
		t.Errorf("sent back to %s", back)
	}
	w.submit(t, "/settings/apps/create", 422, "manifest", goodManifest, "as", "hubot") // the name is taken

	anybody := w.githubClient(t, &http.Client{})
	made, _, err := anybody.Apps.CompleteAppManifest(t.Context(), back.Query().Get("code"))
	check(t, err)
	if made.GetSlug() != "ship-it" || made.GetOwner().GetLogin() != "hubot" || !strings.HasPrefix(made.GetPEM(), "-----BEGIN RSA PRIVATE KEY") {
		t.Errorf("made %s of %s", made.GetSlug(), made.GetOwner().GetLogin())
	}
	_, answer, err := anybody.Apps.CompleteAppManifest(t.Context(), back.Query().Get("code"))
	if err == nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("a code is good twice: %v", err)
	}
	contains(t, w.browse(t, made.GetHTMLURL()+"/installations/new"), "Install ship-it on hubot")
	w.submit(t, "/apps/ship-it/installations/new", 200)
	contains(t, w.submit(t, "/apps/ship-it/installations/new", 422), "is installed on hubot")
	w.submit(t, "/apps/none/installations/new", 404)
	w.settle(t)
	ping := false
	for _, d := range w.Deliveries() {
		ping = ping || d.Event == "ping" && d.AppID == made.GetID()
	}
	if !ping {
		t.Error("no ping was sent")
	}
}

func TestManifestRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct{ name, old, new, says string }{
		{"not JSON", "{", "", "Invalid GitHub App configuration"},
		{"unknown field", `"public"`, `"pubic"`, "Invalid GitHub App configuration"},
		{"no homepage", "https://penstock.example.com", "", "Homepage URL"},
		{"hook address", "http://127.0.0.1:1/hook", "penstock", "Hook url"},
		{"redirect", "http://127.0.0.1:1/back", "javascript:alert(1)", "Redirect URL"},
		{"unknown permission", "contents", "content", "not a permission"},
		{"event without permission", `["push"]`, `["check_run"]`, "needs the permission checks"},
		{"unknown event", `["push"]`, `["pushed"]`, "unsupported event"},
	} {
		bad := strings.Replace(goodManifest, c.old, c.new, 1)
		contains(t, w.submit(t, "/settings/apps/new", 422, "manifest", bad), c.says)
	}
	w.submit(t, "/organizations/octocat/settings/apps/new", 404, "manifest", goodManifest) // a person
}
