package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"net"
	"net/http"
	"time"
)

//go:embed demo_page.html
var demoPageText string

// demoPage shows the pull request, Slack and the run side by side, and which step comes
// next. It is a page of the demo alone, on loopback: the three others may be framed by
// it and by nothing else.
type demoPage struct {
	house    *demoHouse
	page     *template.Template
	listener net.Listener
	server   *http.Server
	served   chan error // nil until it is served
}

// demoView is what the page is made of.
type demoView struct {
	Nonce string
	Next  demoNext
	Panes []demoPane
}

// demoPane is one frame.
type demoPane struct{ ID, Title, About, Address string }

func newDemoPage(h *demoHouse) (*demoPage, error) {
	page, err := template.New("demo").Parse(demoPageText)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &demoPage{house: h, page: page, listener: listener}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	return p, nil
}

func (p *demoPage) origin() string { return "http://" + p.listener.Addr().String() }

// serve begins to answer. Everything that the page shows must be there.
func (p *demoPage) serve() {
	p.served = make(chan error, 1)
	go func() { p.served <- p.server.Serve(p.listener) }()
}

func (p *demoPage) close() error {
	if p.served == nil {
		return p.listener.Close()
	}
	grace, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if p.server.Shutdown(grace) != nil {
		p.server.Close()
	}
	if err := <-p.served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP shows the page, and says the next step.
func (p *demoPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	switch {
	case r.Method != http.MethodGet || r.Host != p.listener.Addr().String(): // no other name leads here
		http.NotFound(w, r)
	case r.URL.Path == "/":
		p.show(w)
	case r.URL.Path == "/next":
		header.Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(p.house.next()) // the browser is gone
	default:
		http.NotFound(w, r)
	}
}

func (p *demoPage) show(w http.ResponseWriter) {
	h := p.house
	github, slack, run := h.github.URL(), h.slack.URL(), h.server.config.URL
	v := demoView{Nonce: rand.Text(), Next: h.next(), Panes: []demoPane{
		{"github", "GitHub", "where the change and its pull request are", github + "/" + demoRepository},
		{"slack", "Slack", "where the team talks; choose who you are", h.slackPage()},
		{"run", "Penstock", "the runs; sign in as octocat", run + "/login?to=/"},
	}}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'nonce-"+v.Nonce+"'; script-src 'nonce-"+v.Nonce+"'; connect-src 'self'; "+
		"frame-src "+github+" "+slack+" "+run+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_ = p.page.Execute(w, v) // the browser is gone
}
