package githubapp

import (
	"context"
	"net/http"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Registered is the app as GitHub has it.
type Registered struct {
	ID           int64
	Slug, Name   string
	Owner        string            // login
	Page         string            // its public page; with /installations/new, where it is installed
	SettingsPage string            // where its owner changes it
	Permissions  map[string]string // level by name: pull_requests, write
	Events       []string
}

// Registered reads the app itself. Kind Forbidden if GitHub does not take the
// app's signature.
func (a *App) Registered(ctx context.Context) (Registered, error) {
	var got struct {
		ID    int64  `json:"id"`
		Slug  string `json:"slug"`
		Name  string `json:"name"`
		Page  string `json:"html_url"`
		Owner struct {
			Login string `json:"login"`
			Type  string `json:"type"`
		} `json:"owner"`
		Permissions map[string]string `json:"permissions"` // go-github knows some of them only
		Events      []string          `json:"events"`
	}
	if err := a.askAsApp(ctx, "app", &got); err != nil {
		return Registered{}, err
	}
	if got.ID != a.id || got.Slug == "" {
		return Registered{}, pipeline.Errorf(pipeline.Invalid, "the private key is that of app %d, not of app %d", got.ID, a.id)
	}
	r := Registered{ID: got.ID, Slug: got.Slug, Name: got.Name, Owner: got.Owner.Login, Page: got.Page, Permissions: got.Permissions, Events: got.Events}
	if site, err := NewSite(a.api.Scheme + "://" + a.host); err == nil {
		organization := ""
		if got.Owner.Type == "Organization" {
			organization = got.Owner.Login
		}
		r.SettingsPage = site.SettingsPage(organization, got.Slug)
	}
	return r, nil
}

// Installed is one installation of the app.
type Installed struct {
	ID          int64
	Account     string // login of the organization or person
	Page        string // where its owner changes it
	Suspended   bool
	Permissions map[string]string // that the owner has granted
}

// maxPages is how many pages of a list are read, of 100 entries each.
const maxPages = 10

// Installed lists the installations of the app, at most 1,000.
func (a *App) Installed(ctx context.Context) ([]Installed, error) {
	var list []Installed
	for page := 1; page <= maxPages; page++ {
		var got []struct {
			ID      int64  `json:"id"`
			Page    string `json:"html_url"`
			Account struct {
				Login string `json:"login"`
			} `json:"account"`
			SuspendedAt *time.Time        `json:"suspended_at"`
			Permissions map[string]string `json:"permissions"`
		}
		if err := a.askAsApp(ctx, pageOf("app/installations", page), &got); err != nil {
			return nil, err
		}
		for _, i := range got {
			list = append(list, Installed{ID: i.ID, Account: i.Account.Login, Page: i.Page, Suspended: i.SuspendedAt != nil, Permissions: i.Permissions})
		}
		if len(got) < 100 {
			break
		}
	}
	return list, nil
}

// Hook is where GitHub sends the app's deliveries.
type Hook struct {
	URL      string // empty: nowhere
	Signed   bool   // there is a secret
	Insecure bool   // the certificate of the URL is not looked at
}

// Hook reads where deliveries go.
func (a *App) Hook(ctx context.Context) (Hook, error) {
	config, _, err := a.asApp.Apps.GetHookConfig(ctx)
	if err != nil {
		return Hook{}, a.explainApp(err)
	}
	return Hook{URL: config.GetURL(), Signed: config.GetSecret() != "", Insecure: config.GetInsecureSSL() == "1"}, nil
}

// askAsApp reads a path of the API with the app's signature.
func (a *App) askAsApp(ctx context.Context, path string, into any) error {
	r, err := a.asApp.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if _, err := a.asApp.Do(ctx, r, into); err != nil {
		return a.explainApp(err)
	}
	return nil
}
