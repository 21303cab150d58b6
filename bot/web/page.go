package web

import (
	"bytes"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

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
	// Form is set for pages on which somebody may be writing: without scripts they are
	// not loaded again by themselves.
	Form bool
	// Inside is set for pages that show what only some may see.
	Inside bool
	Who    string // the login of who is logged in
	CSRF   string // what forms carry
	Page   any
}

// messagePage is one thing to say, and where to go from there.
type messagePage struct{ Text, Link, Label string }

// render writes a page. It is written whole or not at all.
func (h *Handler) render(c echo.Context, status int, name string, l layout) error {
	l.Deliveries = h.Deliveries != nil
	if h.Notice != nil && (h.Login == nil || l.Inside) { // it is for those who work here
		l.Notice = h.Notice()
	}
	if v := viewerOf(c); v != nil && v.session != nil {
		l.Who, l.CSRF = visible(v.who.Login), v.csrf
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
	return h.render(c, status, "message", layout{Title: title, Page: messagePage{text, "/", "Newest runs"}})
}

const beganKey = "penstock.began"

// missing is the answer that something is not there, or not for who asks. Nothing
// of it depends on which, and it takes a while in both cases.
func (h *Handler) missing(c echo.Context, what string) error {
	h.settle(c)
	return h.message(c, http.StatusNotFound, "There is no such "+what, "It may have been removed, the address may be mistyped, or it is not for you to see.")
}

// settle waits until the answer that something is missing has taken its time.
func (h *Handler) settle(c echo.Context) {
	if began, ok := c.Get(beganKey).(time.Time); ok && h.Login.Settle > 0 {
		timer := time.NewTimer(h.Login.Settle - time.Since(began))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.Request().Context().Done():
		}
	}
}

// trouble answers an error of the store.
func (h *Handler) trouble(c echo.Context, what string, err error) error {
	switch {
	case errors.As(err, new(unknownRights)):
		h.Logger.Warn("page not shown", "page", loggedPath(c), "error", err)
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(troubleLife.Seconds())))
		return h.message(c, http.StatusServiceUnavailable, "GitHub could not be asked", "What you may see here is what GitHub lets you read, and it could not be asked just now. Try again in a moment.")
	case pipeline.KindOf(err) == pipeline.NotFound:
		return h.missing(c, what)
	}
	h.Logger.Error("page not read", "page", loggedPath(c), "error", err)
	return h.message(c, http.StatusInternalServerError, "This cannot be shown now", "The "+what+" could not be read. The server's log says more; try again in a moment.")
}

// loggedPath is the path that was asked for, as it may stand in a log: not with a
// token in it.
func loggedPath(c echo.Context) string {
	if c.Param("token") != "" {
		return c.Path()
	}
	return c.Request().URL.Path
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
