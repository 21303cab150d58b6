package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// login sends somebody to GitHub.
func (h *Handler) login(c echo.Context) error {
	to := target(c.QueryParam("to"))
	switch _, err := h.bySession(c.Request()); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, h.Login.URL+to)
	case err != errStranger:
		return h.trouble(c, "login", err)
	}
	a := newAttempt(to, h.Now())
	sealed, err := a.seal(h.Login.Key)
	if err != nil {
		return h.trouble(c, "login", err)
	}
	h.cookies.set(c, a.cookie(h.cookies), sealed, attemptLife)
	return c.Redirect(http.StatusSeeOther, h.Login.GitHub.Authorize(a.State, a.Verifier))
}

// callback is where GitHub sends somebody back to. Its parameters prove nothing:
// what counts is that this browser began the login, and what GitHub itself says of
// the code.
func (h *Handler) callback(c echo.Context) error {
	a, ok := h.attemptOf(c)
	if !ok {
		return h.again(c, http.StatusBadRequest, "This login did not begin here",
			"It is too old, has been used, or was begun in another browser.")
	}
	if c.QueryParam("error") != "" {
		return h.again(c, http.StatusForbidden, "You are not logged in", "GitHub did not say who you are: the question was declined, or could not be asked.")
	}
	switch fresh, room := h.spent.spend(a, h.Now()); {
	case !fresh:
		return h.again(c, http.StatusBadRequest, "This login has been used", "Each can be used once.")
	case !room:
		return h.again(c, http.StatusServiceUnavailable, "Too many are logging in", "Try again in a few minutes.")
	}
	who, err := h.identity(c, a.Verifier)
	switch {
	case err == nil:
	case pipeline.KindOf(err) == pipeline.Invalid:
		h.Logger.Warn("login refused", "error", err)
		return h.again(c, http.StatusBadRequest, "GitHub did not confirm this login", "It is too old, or has been used.")
	default:
		h.Logger.Error("login not possible", "error", err)
		return h.again(c, http.StatusServiceUnavailable, "You cannot be logged in now", "GitHub could not be asked who you are. The server's log says more; try again in a moment.")
	}
	if err := h.begin(c, who.Actor); err != nil {
		return h.trouble(c, "login", err)
	}
	h.keepEmails(c, who)
	return c.Redirect(http.StatusSeeOther, h.Login.URL+target(a.To))
}

// attemptOf is the login that this browser began with the state of the address. It
// is over, whatever comes of it.
func (h *Handler) attemptOf(c echo.Context) (attempt, bool) {
	state := c.QueryParam("state")
	if len(state) != 64 || !isID(state) {
		return attempt{}, false
	}
	name := attempt{State: state}.cookie(h.cookies)
	cookie, err := c.Cookie(name)
	if err != nil {
		return attempt{}, false
	}
	h.cookies.clear(c, name)
	a, ok := openAttempt(h.Login.Key, cookie.Value, h.Now())
	return a, ok && a.State == state
}

// begin gives the browser a new session; the one it had before is over.
func (h *Handler) begin(c echo.Context, who pipeline.Actor) error {
	ctx, now := c.Request().Context(), h.Now()
	if before, err := c.Cookie(h.cookies.session); err == nil {
		if err := h.Login.Sessions.EndSession(ctx, pipeline.SecretHash(before.Value)); err != nil {
			return err
		}
	}
	text := pipeline.NewSecretText()
	s := pipeline.Session{Hash: pipeline.SecretHash(text), Host: h.Login.GitHub.Host(), Who: who, CreatedAt: now, SeenAt: now}
	if err := h.Login.Sessions.SaveSession(ctx, s, now.Add(-sessionLife)); err != nil {
		return err
	}
	h.cookies.set(c, h.cookies.session, text, sessionLife)
	h.Logger.Info("logged in", "login", who.Login, "account", who.ID)
	return nil
}

// logout ends the session, or with everywhere all sessions of its account. The
// middleware has checked that the form is ours.
func (h *Handler) logout(c echo.Context) error {
	v := viewerOf(c)
	if v.session == nil {
		return h.message(c, http.StatusForbidden, "There is nothing to log out from", "An API token ends when it is revoked or expires.")
	}
	ctx := c.Request().Context()
	err := h.Login.Sessions.EndSession(ctx, v.session.Hash)
	if err == nil && c.FormValue("everywhere") != "" {
		err = h.Login.Sessions.EndSessions(ctx, v.host, v.who.ID)
	}
	if err != nil {
		return h.trouble(c, "session", err)
	}
	h.cookies.clear(c, h.cookies.session)
	return c.Redirect(http.StatusSeeOther, h.Login.URL+loggedOutPath)
}

const loggedOutPath = "/login/out"

// loggedOut is the page after a logout.
func (h *Handler) loggedOut(c echo.Context) error {
	return h.again(c, http.StatusOK, "You are logged out", "GitHub still knows you in this browser: log out there too if others use it.")
}

// again is a message with a way to log in.
func (h *Handler) again(c echo.Context, status int, title, text string) error {
	return h.render(c, status, "message", layout{Title: title, Page: messagePage{text, "/login", "Log in with GitHub"}})
}

// accountPage is what the page of who is logged in is filled with.
type accountPage struct {
	Login        string
	Since, Until time.Time
	Idle         string
}

// account is the page of who is logged in.
func (h *Handler) account(c echo.Context) error {
	v := viewerOf(c)
	if v.session == nil {
		return h.message(c, http.StatusNotFound, "There is no such page", "An API token has no account page.")
	}
	return h.render(c, http.StatusOK, "account", layout{Title: "Account", Nav: "account", Page: accountPage{
		Login: visible(v.who.Login), Since: v.session.CreatedAt, Until: v.session.CreatedAt.Add(sessionLife), Idle: took(sessionIdle),
	}})
}
