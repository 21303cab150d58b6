package web

import (
	"net/url"
	"strings"
)

// maxTarget is how long an address may be that somebody comes back to.
const maxTarget = 1000

// target returns the page of ours that an address names, or "/": a login never
// leads anywhere else.
func target(to string) string {
	if len(to) > maxTarget || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsFunc(to, unusual) {
		return "/"
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		u.Path == "/login" || strings.HasPrefix(u.Path, "/login/") || u.Path == "/logout" {
		return "/"
	}
	return to
}

// unusual are the characters that browsers drop from addresses, or take for
// others.
func unusual(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f }
