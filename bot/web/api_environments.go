package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// listEnvironments shows the environments of a repository with their locks.
func (h *Handler) listEnvironments(c echo.Context) error {
	r, err := h.readable(c, c.Param("owner"), c.Param("repository"))
	if err != nil {
		return h.apiMissing(c, "repository", err)
	}
	return h.sendEnvironments(c, r)
}

func (h *Handler) sendEnvironments(c echo.Context, r pipeline.Repository) error {
	all, err := h.Commands.Environments(c.Request().Context(), r)
	if err != nil {
		return h.apiTrouble(c, err)
	}
	return c.JSON(http.StatusOK, api.EnvironmentsOf(all))
}

// setLock locks an environment, or unlocks it.
func (h *Handler) setLock(c echo.Context) error {
	var in api.SetLock
	wrong := first(h.body(c, &in), text("reason", in.Reason, pipeline.MaxTransitionReason))
	if wrong == nil && in.Locked {
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
	if err := h.Commands.Lock(c.Request().Context(), q, r, c.Param("environment"), in.Locked, in.Reason); err != nil {
		return h.refused(c, err)
	}
	return h.sendEnvironments(c, r)
}
