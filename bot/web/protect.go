package web

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// strict tells browsers to be strict with what they get.
func (h *Handler) strict(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'self'; frame-ancestors "+cmp.Or(strings.Join(h.FrameAncestors, " "), "'none'"))
		header.Set("X-Content-Type-Options", "nosniff")
		if len(h.FrameAncestors) == 0 { // it knows no other origins than our own
			header.Set("X-Frame-Options", "DENY")
		}
		// Other sites are not told where somebody comes from; no-referrer would keep
		// browsers from saying it to our own forms, which look at it.
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// known lets only those through who are logged in or bring a token. Others get the
// same answer whatever they ask for.
func (h *Handler) known(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		v, err := h.identify(c.Request(), pipeline.ScopeRead)
		switch {
		case err == errStranger:
			return h.turnAway(c)
		case err != nil:
			return h.trouble(c, "session", err)
		}
		c.Set(viewerKey, v)
		c.Set(beganKey, began)
		return next(c)
	}
}

// turnAway sends a person to the login, and tells a program that it needs a token.
func (h *Handler) turnAway(c echo.Context) error {
	r := c.Request()
	if r.Method == http.MethodGet && isVisit(r) && strings.Contains(r.Header.Get("Accept"), "text/html") && len(r.Header["Authorization"]) == 0 {
		return c.Redirect(http.StatusSeeOther, "/login?"+url.Values{"to": {target(r.URL.RequestURI())}}.Encode())
	}
	c.Response().Header().Set("WWW-Authenticate", `Bearer realm="Penstock"`)
	return h.again(c, http.StatusUnauthorized, "You are not logged in",
		"People log in with their GitHub account. Programs send an API token in the header: Authorization: Bearer pst_...")
}

// ForToken lets those through who bring a token of a scope, and hands those who
// bring none to otherwise.
func (h *Handler) ForToken(scope pipeline.Scope, next http.Handler, otherwise echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		given := r.Header["Authorization"]
		if len(given) == 0 || h.Login == nil {
			return otherwise(c)
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		switch _, err := h.byToken(r, given, scope); {
		case err == errStranger:
			c.Response().Header().Set("WWW-Authenticate", `Bearer realm="Penstock"`)
			return c.String(http.StatusUnauthorized, "this needs a token of the scope "+string(scope)+"\n")
		case err != nil:
			h.Logger.Error("token not looked up", "error", err)
			return c.String(http.StatusServiceUnavailable, "tokens cannot be looked up now\n")
		}
		next.ServeHTTP(c.Response(), r)
		return nil
	}
}

// thisMachine lets only requests of this machine through.
func (h *Handler) thisMachine(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if why := h.stranger(c.Request()); why != "" {
			return h.message(c, http.StatusForbidden, "These pages are for this machine only", why+
				" Until there is a login, runs and logs are shown only to a browser on the machine that Penstock runs on, under an address such as http://localhost:8080/. To look at them from elsewhere, set up the login (docs/login.md), or forward a port through SSH.")
		}
		return next(c)
	}
}

// stranger says why a request is not taken for one of this machine, or "".
func (h *Handler) stranger(r *http.Request) string {
	for name := range r.Header {
		if name == "Forwarded" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return "The request came through a proxy (it has the header " + name + "), so it is not known who asks."
		}
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !remote.Addr().Unmap().IsLoopback() {
		return "The request came from another machine."
	}
	if !h.ownName(r.Host) {
		return "The request asked for a host name that is not this machine's own; another site may have sent your browser here."
	}
	return ""
}

// ownName reports whether a Host header names this machine.
func (h *Handler) ownName(host string) bool {
	name := strings.ToLower(hostOf(host))
	if name == "localhost" || name != "" && name == h.host {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}

// listenHost returns the host of an address to listen on, or "" if it is a
// wildcard.
func listenHost(address string) string {
	host := strings.ToLower(hostOf(address))
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsUnspecified() {
		return ""
	}
	return host
}

// hostOf cuts the port off, and the brackets of an IPv6 address.
func hostOf(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
}
