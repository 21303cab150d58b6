package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

var (
	wholeSHA = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	namePart = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
)

// listRuns is a page of the list of runs that who asks may see.
func (h *Handler) listRuns(c echo.Context) error {
	filter, wrong := listFilter(c)
	if wrong != nil {
		return h.wrong(c, wrong)
	}
	limit := filter.Limit
	if full := c.QueryParam("repository"); full != "" {
		owner, name, ok := strings.Cut(full, "/")
		if !ok || !namePart.MatchString(owner) || !namePart.MatchString(name) {
			return h.wrong(c, &fieldError{"repository", strconv.Quote(full) + " is not OWNER/NAME", nil})
		}
		r, err := h.readable(c, owner, name)
		if err != nil {
			return h.apiMissing(c, "repository", err)
		}
		filter.Host, filter.RepositoryID = r.Host, r.ID
	}
	found, dark, err := sift(h, c, limit, pipeline.PermissionRead,
		func(e *pipeline.Execution) place { return place{e.Repository.Host, e.Repository.ID} },
		func(after **pipeline.Execution, n int) ([]*pipeline.Execution, error) {
			page := filter
			page.Limit = n
			if after != nil {
				page.Before = (*after).ID
			}
			return h.Index.Executions(c.Request().Context(), page)
		})
	if err == nil && len(found) == 0 {
		err = dark
	}
	if err != nil {
		return h.apiTrouble(c, err)
	}
	answer := api.Runs{Runs: []api.Run{}, Incomplete: dark != nil}
	for _, e := range found {
		answer.Runs = append(answer.Runs, api.SummaryOf(e, h.runPages()))
	}
	if len(found) == limit {
		answer.Next = found[limit-1].ID
	}
	return c.JSON(http.StatusOK, answer)
}

// listFilter reads the parameters of a list of runs.
func listFilter(c echo.Context) (f pipeline.ExecutionFilter, wrong *fieldError) {
	f.Pipeline, f.SHA, f.Before = c.QueryParam("pipeline"), c.QueryParam("sha"), c.QueryParam("before")
	f.Status, f.OpenGates = pipeline.ExecutionStatus(c.QueryParam("status")), c.QueryParam("waiting") == "gates"
	lane := c.QueryParam("lane")
	switch {
	case (f.Pipeline != "" || lane != "") && c.QueryParam("repository") == "":
		return f, &fieldError{"repository", "is missing: a pipeline or lane is one of a repository", nil}
	case f.SHA != "" && !wholeSHA.MatchString(f.SHA):
		return f, &fieldError{"sha", strconv.Quote(f.SHA) + " is not a whole commit id: 40 digits, a to f in lower case", nil}
	case f.Before != "" && !isID(f.Before):
		return f, &fieldError{"before", strconv.Quote(f.Before) + " is not what a list has answered as next", nil}
	}
	if lane != "" {
		parsed, err := pipeline.ParseLane(lane)
		if err != nil {
			return f, &fieldError{"lane", err.Error(), nil}
		}
		f.Lane = parsed
	}
	f.Limit, wrong = number(c, "limit", 1, api.MaxPage, api.DefaultPage)
	return f, wrong
}

// readable is the repository of a name, for those who may read it. Kind NotFound for
// everybody else.
func (h *Handler) readable(c echo.Context, owner, name string) (pipeline.Repository, error) {
	r, err := h.Index.RepositoryNamed(c.Request().Context(), owner, name)
	if err != nil {
		return r, err
	}
	return r, h.may(c, r.Host, r.ID, pipeline.PermissionRead)
}

func (h *Handler) runPages() string { return h.URL + "/runs/" }

// findRun is the run of a number.
func (h *Handler) findRun(c echo.Context) error {
	n, err := strconv.ParseInt(c.Param("number"), 10, 64)
	if err != nil || n < 1 {
		return h.wrong(c, &fieldError{"number", strconv.Quote(c.Param("number")) + " is not the number of a run", nil})
	}
	r, err := h.readable(c, c.Param("owner"), c.Param("repository"))
	if err != nil {
		return h.apiMissing(c, "repository", err)
	}
	runs, err := h.Index.Numbered(c.Request().Context(), r.Host, r.ID, c.QueryParam("pipeline"), n)
	switch {
	case err != nil:
		return h.apiTrouble(c, err)
	case len(runs) == 0:
		return h.problem(c, http.StatusNotFound, r.FullName()+" has no run #"+strconv.FormatInt(n, 10), "number")
	case len(runs) > 1:
		p := api.Problem{Status: http.StatusConflict, Field: "pipeline"}
		for _, e := range runs {
			p.Allowed = append(p.Allowed, e.Pipeline)
		}
		p.Detail = "several pipelines have a run #" + strconv.FormatInt(n, 10) + ": say which, " + strings.Join(p.Allowed, " or ")
		return h.sendProblem(c, p)
	}
	return h.sendRun(c, http.StatusOK, runs[0])
}

// getRun shows a run, at once or when it has changed.
func (h *Handler) getRun(c echo.Context) error {
	seconds, wrong := number(c, "wait", 0, api.MaxWait, 0)
	if wrong != nil {
		return h.wrong(c, wrong)
	}
	e, err := h.execution(c)
	if err != nil {
		return h.apiMissing(c, "run", err)
	}
	known := c.Request().Header.Get("If-None-Match")
	body, tag, err := h.runBody(c, e)
	if err == nil && known == tag && seconds > 0 {
		let, ok := h.hold(c)
		if !ok {
			return h.tooMany(c)
		}
		defer let()
		body, tag, err = h.changed(c, e.ID, tag, time.Duration(seconds)*time.Second)
	}
	if err != nil {
		return h.apiTrouble(c, err)
	}
	c.Response().Header().Set("ETag", tag)
	if known == tag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.JSONBlob(http.StatusOK, body)
}

// changed waits until a run is not what the tag stands for, or the time has passed.
func (h *Handler) changed(c echo.Context, id, tag string, patience time.Duration) (body []byte, now string, err error) {
	tick, end := time.NewTicker(h.Poll), time.NewTimer(patience)
	defer tick.Stop()
	defer end.Stop()
	for {
		over := false
		select {
		case <-tick.C:
		case <-end.C:
			over = true
		case <-h.closed:
			over = true
		case <-c.Request().Context().Done():
			return nil, "", c.Request().Context().Err()
		}
		e, err := h.Runs.Execution(c.Request().Context(), id)
		if err != nil {
			return nil, "", err
		}
		if body, now, err = h.runBody(c, e); over || err != nil || now != tag {
			return body, now, err
		}
	}
}

// runBody is a run as it is sent, and the tag of that.
func (h *Handler) runBody(c echo.Context, e *pipeline.Execution) (body []byte, tag string, err error) {
	definition, err := h.Runs.Definition(c.Request().Context(), e.Repository.ID, e.Definition)
	if err != nil { // the run can be shown without it
		h.Logger.Warn("definition not read", "execution", e.ID, "error", err)
		definition = nil
	}
	if body, err = json.Marshal(api.RunOf(e, definition, h.runPages())); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(body)
	return append(body, '\n'), `"` + hex.EncodeToString(sum[:12]) + `"`, nil
}

func (h *Handler) sendRun(c echo.Context, status int, e *pipeline.Execution) error {
	body, tag, err := h.runBody(c, e)
	if err != nil {
		return h.apiTrouble(c, err)
	}
	c.Response().Header().Set("ETag", tag)
	return c.JSONBlob(status, body)
}
