package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// startRun starts a run of the pipeline that the address names.
func (h *Handler) startRun(c echo.Context) error {
	var in api.Start
	wrong := first(h.body(c, &in), text("branch", in.Branch, maxText), text("tag", in.Tag, maxText), variables(in.Variables))
	if wrong == nil && in.SHA != "" && !wholeSHA.MatchString(in.SHA) {
		wrong = &fieldError{"sha", strconv.Quote(in.SHA) + " is not a whole commit id: 40 digits, a to f in lower case", nil}
	}
	if wrong == nil && in.Branch != "" && in.Tag != "" {
		wrong = &fieldError{"tag", "stands beside a branch: a run is of one of them", nil}
	}
	return h.startIn(c, wrong, func(ctx context.Context, q pipeline.Request, r pipeline.Repository) (string, error) {
		return h.Commands.Start(ctx, q, r, pipeline.Wish{Pipeline: c.Param("pipeline"), Branch: in.Branch, Tag: in.Tag, SHA: in.SHA, Variables: in.Variables})
	})
}

// variables checks the values of variables; the pipeline knows which there are.
func variables(given map[string]string) *fieldError {
	if len(given) > pipeline.MaxVariables {
		return &fieldError{"variables", fmt.Sprintf("are %d, and at most %d are allowed", len(given), pipeline.MaxVariables), nil}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		wrong := first(required("variables", name, pipeline.MaxVariableName), text("variables."+name, given[name], pipeline.MaxVariableValue))
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// rollback starts a run that brings a stage back.
func (h *Handler) rollback(c echo.Context) error {
	var in api.RollbackTo
	wrong := first(h.body(c, &in), required("stage", in.Stage, maxText), text("reason", in.Reason, maxText))
	if wrong == nil && in.Target < 1 {
		wrong = &fieldError{"target", "is not the number of a run", nil}
	}
	return h.startIn(c, wrong, func(ctx context.Context, q pipeline.Request, r pipeline.Repository) (string, error) {
		found, err := h.Index.Numbered(ctx, r.Host, r.ID, c.Param("pipeline"), in.Target)
		switch {
		case err != nil:
			return "", err
		case len(found) == 0:
			return "", &fieldError{"target", fmt.Sprintf("pipeline %s of %s has no run #%d", c.Param("pipeline"), r.FullName(), in.Target), nil}
		}
		return h.Commands.Rollback(ctx, q, r, found[0], in.Stage, in.Reason)
	})
}

// startIn starts a run in the repository that the address names, and sends it.
func (h *Handler) startIn(c echo.Context, wrong *fieldError, start func(context.Context, pipeline.Request, pipeline.Repository) (string, error)) error {
	q, wrongKey := h.request(c)
	if wrong = first(wrong, wrongKey); wrong != nil {
		return h.wrong(c, wrong)
	}
	r, err := h.readable(c, c.Param("owner"), c.Param("repository"))
	if err != nil {
		return h.apiMissing(c, "repository", err)
	}
	ctx := c.Request().Context()
	id, err := start(ctx, q, r)
	if err != nil {
		return h.refused(c, err)
	}
	e, err := h.Runs.Execution(ctx, id)
	if err != nil {
		return h.apiTrouble(c, err)
	}
	c.Response().Header().Set("Location", api.Prefix+"/runs/"+e.ID)
	return h.sendRun(c, http.StatusCreated, e)
}
