package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// newAppHandler serves the pages that make an app out of a manifest: the first
// takes the form of any site and asks, the second is the person's yes.
func (g *GitHub) newAppHandler() http.Handler {
	p := g.newPages("new_app", "problem")
	mux := http.NewServeMux()
	yes := http.NewCrossOriginProtection().Handler(p.serve(p.createApp)) // pages elsewhere press no buttons here
	for _, folder := range []string{"/settings/apps", "/organizations/{org}/settings/apps"} {
		mux.HandleFunc("POST "+folder+"/new", p.serve(p.askForApp))
		mux.Handle("POST "+folder+"/create", yes)
	}
	mux.HandleFunc("/", p.serve(func(*visit) error { return notFound() }))
	return mux
}

// appOwner is whose app it will be: the organization in the path, or the person.
func (p *pages) appOwner(v *visit) (string, error) {
	name := v.r.PathValue("org")
	if name == "" {
		return v.you, nil
	}
	var account *user
	p.locked(func() { account = p.g.userByLogin(name) })
	if account == nil || account.Type != TypeOrganization {
		return "", notFound()
	}
	return account.Login, nil
}

func (p *pages) askForApp(v *visit) error {
	owner, err := p.appOwner(v)
	if err != nil {
		return err
	}
	v.page.Text = v.r.FormValue("manifest")
	if v.page.Manifest, err = readManifest(v.page.Text); err != nil {
		return err
	}
	if back, err := url.Parse(v.page.Manifest.RedirectURL); err == nil {
		v.to = back.Scheme + "://" + back.Host
	}
	v.page.Title = "Create GitHub App for " + owner
	v.page.Asking = strings.TrimSuffix(v.r.URL.Path, "/new") + "/create?" + v.r.URL.RawQuery
	return p.render(v, "new_app")
}

func (p *pages) createApp(v *visit) error {
	owner, err := p.appOwner(v)
	if err != nil {
		return err
	}
	m, err := readManifest(v.r.FormValue("manifest"))
	if err != nil {
		return err
	}
	code, err := p.g.createFromManifest(m, v.r.FormValue("name"), owner)
	if err != nil {
		return err
	}
	back, err := url.Parse(m.RedirectURL)
	if err != nil {
		return err
	}
	answer := back.Query()
	answer.Set("code", code)
	if state := v.r.URL.Query().Get("state"); state != "" {
		answer.Set("state", state)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(v.w, v.r, back.String(), http.StatusFound)
	return nil
}
