package emulator

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed templates static
var files embed.FS

// pages is the workspace as people see it. There is no login, only a choice of who one
// is: ?as=octocat&channel=releases.
type pages struct {
	s         *Slack
	templates *template.Template
}

func (s *Slack) pageRoutes(mux *http.ServeMux) {
	p := &pages{s: s, templates: template.Must(template.ParseFS(files, "templates/*.html"))}
	own := http.NewServeMux()
	own.Handle("GET /static/{file}", http.FileServerFS(files))
	own.HandleFunc("GET /{$}", p.show)
	own.HandleFunc("GET /archives/{channel}/{message}", p.permalink)
	own.HandleFunc("GET /-/live", p.live)
	own.HandleFunc("POST /-/click", p.act(p.click))
	own.HandleFunc("POST /-/submit", p.act(p.submit))
	own.HandleFunc("POST /-/close", p.act(func(who string, _ url.Values) error { return s.CloseModal(who) }))
	own.HandleFunc("POST /-/say", p.act(p.say))
	mux.Handle("/", http.NewCrossOriginProtection().Handler(own)) // pages elsewhere press no buttons here
}

// show renders what one person sees of one channel.
func (p *pages) show(w http.ResponseWriter, r *http.Request) {
	data := p.fill(r.URL.Query().Get("as"), r.URL.Query().Get("channel"))
	var page bytes.Buffer
	if err := p.templates.ExecuteTemplate(&page, "page.html", data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' https: data:; form-action 'self'")
	_, _ = page.WriteTo(w)
}

// permalink leads to a message on the page of its channel.
func (p *pages) permalink(w http.ResponseWriter, r *http.Request) {
	digits := strings.TrimPrefix(r.PathValue("message"), "p")
	if len(digits) < 7 {
		http.NotFound(w, r)
		return
	}
	ts := digits[:len(digits)-6] + "." + digits[len(digits)-6:]
	to := "/?channel=" + url.QueryEscape(r.PathValue("channel")) + "#m" + url.PathEscape(ts)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// live says that something changed, as server-sent events.
func (p *pages) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w)
	for {
		changed := p.s.Changed()
		if _, err := w.Write([]byte("data: changed\n\n")); err != nil || flush.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-p.s.ctx.Done():
			return
		}
		select { // several changes at once are one
		case <-time.After(50 * time.Millisecond):
		case <-r.Context().Done():
			return
		case <-p.s.ctx.Done():
			return
		}
	}
}
