package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// knowledge is where explanations are read from.
type knowledge struct {
	Index
	definitions Runs
}

func (k knowledge) Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error) {
	return k.definitions.Definition(ctx, repositoryID, digest)
}

// explained says what a run waits for, or why it ended.
func (h *Handler) explained(ctx context.Context, e *pipeline.Execution) ([]explain.Line, error) {
	s, err := explain.Look(ctx, knowledge{h.Index, h.Runs}, e)
	if err != nil {
		return nil, err
	}
	if h.Notice != nil {
		s.Paused = h.Notice()
	}
	return explain.Why(s), nil
}

// whyOf is what the page of a run says about it; nothing if that cannot be found out.
func (h *Handler) whyOf(c echo.Context, e *pipeline.Execution) []whyView {
	if h.Index == nil || e.Status == pipeline.ExecutionSucceeded {
		return nil
	}
	lines, err := h.explained(c.Request().Context(), e)
	if err != nil {
		h.Logger.Warn("run not explained", "execution", e.ID, "error", err)
		return nil
	}
	var views []whyView
	for _, l := range lines {
		views = append(views, whyView{visible(l.Text), visible(l.Move)})
	}
	return views
}

// why explains a run.
func (h *Handler) why(c echo.Context) error {
	e, err := h.execution(c)
	if err != nil {
		return h.apiMissing(c, "run", err)
	}
	lines, err := h.explained(c.Request().Context(), e)
	if err != nil {
		return h.apiTrouble(c, err)
	}
	answer := api.Why{Run: api.SummaryOf(e, h.runPages())}
	for _, l := range lines {
		answer.Lines = append(answer.Lines, api.WhyLine(l))
	}
	return c.JSON(http.StatusOK, answer)
}
