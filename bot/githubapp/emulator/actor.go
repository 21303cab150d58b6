package emulator

import (
	"net/http"
	"strconv"
	"strings"
)

// actor is who a request comes from: an app (JWT), an installation (token), a
// person (token), or nobody.
type actor struct {
	app   *app
	token *installationToken
	user  *user
	// via is the app through which a person acts, nil: as themselves. Such tokens
	// tell here who somebody is, their addresses if the app asks for them, and read
	// what is public; nothing else.
	via *app
}

// account is the user that changes are put down to; nil for nobody and for apps
// as such.
func (a actor) account() *user {
	if a.token != nil {
		return a.token.installation.app.bot
	}
	return a.user
}

// name is how Writes lists the actor.
func (a actor) name() string {
	if a.app != nil {
		return "app/" + a.app.slug
	}
	if u := a.account(); u != nil {
		return u.Login
	}
	return ""
}

// limitKey is what rate limits are counted by.
func (a actor) limitKey() string {
	switch {
	case a.app != nil:
		return "app/" + strconv.FormatInt(a.app.id, 10)
	case a.token != nil:
		return "installation/" + strconv.FormatInt(a.token.installation.id, 10)
	case a.user != nil:
		return "user/" + strconv.FormatInt(a.user.ID, 10)
	default:
		return "anonymous"
	}
}

// owningApp is the app behind the actor, or nil.
func (a actor) owningApp() *app {
	if a.token != nil {
		return a.token.installation.app
	}
	return a.app
}

// sees says whether the actor may know that a repository exists.
func (a actor) sees(r *repository) bool {
	if a.token != nil {
		return a.token.reaches(r) || !r.private
	}
	if a.via != nil {
		return !r.private
	}
	return a.app == nil && r.role(a.user).atLeast(RoleRead)
}

// actorByToken finds whose token this is.
func (g *GitHub) actorByToken(text string) (actor, bool) {
	if t := g.tokens[text]; t != nil {
		if g.clock().Before(t.expiresAt) {
			return actor{token: t}, true
		}
		return actor{}, false
	}
	if t := g.userTokens[text]; t != nil && g.clock().Before(t.expiresAt) && t.user.suspended.IsZero() {
		return actor{user: t.user, via: t.app}, true
	}
	if strings.HasPrefix(text, "ghp_") {
		for _, u := range g.users {
			if u.Token == text && u.suspended.IsZero() {
				return actor{user: u}, true
			}
		}
	}
	return actor{}, false
}

// authenticate reads the Authorization header of an API request.
func (g *GitHub) authenticate(r *http.Request) (actor, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return actor{}, nil
	}
	scheme, text, _ := strings.Cut(header, " ")
	if strings.EqualFold(scheme, "Basic") {
		_, text, _ = r.BasicAuth()
	}
	text = strings.TrimSpace(text)
	if strings.EqualFold(scheme, "Bearer") && strings.Count(text, ".") == 2 && !strings.HasPrefix(text, "gh") {
		a, err := g.appByJWT(text)
		return actor{app: a}, err
	}
	if who, ok := g.actorByToken(text); ok {
		return who, nil
	}
	return actor{}, fail(http.StatusUnauthorized, "Bad credentials")
}
