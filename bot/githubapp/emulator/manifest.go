package emulator

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// manifestLife is how long a code for a new app is good.
const manifestLife = time.Hour

// manifest describes an app that somebody wants to have, as GitHub takes it.
type manifest struct {
	Name           string `json:"name"`
	URL            string `json:"url"`
	Description    string `json:"description"`
	HookAttributes struct {
		URL    string `json:"url"`
		Active *bool  `json:"active"`
	} `json:"hook_attributes"`
	RedirectURL  string      `json:"redirect_url"`
	CallbackURLs []string    `json:"callback_urls"`
	SetupURL     string      `json:"setup_url"`
	Public       bool        `json:"public"`
	Events       []string    `json:"default_events"`
	Permissions  Permissions `json:"default_permissions"`

	RequestOAuthOnInstall bool `json:"request_oauth_on_install"`
	SetupOnUpdate         bool `json:"setup_on_update"`
}

// newApp is an app whose maker has not asked for its key yet.
type newApp struct {
	app       *app
	expiresAt time.Time
}

// mostNameLetters is how long the name of an app may be.
const mostNameLetters = 34

// readManifest takes the form field apart and says what GitHub would not take.
func readManifest(text string) (m manifest, err error) {
	refuse := func(field, message string) (manifest, error) {
		return m, invalid("Integration", field, "invalid", message)
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return refuse("manifest", "Invalid GitHub App configuration: "+err.Error())
	}
	web := func(address string) bool {
		u, err := url.Parse(address)
		return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
	}
	switch {
	case !web(m.URL):
		return refuse("url", "Homepage URL must be a valid URL")
	case !web(m.HookAttributes.URL):
		return refuse("hook_url", "Hook url must be a valid URL")
	case !web(m.RedirectURL):
		return refuse("redirect_url", "Redirect URL must be a valid URL")
	case len(m.CallbackURLs) > 10 || slices.ContainsFunc(m.CallbackURLs, func(u string) bool { return !web(u) }):
		return refuse("callback_urls", "Callback URL must be a valid URL, and at most ten")
	}
	for name, level := range m.Permissions {
		if !slices.Contains(knownPermissions, name) || levelRank(level) == 0 {
			return refuse("default_permissions", sprintf("%s: %s is not a permission", name, level))
		}
	}
	for _, name := range m.Events {
		need := eventPermission(name)
		if need == nil {
			return refuse("default_events", sprintf("unsupported event: %s", name))
		}
		if !slices.ContainsFunc(need, func(permission string) bool { return m.Permissions.allows(permission, "read") }) {
			return refuse("default_events", sprintf("%s needs the permission %s", name, strings.Join(need, " or ")))
		}
	}
	return m, nil
}

// knownPermissions are those of repositories and organizations that the emulator
// has heard of.
var knownPermissions = []string{
	"actions", "administration", "checks", "contents", "deployments", "environments", "issues", "members", "metadata",
	"merge_queues", "pull_requests", "repository_hooks", "secrets", "statuses", "workflows",
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// createFromManifest registers an app and answers the code that its key is given
// out for, once.
func (g *GitHub) createFromManifest(m manifest, name, owner string) (code string, err error) {
	name = or(strings.TrimSpace(name), m.Name)
	slug := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if slug == "" || len(name) > mostNameLetters {
		return "", invalid("Integration", "name", "invalid", sprintf("Name must have 1 to %d characters", mostNameLetters))
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, other := range g.apps {
		if other.slug == slug {
			return "", invalid("Integration", "name", "already_exists", "Name is already in use")
		}
	}
	n := NewApp{Slug: slug, Name: name, Owner: owner, WebhookSecret: newToken(""), Callbacks: m.CallbackURLs, Permissions: m.Permissions, Events: m.Events}
	if m.HookAttributes.Active == nil || *m.HookAttributes.Active {
		n.WebhookURL = m.HookAttributes.URL
	}
	if n.Permissions == nil {
		n.Permissions = Permissions{}
	}
	if n.Events == nil {
		n.Events = []string{}
	}
	a, err := g.registerApp(n, key)
	if err != nil {
		return "", err
	}
	a.private = !m.Public
	code = strings.ToLower(newToken(""))
	g.newApps[code] = newApp{app: a, expiresAt: g.clock().Add(manifestLife)}
	g.sendPing(a)
	g.touch()
	return code, nil
}

// convertManifest hands out what only the maker of an app gets. A code is good
// once.
func (c *call) convertManifest() (reply, error) {
	made, ok := c.g.newApps[c.value("code")]
	if !ok || !c.g.clock().Before(made.expiresAt) {
		return reply{}, notFound()
	}
	delete(c.g.newApps, c.value("code"))
	c.g.touch()
	view := made.app.view()
	o := c.g.appJSON(made.app)
	o["client_secret"], o["webhook_secret"], o["pem"] = view.ClientSecret, view.WebhookSecret, string(view.PrivateKey)
	return created(o)
}
