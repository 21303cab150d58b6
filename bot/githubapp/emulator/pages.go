package emulator

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed templates static
var files embed.FS

// pages renders the site that people look at. They see everything: the emulator
// has no login, only a choice of who one is.
type pages struct {
	g         *GitHub
	templates map[string]*template.Template
}

func (g *GitHub) pageHandler() http.Handler {
	p := g.newPages("home", "repository", "pull", "commit", "compare", "install", "problem")
	mux := http.NewServeMux()
	mux.Handle("GET /static/{file}", http.FileServerFS(files))
	mux.HandleFunc("GET /static/avatar.svg", avatar)
	mux.HandleFunc("GET /{$}", p.serve(p.home))
	mux.HandleFunc("GET /{owner}/{repo}", p.serve(p.repository))
	mux.HandleFunc("GET /{owner}/{repo}/pull/{number}", p.serve(p.pull))
	mux.HandleFunc("GET /{owner}/{repo}/commit/{sha}", p.serve(p.commit))
	mux.HandleFunc("GET /{owner}/{repo}/compare/{range...}", p.serve(p.compare))
	mux.HandleFunc("GET /{owner}/{repo}/blob/{ref}/{path...}", p.serve(p.blob))
	mux.HandleFunc("GET /{owner}/{repo}/raw/{ref}/{path...}", p.serve(p.blob))
	mux.HandleFunc("GET /{owner}/{repo}/runs/{id}", p.serve(p.run))
	mux.HandleFunc("GET /apps/{slug}/installations/new", p.serve(p.askToInstall))
	mux.HandleFunc("POST /apps/{slug}/installations/new", p.serve(p.installApp))
	mux.HandleFunc("POST /-/as", p.serve(p.switchUser))
	mux.HandleFunc("POST /{owner}/{repo}/pulls", p.serve(p.openPull))
	mux.HandleFunc("POST /{owner}/{repo}/pull/{number}/{verb}", p.serve(p.changePull))
	mux.HandleFunc("POST /{owner}/{repo}/runs/{id}/{verb}", p.serve(p.changeRun))
	mux.HandleFunc("POST /{owner}/{repo}/suites/{id}/rerequest", p.serve(p.rerequestSuite))
	mux.HandleFunc("/", p.serve(func(*visit) error { return notFound() }))
	return http.NewCrossOriginProtection().Handler(mux) // pages elsewhere press no buttons here
}

func (g *GitHub) newPages(names ...string) *pages {
	p := &pages{g: g, templates: map[string]*template.Template{}}
	functions := template.FuncMap{
		"markdown": markdown, "icon": icon, "short": shortSHA, "annotationIcon": annotationIcon, "sumUp": sumUp, "words": words,
	}
	for _, name := range names {
		p.templates[name] = template.Must(template.New("").Funcs(functions).
			ParseFS(files, "templates/layout.html", "templates/"+name+".html"))
	}
	return p
}

// visit is one request for a page.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	you   string // login
	page  page
	to    string // where else a form may lead to, as an origin
	above string // whose pages may frame this one
}

// page is what all templates know. Each uses some of it.
type page struct {
	Title         string
	You           string
	People        []string
	Repo          *Repository
	Repos         []Repository
	Pulls         []pullLine
	Pull          PullRequest
	Badge         string
	HeadName      string
	State         string // of the head's checks and statuses
	MergeState    string // of the merge commit's
	Branches      []commitLine
	Heads         []commitLine // branches to open a pull request for
	Commits       []commitLine
	Commit        commitLine
	Message       string
	Runs          []runBox
	Suites        []int64
	Statuses      []Status
	Comments      []commentBox
	Files         []fileLine
	Problem, Back string
	Asking        string // the address of who asks for a login, or where a form goes
	Manifest      manifest
	Text          string // the manifest's own
}

// serve wraps what all pages share: who is looking, and what goes wrong.
func (p *pages) serve(handle func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, above: or(strings.Join(p.g.options.FrameAncestors, " "), "'none'")}
		p.locked(func() {
			for _, u := range p.g.people() {
				v.page.People = append(v.page.People, u.Login)
			}
		})
		v.you = whoIs(r, v.page.People)
		v.page.You = v.you
		err := handle(v)
		if err == nil {
			return
		}
		v.page.Title, v.page.Problem, v.page.Back = "That did not work", err.Error(), or(r.Header.Get("Referer"), "/")
		status := http.StatusUnprocessableEntity
		var e *apiError
		if errors.As(err, &e) {
			status, v.page.Problem = e.status, e.explain()
		}
		v.headers()
		w.WriteHeader(status)
		_ = p.templates["problem"].ExecuteTemplate(w, "layout", v.page)
	}
}

// explain is an API error in words.
func (e *apiError) explain() string {
	text := e.message
	for _, detail := range e.errors {
		if message, ok := detail["message"].(string); ok {
			text += ": " + message
		}
	}
	return text
}

// whoIs reads the form field, then the cookie; the first person otherwise.
func whoIs(r *http.Request, people []string) string {
	candidates := []string{r.FormValue("as")}
	if cookie, err := r.Cookie("as"); err == nil {
		if login, err := url.QueryUnescape(cookie.Value); err == nil {
			candidates = append(candidates, login)
		}
	}
	for _, candidate := range candidates {
		for _, login := range people {
			if sameName(login, candidate) {
				return login
			}
		}
	}
	if len(people) == 0 {
		return ""
	}
	return people[0]
}

func (p *pages) render(v *visit, name string) error {
	v.headers()
	if err := p.templates[name].ExecuteTemplate(v.w, "layout", v.page); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return nil
}

func (v *visit) headers() {
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Security-Policy", "default-src 'self'; form-action 'self' "+v.to+"; frame-ancestors "+v.above)
}

// find looks up the repository in the path.
func (p *pages) find(v *visit) (*repository, error) {
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	r := p.g.repositoryByName(v.r.PathValue("owner") + "/" + v.r.PathValue("repo"))
	if r == nil {
		return nil, notFound()
	}
	view := p.g.repositoryView(r)
	v.page.Repo, v.page.Title = &view, view.FullName
	return r, nil
}

func (v *visit) number(name string) int64 {
	n, err := strconv.ParseInt(v.r.PathValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
