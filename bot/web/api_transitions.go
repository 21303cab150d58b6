package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// listTransitions shows the doors of a pipeline that somebody has touched.
func (h *Handler) listTransitions(c echo.Context) error {
	r, err := h.readable(c, c.Param("owner"), c.Param("repository"))
	if err != nil {
		return h.apiMissing(c, "repository", err)
	}
	return h.sendTransitions(c, r)
}

func (h *Handler) sendTransitions(c echo.Context, r pipeline.Repository) error {
	doors, err := h.Index.Transitions(c.Request().Context(), r.Host, r.ID, c.Param("pipeline"))
	if err != nil {
		return h.apiTrouble(c, err)
	}
	return c.JSON(http.StatusOK, api.TransitionsOf(doors))
}

// setTransition opens or closes the door into a stage.
func (h *Handler) setTransition(c echo.Context) error {
	var in api.SetTransition
	wrong := first(h.body(c, &in), required("stage", in.Stage, maxText), text("reason", in.Reason, pipeline.MaxTransitionReason))
	var lane pipeline.Lane
	if wrong == nil && in.Lane != "" {
		parsed, err := pipeline.ParseLane(in.Lane)
		if err != nil {
			wrong = &fieldError{"lane", err.Error(), nil}
		}
		lane = parsed
	}
	if wrong == nil && !in.Enabled {
		wrong = required("reason", in.Reason, pipeline.MaxTransitionReason)
	}
	q, wrongKey := h.request(c)
	if wrong = first(wrong, wrongKey); wrong != nil {
		return h.wrong(c, wrong)
	}
	r, err := h.readable(c, c.Param("owner"), c.Param("repository"))
	if err != nil {
		return h.apiMissing(c, "repository", err)
	}
	to := pipeline.SetTransition{Stage: in.Stage, Enabled: in.Enabled, Reason: in.Reason}
	if err := h.Commands.Door(c.Request().Context(), q, r, c.Param("pipeline"), lane, to); err != nil {
		return h.refused(c, err)
	}
	return h.sendTransitions(c, r)
}
