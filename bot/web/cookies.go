package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// cookies are how ours are named and sent. Over https the prefix __Host- makes
// browsers refuse one that another site of the domain, or plain http, tries to set.
type cookies struct {
	session, login string // the latter is the beginning of a name
	secure         bool
}

func newCookies(url string) cookies {
	if strings.HasPrefix(url, "https://") {
		return cookies{session: "__Host-penstock", login: "__Host-penstock-login-", secure: true}
	}
	return cookies{session: "penstock", login: "penstock-login-"}
}

// set gives the browser a cookie for this site alone, which no script can read,
// and which other sites' pages do not send along except by a link to here.
func (k cookies) set(c echo.Context, name, value string, life time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()), Secure: k.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (k cookies) clear(c echo.Context, name string) {
	c.SetCookie(&http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: k.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
