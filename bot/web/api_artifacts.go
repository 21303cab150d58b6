package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// listArtifacts is what a run has made.
func (h *Handler) listArtifacts(c echo.Context) error {
	e, err := h.execution(c)
	if err != nil {
		return h.apiMissing(c, "run", err)
	}
	return c.JSON(http.StatusOK, api.ArtifactsOf(e))
}

// getArtifact sends a bundle as it is stored.
func (h *Handler) getArtifact(c echo.Context) error {
	e, err := h.execution(c)
	if err != nil {
		return h.apiMissing(c, "run", err)
	}
	artifact, ok := e.ArtifactNamed(c.Param("name"))
	if !ok {
		return h.problem(c, http.StatusNotFound, "run #"+strconv.FormatInt(e.Number, 10)+" has no artifact "+strconv.Quote(c.Param("name")), "name")
	}
	bundle, err := h.Artifacts.Get(c.Request().Context(), e.Repository.ID, artifact.Digest)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		return h.problem(c, http.StatusNotFound, "artifact "+artifact.Name+" is no longer kept", "name")
	case err != nil:
		return h.apiTrouble(c, err)
	}
	defer bundle.Close()
	header := c.Response().Header()
	header.Set("Content-Disposition", `attachment; filename="`+fileName(artifact.Name)+`.tar.zst"`)
	header.Set("Penstock-Digest", artifact.Digest)
	return c.Stream(http.StatusOK, api.ZstdType, bundle)
}

// fileName is a name of somebody's as part of a file's name.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
}
