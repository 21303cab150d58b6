package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

//go:embed setup_page.html
var setupPage string

// setupSite is the page on this machine that leads to GitHub and is come back to.
// It is for one browser: the one that was opened with the printed address.
type setupSite struct {
	plan     *setupPlan
	page     *template.Template
	manifest githubapp.Manifest
	host     string     // that requests must be for, so that no other name leads here
	key      string     // in the address that is printed
	cookie   string     // of the browser that has opened it
	ended    chan error // gets one value: how it went, once GitHub has given out the key

	mu    sync.Mutex
	state string // of the page shown last; used up once an app is made
}

const setupCookie = "penstock_setup"

// setupView is what the page shows.
type setupView struct {
	Name, Origin, Owner, Target, Manifest, Nonce string
	Needs                                        []githubapp.Need
	Listens                                      []githubapp.Listen
	Done, Problem, Install, Again                string
}

func (p *setupPlan) newSite(host string) (*setupSite, error) {
	page, err := template.New("setup").Parse(setupPage)
	if err != nil {
		return nil, err
	}
	s := &setupSite{plan: p, page: page, manifest: p.manifest, host: host, key: rand.Text(), cookie: rand.Text(), ended: make(chan error, 1)}
	s.manifest.Redirect = "http://" + host + "/created"
	return s, nil
}

// bySite serves the page until the app is made.
func (p *setupPlan) bySite(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", p.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	host := listener.Addr().String()
	site, err := p.newSite(host)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	name, err := os.Hostname()
	if err != nil {
		name = "SERVER"
	}
	fmt.Fprintf(out, "Open this address in a browser on this machine:\n\n  http://%s/%s\n\n"+
		"On another machine, it can be opened while this runs there:\n\n  ssh -L %s:%s %s\n\nWaiting; Ctrl-C ends it, and nothing is changed.\n",
		host, site.key, host, host, name)
	select {
	case err = <-site.ended:
	case <-ctx.Done():
		err = &exitError{exitInterrupted, errors.New("ended; no app was made by this set-up, unless GitHub says so")}
	case err = <-served:
		return err
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	return errors.Join(err, server.Shutdown(grace)) // the last page is still on its way
}

// ServeHTTP shows the page, and takes the browser that comes back from GitHub.
func (s *setupSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin")
	switch {
	case r.Host != s.host || r.Method != http.MethodGet:
		http.Error(w, "not found", http.StatusNotFound)
	case same(r.URL.Path, "/"+s.key):
		http.SetCookie(w, &http.Cookie{Name: setupCookie, Value: s.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		s.show(w, http.StatusOK, s.begin())
	case r.URL.Path == "/created":
		s.created(w, r)
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

// begin is the page with the form, and a state that makes older ones useless.
func (s *setupSite) begin() setupView {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = rand.Text()
	return s.form(s.state)
}

func (s *setupSite) form(state string) setupView {
	p := s.plan
	v := setupView{
		Name: p.name, Origin: p.site.Origin(), Owner: p.organization, Target: p.site.NewAppPage(p.organization, state),
		Manifest: string(s.manifest.JSON()), Needs: githubapp.Needs(), Listens: githubapp.Listens(),
	}
	if v.Owner == "" {
		v.Owner = "yourself"
	}
	return v
}

// created takes what GitHub sends the browser back with.
func (s *setupSite) created(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(setupCookie)
	if err != nil || !same(cookie.Value, s.cookie) {
		s.show(w, http.StatusForbidden, setupView{Problem: "This browser has not begun the set-up: open the printed address in it."})
		return
	}
	err = s.take(r.Context(), r.URL.Query())
	switch {
	case err == nil:
		s.show(w, http.StatusOK, setupView{Done: s.plan.made.Slug, Install: s.plan.made.Page + "/installations/new"})
		s.ended <- nil
	case errors.Is(err, errUnwritten):
		s.show(w, http.StatusInternalServerError, setupView{Problem: err.Error()})
		s.ended <- err
	default:
		s.show(w, http.StatusBadRequest, setupView{Problem: err.Error(), Again: "/" + s.key})
	}
}

// take checks the state and makes the app. A state is used up when GitHub has
// given out the key, or says that it never will.
func (s *setupSite) take(ctx context.Context, answer url.Values) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == "" || !same(answer.Get("state"), s.state) {
		return errors.New("this answer belongs to a page that was shown before, or to none: nothing is done with it")
	}
	err := s.plan.finish(ctx, answer.Get("code"))
	if pipeline.KindOf(err) != pipeline.Unavailable {
		s.state = ""
	}
	return err
}

func (s *setupSite) show(w http.ResponseWriter, status int, v setupView) {
	v.Nonce = rand.Text()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+v.Nonce+"'; form-action "+s.plan.site.Origin()+"; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_ = s.page.Execute(w, v) // the browser is gone
}

// same compares in a time that does not tell how much of it is right.
func same(given, want string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1
}
