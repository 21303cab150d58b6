package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// answers are what each endpoint of the JSON API is answered with.
func (h *Handler) answers() map[string]echo.HandlerFunc {
	return map[string]echo.HandlerFunc{
		"openapi":       h.openAPI,
		"listRuns":      h.listRuns,
		"getRun":        h.getRun,
		"findRun":       h.findRun,
		"getLog":        h.getLog,
		"listArtifacts": h.listArtifacts,
		"getArtifact":   h.getArtifact,
		"why":           h.why,

		"listJudgements": h.listJudgements,

		"startRun":  h.startRun,
		"stop":      h.stop,
		"retry":     h.retry,
		"approve":   h.approve,
		"reject":    h.reject,
		"unapprove": h.unapprove,
		"override":  h.override,
		"rollback":  h.rollback,

		"listTransitions": h.listTransitions,
		"setTransition":   h.setTransition,

		"listEnvironments": h.listEnvironments,
		"setLock":          h.setLock,
	}
}

var apiMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// registerAPI adds the JSON API to a server: every endpoint of the table, and an
// answer in its words to everything else below it.
func (h *Handler) registerAPI(e *echo.Echo) {
	g, answers := e.Group("", h.strict), h.answers()
	methods := map[string][]string{}
	for _, end := range api.Endpoints() {
		answer := answers[end.ID]
		path := api.Prefix + strings.NewReplacer("{", ":", "}", "").Replace(end.Path)
		methods[path] = append(methods[path], end.Method)
		g.Add(end.Method, path, answer, h.apiDoor(end), h.knownQuery(end))
	}
	reading := api.Endpoint{Method: http.MethodGet}
	for path, served := range methods {
		others := slices.DeleteFunc(slices.Clone(apiMethods), func(m string) bool { return slices.Contains(served, m) })
		g.Match(others, path, func(c echo.Context) error {
			c.Response().Header().Set("Allow", strings.Join(served, ", "))
			return h.problem(c, http.StatusMethodNotAllowed, "this address answers "+strings.Join(served, " and ")+" only", "")
		}, h.apiDoor(reading))
	}
	nothing := func(c echo.Context) error {
		return h.problem(c, http.StatusNotFound, "there is no such endpoint; "+api.Prefix+"/openapi.json lists them", "")
	}
	g.RouteNotFound("/api", nothing, h.apiDoor(reading))
	g.RouteNotFound("/api/*", nothing, h.apiDoor(reading))
}

// apiDoor lets those through who may ask this of an endpoint: programs with a token
// of its scope; to read, also who is logged in; and without a login, this machine,
// to read.
func (h *Handler) apiDoor(end api.Endpoint) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if h.Login == nil {
				if why := h.stranger(c.Request()); why != "" {
					return h.problem(c, http.StatusForbidden, why+" Until there is a login, the API answers this machine only (docs/login.md).", "")
				}
				if end.Writes() {
					return h.problem(c, http.StatusForbidden, "nobody is logged in here, and who does this has to be known: "+
						"set up the login and make an API token with `penstock token create --scope write` (docs/login.md)", "")
				}
			} else if stop, err := h.admit(c, end); stop {
				return err
			}
			return next(c)
		}
	}
}

// knownQuery refuses parameters that an endpoint does not have.
func (h *Handler) knownQuery(end api.Endpoint) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if wrong := unknownQuery(c, end); wrong != nil {
				return h.wrong(c, wrong)
			}
			return next(c)
		}
	}
}

// admit finds out who asks and whether they may ask such things at all. stop means
// that they have been answered.
func (h *Handler) admit(c echo.Context, end api.Endpoint) (stop bool, err error) {
	began := time.Now()
	v, err := h.identify(c.Request(), pipeline.ScopeRead)
	switch {
	case err == errStranger:
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="Penstock"`)
		return true, h.problem(c, http.StatusUnauthorized, "send an API token that is valid, in the header: Authorization: Bearer pst_... (docs/login.md)", "")
	case err != nil:
		return true, h.apiTrouble(c, err)
	case end.Writes() && v.token == nil: // a browser's session could be used by another site's page
		return true, h.problem(c, http.StatusForbidden, "to change something, send an API token instead of the cookie of a session", "")
	case end.Writes() && !v.token.Allows(pipeline.ScopeWrite):
		return true, h.problem(c, http.StatusForbidden, "this token may only read: make one with --scope write", "")
	}
	c.Set(viewerKey, v)
	c.Set(beganKey, began)
	return false, nil
}

// openAPI is the document about all this.
func (h *Handler) openAPI(c echo.Context) error {
	return c.JSONBlob(http.StatusOK, api.Document(h.Version, h.URL))
}

// apiMissing answers an error of looking something up: it is not there, or not for
// who asks, which look alike; or it could not be found out.
func (h *Handler) apiMissing(c echo.Context, what string, err error) error {
	if pipeline.KindOf(err) != pipeline.NotFound || errors.As(err, new(unknownRights)) {
		return h.apiTrouble(c, err)
	}
	h.settle(c)
	return h.problem(c, http.StatusNotFound, "there is no such "+what+", or it is not for you to see", "")
}
