package report

import (
	"embed"
	"fmt"
	"net/url"
	"strings"
	"text/template"

	"github.com/penstock-cd/penstock/pipeline"
)

//go:embed templates/*.tmpl
var templates embed.FS

// Options are what the texts must know of this server.
type Options struct {
	// URL is the public address of the pages (PENSTOCK_URL).
	URL string
	// CommandPrefix is PENSTOCK_COMMAND_PREFIX: when set, commands to copy are
	// written "/<prefix> approve".
	CommandPrefix string
}

// Renderer writes contents. It may be used from many goroutines at once.
type Renderer struct {
	base      string
	form      string // what stands before a verb: "/", or "/<prefix> "
	templates *template.Template
}

// New makes a Renderer.
func New(o Options) *Renderer {
	r := &Renderer{base: strings.TrimRight(o.URL, "/"), form: "/"}
	if p := strings.ToLower(strings.Trim(o.CommandPrefix, "/ \t")); p != "" {
		r.form = "/" + p + " "
	}
	// The templates are part of the program: what does not parse is a bug that
	// the first test finds.
	r.templates = template.Must(template.New("").Funcs(template.FuncMap{
		"text": text, "code": code, "html": htmlText, "link": link,
		"cell": cell, "moment": moment, "took": took, "join": strings.Join, "codes": codes, "texts": texts,
	}).ParseFS(templates, "templates/*.tmpl"))
	return r
}

// Run is one execution with the definition it is pinned to. Pipeline may be nil
// if it cannot be read; actions that have not started are then left out.
type Run struct {
	Execution *pipeline.Execution
	Pipeline  *pipeline.Pipeline
	// Paused says why no action is started at the moment; empty: they are.
	Paused string
}

// RunURL is the address of the page of a run.
func (r *Renderer) RunURL(executionID string) string {
	return r.base + "/runs/" + url.PathEscape(executionID)
}

// LogURL is the address of the log of one attempt of an action.
func (r *Renderer) LogURL(executionID, attemptID string) string {
	return r.RunURL(executionID) + "/log/" + url.PathEscape(attemptID)
}

// execute fills a template in. An error is a bug in the template.
func (r *Renderer) execute(name string, data any) string {
	var b strings.Builder
	if err := r.templates.ExecuteTemplate(&b, name, data); err != nil {
		panic(fmt.Sprintf("report: template %s: %v", name, err))
	}
	var lines []string // without the blank ones that parts left out leave behind
	for line := range strings.SplitSeq(strings.TrimSpace(b.String()), "\n") {
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
