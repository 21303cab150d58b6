package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// The forms do what the Go methods of the same name do, as the person chosen,
// and lead back to the page.

func (p *pages) switchUser(v *visit) error {
	http.SetCookie(v.w, &http.Cookie{
		Name: "as", Value: url.QueryEscape(v.you), Path: "/", MaxAge: int(cookieLife.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(v.w, v.r, backTo(v.r, "/"), http.StatusSeeOther)
	return nil
}

func (p *pages) openPull(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	head, title := v.r.FormValue("head"), v.r.FormValue("title")
	if title == "" {
		p.locked(func() {
			if tip, ok := r.branch(head); ok {
				title, _ = r.proposal(head, tip)
			}
		})
	}
	pull, err := p.g.OpenPullRequest(NewPullRequest{
		Repository: r.fullName(), Head: head, Base: v.r.FormValue("base"), Title: title, Body: v.r.FormValue("body"), As: v.you,
	})
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/"+r.fullName()+sprintf("/pull/%d", pull.Number), http.StatusSeeOther)
	return nil
}

func (p *pages) changePull(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	name, number, anchor := r.fullName(), int(v.number("number")), ""
	switch v.r.PathValue("verb") {
	case "comment":
		var c Comment
		c, err = p.g.Comment(name, number, v.you, strings.ReplaceAll(v.r.FormValue("body"), "\r\n", "\n"))
		anchor = sprintf("#issuecomment-%d", c.ID)
	case "merge":
		_, err = p.g.Merge(name, number, v.r.FormValue("method"), v.you)
	case "close":
		err = p.g.ClosePullRequest(name, number, v.you)
	case "reopen":
		err = p.g.ReopenPullRequest(name, number, v.you)
	default:
		err = notFound()
	}
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/"+name+sprintf("/pull/%d", number)+anchor, http.StatusSeeOther)
	return nil
}

func (p *pages) changeRun(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	id := v.number("id")
	switch v.r.PathValue("verb") {
	case "action":
		err = p.g.ClickCheckAction(id, v.r.FormValue("identifier"), v.you)
	case "rerequest":
		err = p.g.RerequestCheckRun(id, v.you)
	default:
		err = notFound()
	}
	if err != nil {
		return err
	}
	if page := backTo(v.r, ""); page != "" {
		http.Redirect(v.w, v.r, page+sprintf("#run-%d", id), http.StatusSeeOther)
		return nil
	}
	http.Redirect(v.w, v.r, "/"+r.fullName()+sprintf("/runs/%d", id), http.StatusSeeOther)
	return nil
}

func (p *pages) rerequestSuite(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	if err := p.g.RerequestCheckSuite(v.number("id"), v.you); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, backTo(v.r, "/"+r.fullName()), http.StatusSeeOther)
	return nil
}

// backTo is the page a form was on, if it is one of ours.
func backTo(r *http.Request, otherwise string) string {
	u, err := url.Parse(r.Header.Get("Referer"))
	if err != nil || u.Host != r.Host || !strings.HasPrefix(u.Path, "/") {
		return otherwise
	}
	return u.Path
}
