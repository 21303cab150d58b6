package githubapp

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

// MaxAppName is how long the name of an app may be, in bytes.
const MaxAppName = 34

// Manifest describes the app that GitHub is asked to make. All fields are
// required.
type Manifest struct {
	Name     string // on GitHub no other app may have it
	URL      string // homepage: the public address of this server
	Webhook  string // where deliveries go
	Callback string // where people are sent back to after they have logged in
	Redirect string // where the person is sent with the code for Convert
}

// JSON is the manifest as GitHub takes it: a private app, with the permissions
// that Needs lists and the events that Listens lists. The webhook is always
// switched on: deliveries that cannot be handed over are listed, and can be read.
func (m Manifest) JSON() []byte {
	permissions, events := map[string]string{}, []string{}
	for _, n := range Needs() {
		permissions[n.Permission] = n.Level
	}
	for _, l := range Listens() {
		events = append(events, l.Event)
	}
	text, err := json.Marshal(map[string]any{
		"name": m.Name, "url": m.URL, "description": "Runs the pipelines of repositories and asks people at gates.",
		"hook_attributes": map[string]any{"url": m.Webhook, "active": true},
		"redirect_url":    m.Redirect, "callback_urls": []string{m.Callback}, "public": false,
		"default_permissions": permissions, "default_events": events,
		"request_oauth_on_install": false, "setup_on_update": false,
	})
	if err != nil {
		panic("a manifest of texts cannot be encoded: " + err.Error())
	}
	return text
}

// Site is a GitHub as people know it: by the address of its pages.
type Site struct{ pages, api *url.URL }

// NewSite takes the address of a GitHub's pages: https://github.com,
// https://SUB.ghe.com, or that of an Enterprise Server. Plain http is for loopback
// addresses only. The error is of kind Invalid.
func NewSite(address string) (Site, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	switch {
	case err != nil, u.Host == "", u.Path != "", u.User != nil, u.RawQuery != "", u.Fragment != "",
		u.Scheme != "https" && (u.Scheme != "http" || !calls.IsLoopback(u.Hostname())):
		return Site{}, pipeline.Errorf(pipeline.Invalid, "%q is not the address of a GitHub: write https://github.com or https://HOST", address)
	}
	u.Host = strings.ToLower(u.Host)
	api := u.JoinPath("api/v3/")
	if u.Host == "github.com" || strings.HasSuffix(u.Host, ".ghe.com") {
		api = &url.URL{Scheme: u.Scheme, Host: "api." + u.Host, Path: "/"}
	}
	return Site{u, api}, nil
}

// APIURL is the address of its API, with a slash at the end.
func (s Site) APIURL() string { return s.api.String() }

// Origin is the scheme and host of its pages.
func (s Site) Origin() string { return s.pages.Scheme + "://" + s.pages.Host }

// Hostname is the host of its pages, without a port.
func (s Site) Hostname() string { return s.pages.Hostname() }

// NewAppPage is the page that takes a manifest in a form: for an organization, or
// for the person who is logged in there if it is empty.
func (s Site) NewAppPage(organization, state string) string {
	page := s.pages.JoinPath("settings/apps/new")
	if organization != "" {
		page = s.pages.JoinPath("organizations", organization, "settings/apps/new")
	}
	page.RawQuery = url.Values{"state": {state}}.Encode()
	return page.String()
}

// SettingsPage is where the owner of an app changes it. owner is the organization
// it belongs to, empty for a person's.
func (s Site) SettingsPage(organization, slug string) string {
	if organization != "" {
		return s.pages.JoinPath("organizations", organization, "settings/apps", slug).String()
	}
	return s.pages.JoinPath("settings/apps", slug).String()
}
