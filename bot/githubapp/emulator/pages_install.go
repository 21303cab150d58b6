package emulator

import "net/http"

// ownApp finds the app in the path, and the account that it belongs to, where
// alone these pages install it.
func (p *pages) ownApp(v *visit) (app App, owner string, err error) {
	p.locked(func() {
		for _, a := range p.g.apps {
			if a.slug == v.r.PathValue("slug") {
				app, owner = a.view(), a.owner.Login
			}
		}
	})
	if owner == "" {
		return App{}, "", notFound()
	}
	return app, owner, nil
}

func (p *pages) askToInstall(v *visit) error {
	app, owner, err := p.ownApp(v)
	if err != nil {
		return err
	}
	v.page.Title, v.page.Asking = "Install "+app.Slug+" on "+owner, v.r.URL.Path
	return p.render(v, "install")
}

func (p *pages) installApp(v *visit) error {
	app, owner, err := p.ownApp(v)
	if err != nil {
		return err
	}
	if _, err := p.g.Install(app.ID, owner); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/", http.StatusSeeOther)
	return nil
}
