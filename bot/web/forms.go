package web

import (
	"crypto/subtle"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// maxForm is how large a form may be, in bytes.
const maxForm = 64 << 10

// post serves a form of ours for POST and refuses every other method.
func (h *Handler) post(g *echo.Group, path string, page echo.HandlerFunc) {
	g.POST(path, h.fromHere(page))
	g.Match([]string{
		http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}, path, func(c echo.Context) error {
		c.Response().Header().Set("Allow", http.MethodPost)
		return h.message(c, http.StatusMethodNotAllowed, "This is the address of a form", "It answers POST and nothing else.")
	})
}

// ask serves a page that asks something for GET, takes its form for POST, and refuses
// every other method.
func (h *Handler) ask(g *echo.Group, path string, page, answer echo.HandlerFunc) {
	g.GET(path, page)
	g.POST(path, h.fromHere(answer))
	g.Match([]string{http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}, path, func(c echo.Context) error {
		c.Response().Header().Set("Allow", "GET, POST")
		return h.message(c, http.StatusMethodNotAllowed, "This page asks something", "Its address answers GET, and POST of its form.")
	})
}

// fromHere lets the forms of a session through that are ours.
func (h *Handler) fromHere(page echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
		if viewerOf(c).session != nil && !h.ownForm(c) {
			return h.message(c, http.StatusForbidden, "This form is not from here",
				"Another page may have sent it, or you have logged in again since. Load the page again and repeat.")
		}
		return page(c)
	}
}

// ownForm reports whether a form was on a page of ours, in the session it is sent
// with: the browser says so, and the form carries what only that page was told.
func (h *Handler) ownForm(c echo.Context) bool {
	header := c.Request().Header
	site, origin := header.Get("Sec-Fetch-Site"), header.Get("Origin")
	if site == "" && origin == "" || site != "" && site != "same-origin" || origin != "" && origin != h.origin {
		return false
	}
	if c.Request().ParseForm() != nil {
		return false
	}
	given := c.Request().PostForm["csrf"]
	return len(given) == 1 && subtle.ConstantTimeCompare([]byte(given[0]), []byte(viewerOf(c).csrf)) == 1
}

// originOf is what browsers call the origin of an address.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
