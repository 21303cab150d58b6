package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// protect lets only requests of this machine through, and tells browsers to be
// strict with what they get.
func (h *Handler) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		if why := h.stranger(c.Request()); why != "" {
			return h.message(c, http.StatusForbidden, "These pages are for this machine only", why+
				" Until there is a login, runs and logs are shown only to a browser on the machine that Penstock runs on, under an address such as http://localhost:8080/. To look at them from elsewhere, forward a port through SSH.")
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
