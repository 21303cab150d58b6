package main

import (
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web"
)

// login
//
// gives the app a login: the settings of a server that starts after it, and of what
// runs beside it.
func (s *player) login([]string) error {
	files := map[string]string{
		"PENSTOCK_GITHUB_CLIENT_SECRET_FILE": s.app.ClientSecret,
		"PENSTOCK_GITHUB_PRIVATE_KEY_FILE":   string(s.app.PrivateKey),
	}
	for name, content := range files {
		path := filepath.Join(s.dir, strings.ToLower(name))
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
		s.ts.Setenv(name, path)
	}
	s.ts.Setenv("PENSTOCK_GITHUB_CLIENT_ID", s.app.ClientID)
	return s.github.SetCallbacks(s.app.ID, s.ts.Getenv("PENSTOCK_URL")+web.CallbackPath)
}

// browser is that of somebody who clicks "Sign in as LOGIN" whenever GitHub asks,
// and stays logged in for the story.
func (s *player) browser(login string) (*http.Client, error) {
	if known := s.browsers[login]; known != nil {
		return known, nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, Transport: clicks{login}}
	s.browsers[login] = client
	return client, nil
}

// clicks is what a person does at GitHub's page, and what a browser says of itself.
type clicks struct{ login string }

func (c clicks) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if r.URL.Path == "/login/oauth/authorize" {
		r.URL.RawQuery += "&login=" + c.login
	}
	return http.DefaultTransport.RoundTrip(r)
}

// private
//
// makes the repository private; monalisa may not read it any more.
func (s *player) private([]string) error {
	if err := s.github.SetPrivate(demoRepository, true); err != nil {
		return err
	}
	return s.github.SetRole(demoRepository, "monalisa", emulator.RoleNone)
}
