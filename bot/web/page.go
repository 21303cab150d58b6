package web

import (
	"bytes"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// layout is what every page is filled with.
type layout struct {
	Title      string
	Nav        string // the entry that is current
	Deliveries bool
	Notice     string
	// Refresh is how many seconds pass until the page looks for news; 0: it does
	// not change any more.
	Refresh int
	Page    any
}

// render writes a page. It is written whole or not at all.
func (h *Handler) render(c echo.Context, status int, name string, l layout) error {
	l.Deliveries = h.Deliveries != nil
	if h.Notice != nil {
		l.Notice = h.Notice()
	}
	var b bytes.Buffer
	if err := h.pages[name].Execute(&b, l); err != nil {
		h.Logger.Error("page not rendered", "page", name, "error", err)
		return c.String(http.StatusInternalServerError, "This page could not be written.\n")
	}
	return c.HTMLBlob(status, b.Bytes())
}

// message is a page that says one thing.
func (h *Handler) message(c echo.Context, status int, title, text string) error {
	return h.render(c, status, "message", layout{Title: title, Page: text})
}

// trouble answers an error of the store.
func (h *Handler) trouble(c echo.Context, what string, err error) error {
	if pipeline.KindOf(err) == pipeline.NotFound {
		return h.message(c, http.StatusNotFound, "There is no such "+what, "It may have been removed, or the address is mistyped.")
	}
	h.Logger.Error("page not read", "page", c.Request().URL.Path, "error", err)
	return h.message(c, http.StatusInternalServerError, "This cannot be shown now", "The "+what+" could not be read. The server's log says more; try again in a moment.")
}

// static serves a style sheet or a script.
func (h *Handler) static(c echo.Context) error {
	name := c.Param("file")
	content, err := static.ReadFile(path.Join("static", path.Base(name)))
	if err != nil {
		return h.message(c, http.StatusNotFound, "There is no such file", "The address may be mistyped.")
	}
	kind := "text/css; charset=utf-8"
	switch {
	case strings.HasSuffix(name, ".js"):
		kind = "text/javascript; charset=utf-8"
	case strings.HasSuffix(name, ".svg"):
		kind = "image/svg+xml"
	}
	return c.Blob(http.StatusOK, kind, content)
}

// isID reports whether a part of an address can be an id of ours.
func isID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}
