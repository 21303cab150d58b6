package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// viewer is who asks: somebody with a session, or a program with a token.
type viewer struct {
	host    string
	who     pipeline.Actor
	session *pipeline.Session // nil: a token
	token   *pipeline.Token   // nil: a session
	csrf    string            // what every form of the session carries
}

const viewerKey = "penstock.viewer"

// viewerOf is who asks; nil without a login, and on pages that are open to all.
func viewerOf(c echo.Context) *viewer {
	v, _ := c.Get(viewerKey).(*viewer)
	return v
}

// errStranger means that a request does not say who asks, or not in a way that
// counts.
var errStranger error = &pipeline.Error{Kind: pipeline.Forbidden, Message: "not logged in"}

// touchEvery is how exactly it is known when a session or token was used.
const touchEvery = time.Minute

// identify finds out who asks. A token counts before a session, so that what a
// program sends is never taken for somebody else's. Errors other than errStranger
// are trouble.
func (h *Handler) identify(r *http.Request, scope pipeline.Scope) (*viewer, error) {
	if given := r.Header["Authorization"]; len(given) > 0 {
		return h.byToken(r, given, scope)
	}
	return h.bySession(r)
}

// byToken accepts "Bearer pst_..." in the header, and nothing elsewhere: what is
// in an address ends in logs.
func (h *Handler) byToken(r *http.Request, given []string, scope pipeline.Scope) (*viewer, error) {
	kind, text, _ := strings.Cut(given[0], " ")
	hash, ok := pipeline.TokenHash(strings.TrimSpace(text))
	if len(given) != 1 || !strings.EqualFold(kind, "Bearer") || !ok {
		return nil, errStranger
	}
	token, err := h.Login.Tokens.TokenByHash(r.Context(), hash)
	now := h.Now()
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		return nil, errStranger
	case err != nil:
		return nil, err
	case !token.Valid(now) || !token.Allows(scope):
		return nil, errStranger
	}
	if now.Sub(token.UsedAt) >= touchEvery {
		if err := h.Login.Tokens.UseToken(r.Context(), token.ID, now); err != nil {
			h.Logger.Warn("use of a token not noted", "token", token.ID, "error", err)
		}
	}
	return &viewer{host: token.Host, who: token.Who, token: &token}, nil
}

// bySession accepts the cookie of a session that has not ended.
func (h *Handler) bySession(r *http.Request) (*viewer, error) {
	cookie, err := r.Cookie(h.cookies.session)
	if err != nil || len(cookie.Value) != 64 {
		return nil, errStranger
	}
	s, err := h.Login.Sessions.Session(r.Context(), pipeline.SecretHash(cookie.Value))
	now := h.Now()
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		return nil, errStranger
	case err != nil:
		return nil, err
	case !lasts(s, now):
		return nil, errStranger
	}
	if now.Sub(s.SeenAt) >= touchEvery && isVisit(r) {
		if err := h.Login.Sessions.TouchSession(r.Context(), s.Hash, now); err != nil {
			h.Logger.Warn("use of a session not noted", "error", err)
		}
	}
	mac := hmac.New(sha256.New, []byte(cookie.Value))
	mac.Write([]byte("form"))
	return &viewer{host: s.Host, who: s.Who, session: &s, csrf: hex.EncodeToString(mac.Sum(nil))}, nil
}

const (
	// sessionLife is when a login ends, however much it is used.
	sessionLife = 12 * time.Hour
	// sessionIdle is when it ends if it is not used.
	sessionIdle = 2 * time.Hour
)

// lasts reports whether a session has not ended.
func lasts(s pipeline.Session, now time.Time) bool {
	return now.Before(s.CreatedAt.Add(sessionLife)) && now.Before(s.SeenAt.Add(sessionIdle))
}

// isVisit reports whether a person went to the page: what a page that stays open
// fetches by itself does not keep a session alive.
func isVisit(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}
