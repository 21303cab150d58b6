package web

import (
	"context"
	"embed"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static
var static embed.FS

// Runs is where executions are read from. Both may be called at once from many
// goroutines; kind NotFound if there is no such thing. What they return is not
// changed here.
type Runs interface {
	// Execution returns the run with that id.
	Execution(ctx context.Context, id string) (*pipeline.Execution, error)
	// Newest returns the newest runs of all repositories, newest first: all, or
	// those older than the run with that id.
	Newest(ctx context.Context, before string, limit int) ([]*pipeline.Execution, error)
	// Definition returns the resolved pipeline of a repository by its digest.
	Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error)
}

// Index is where runs are looked for. It may be called at once from many
// goroutines.
type Index interface {
	// Executions returns the runs that a filter lets through, newest first.
	Executions(ctx context.Context, filter pipeline.ExecutionFilter) ([]*pipeline.Execution, error)
	// Numbered returns the runs of a number in a repository: one for each pipeline
	// that has come so far, or that of one pipeline.
	Numbered(ctx context.Context, host string, repositoryID int64, name string, number int64) ([]*pipeline.Execution, error)
	// LoadState returns a lane with the runs of it that have not ended and those named.
	LoadState(ctx context.Context, key pipeline.StateKey, executions ...string) (pipeline.State, error)
	// Transitions returns the doors of a pipeline that somebody has touched.
	Transitions(ctx context.Context, host string, repositoryID int64, name string) ([]pipeline.Transition, error)
	// Judged returns what became of changes of a repository, newest first, among so
	// many deliveries: the newest, or those stored before the one with that id. next is
	// the last that was looked at, empty if there are no more.
	Judged(ctx context.Context, r pipeline.Repository, before string, limit int) (list []pipeline.Judgement, next string, err error)
	// Repository returns the repository of an id that the app reaches. Kind NotFound.
	Repository(ctx context.Context, host string, id int64) (pipeline.Repository, error)
	// RepositoryNamed returns the repository of a name that the app reaches. Kind
	// NotFound.
	RepositoryNamed(ctx context.Context, owner, name string) (pipeline.Repository, error)
}

// Artifacts is where bundles are read from. It may be called at once from many
// goroutines.
type Artifacts interface {
	// Get opens a bundle. Kind NotFound if it is not kept any longer.
	Get(ctx context.Context, repositoryID int64, digest string) (io.ReadCloser, error)
}

// Logs is where the lines of attempts are read from. It may be called at once
// from many goroutines.
type Logs interface {
	// Read returns at most limit lines of an attempt's log, beginning with line
	// from, and how many lines there are by now. Lines count from 1. A log that
	// does not exist yet has no lines; limit 0 only counts.
	Read(ctx context.Context, repositoryID int64, attemptID string, from, limit int) (lines []pipeline.LogLine, total int, err error)
}

// Deliveries is where webhook deliveries are read from.
type Deliveries interface {
	// NewestDeliveries returns the newest deliveries, newest first: all, or those
	// stored before the one with that id. Bodies and headers are not looked at.
	NewestDeliveries(ctx context.Context, before string, limit int) ([]pipeline.Delivery, error)
}

// Options are what the pages need.
type Options struct {
	Runs       Runs
	Logs       Logs
	Deliveries Deliveries // nil: no page of deliveries
	Login      *Login     // nil: the pages are for this machine only
	Index      Index      // nil: no JSON API
	Artifacts  Artifacts  // of the JSON API
	Commands   Commands   // of the JSON API
	// SlackLinks is where accounts are linked to Slack; nil: they are not. OnSlackLinked,
	// if set, is told of each that was linked, before its owner has an answer: it must
	// not take long.
	SlackLinks    SlackLinks
	OnSlackLinked func(ctx context.Context, account pipeline.SlackAccount)
	// Version is the program's, and URL its public address, for the JSON API.
	Version, URL string
	// Prefix, if set, is the only word that commands in comments are heard by.
	Prefix string
	// FrameAncestors are the origins whose pages may show ours in a frame; empty: none.
	// It is for the demo's own page alone. Whoever frames these pages can lay something
	// else over them, so that somebody who is logged in approves by a click that they
	// meant for another thing.
	FrameAncestors []string
	// Listen is the address that the server listens on; its host is a valid Host
	// header besides the loopback names.
	Listen string
	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: nothing is logged
	// Notice is a sentence to show on top of every page; nil or empty: none.
	Notice func() string
	// Poll is how often a log that is being followed is looked at; 0: half a
	// second.
	Poll time.Duration
}

// Handler serves the pages. It is safe for use from many goroutines.
type Handler struct {
	Options
	pages   map[string]*template.Template
	cookies cookies
	origin  string // of Login.URL
	rights  *rights
	texts   *report.Renderer // its links are paths of ours
	spent   spent
	held    held
	host    string // of Listen, "" if it names none
	closed  chan struct{}
	close   sync.Once
}

// New makes a Handler. Runs and Logs must be set.
func New(o Options) *Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Poll <= 0 {
		o.Poll = 500 * time.Millisecond
	}
	h := &Handler{Options: o, pages: map[string]*template.Template{}, host: listenHost(o.Listen), closed: make(chan struct{})}
	h.texts = report.New(report.Options{CommandPrefix: o.Prefix})
	if h.Login != nil {
		h.cookies, h.origin = newCookies(h.Login.URL), originOf(h.Login.URL)
		h.rights, h.spent.until = newRights(h.Login.Rights, o.Now), map[string]int64{}
	}
	for _, page := range []string{"runs", "run", "log", "deliveries", "account", "slack_link", "message"} {
		// The templates are part of the program: what does not parse is a bug that
		// the first test finds.
		h.pages[page] = template.Must(template.New("layout.html").Funcs(template.FuncMap{
			"moment": moment, "clock": clock, "iso": iso, "ago": h.ago, "took": took, "external": external, "visible": visible,
		}).ParseFS(templates, "templates/layout.html", "templates/parts.html", "templates/"+page+".html"))
	}
	return h
}

// Register adds the pages to a server: every path that nobody else has. What is
// added to open is open to everybody once there is a login, all else is not.
func (h *Handler) Register(e *echo.Echo) {
	e.GET("/healthz", h.health)
	door, openDoor := h.thisMachine, []echo.MiddlewareFunc{h.strict, h.thisMachine}
	if h.Login != nil {
		door, openDoor = h.known, []echo.MiddlewareFunc{h.strict}
	}
	open, g := e.Group("", openDoor...), e.Group("", h.strict, door)
	h.get(open, "/static/:file", h.static)
	if h.Login != nil {
		h.get(open, "/login", h.login)
		h.get(open, CallbackPath, h.callback)
		h.get(open, loggedOutPath, h.loggedOut)

		h.get(g, "/account", h.account)
		h.post(g, "/logout", h.logout)
	}
	h.get(g, "/", h.runs)
	h.get(g, "/runs", h.runs)
	h.get(g, "/runs/:id", h.run)
	if h.votes() {
		h.post(g, "/runs/:id/vote", h.vote)
	}
	switch {
	case h.SlackLinks == nil:
	case h.Login == nil:
		h.get(e.Group("", h.strict), SlackLinkPath+":token", h.slackLinkWithoutLogin)
	default:
		h.ask(g, SlackLinkPath+":token", h.slackLink, h.confirmSlackLink)
	}
	h.get(g, "/runs/:id/log/:attempt", h.log)
	h.get(g, "/runs/:id/log/:attempt/live", h.live)
	if h.Deliveries != nil {
		h.get(g, "/deliveries", h.deliveries)
	}
	if h.Index != nil {
		h.registerAPI(e)
	}
	g.RouteNotFound("/*", func(c echo.Context) error {
		return h.message(c, http.StatusNotFound, "There is no such page", "The address may be mistyped, or what it showed is gone.")
	})
}

// get serves a path for GET and refuses every other method.
func (h *Handler) get(g *echo.Group, path string, page echo.HandlerFunc) {
	g.GET(path, page)
	g.Match([]string{
		http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}, path, func(c echo.Context) error {
		c.Response().Header().Set("Allow", http.MethodGet)
		return h.message(c, http.StatusMethodNotAllowed, "Pages can only be read", "This address answers GET and nothing else.")
	})
}

// Close ends the streams of those who follow a log, so that a server can shut
// down. Safe twice.
func (h *Handler) Close() { h.close.Do(func() { close(h.closed) }) }

// health says that the process is up. It tells nothing else, so everybody may ask.
func (h *Handler) health(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.String(http.StatusOK, "ok\n")
}
