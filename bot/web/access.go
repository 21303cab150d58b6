package web

import (
	"context"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Login is what lets people and programs in. All but Emails and Settle must be set.
type Login struct {
	GitHub   GitHub
	Sessions Sessions
	Tokens   Tokens
	Rights   Rights
	// URL is the public address of the pages, without a slash at its end. GitHub
	// sends people back to URL + CallbackPath.
	URL string
	// Key signs what a browser carries while it logs in. Those who share a URL
	// share the key.
	Key []byte
	// Emails is where the verified addresses of who logs in are stored; nil: GitHub is
	// not asked for them.
	Emails Emails
	// Settle is how long the answer takes at least that something is not there: what
	// one may not see is not told from it by the time. 0: no longer than it takes.
	Settle time.Duration
}

// CallbackPath is where GitHub sends people back to.
const CallbackPath = "/login/callback"

// GitHub finds out who somebody is. It may be called at once from many goroutines.
type GitHub interface {
	// Host is the name that accounts of this GitHub carry.
	Host() string
	// Authorize is the page that somebody is sent to.
	Authorize(state, verifier string) string
	// Who returns whose yes a code is. Kind Invalid for a code that is not
	// accepted (any more); every other error is trouble with GitHub.
	Who(ctx context.Context, code, verifier string) (pipeline.Actor, error)
	// Identify is Who, and asks for verified e-mail addresses. That these cannot be
	// read is no error.
	Identify(ctx context.Context, code, verifier string) (pipeline.Identity, error)
}

// Emails remembers verified e-mail addresses of accounts, by their digests.
type Emails interface {
	// SaveVerifiedEmails puts digests in place of those an account had.
	SaveVerifiedEmails(ctx context.Context, host string, who pipeline.Actor, digests []string, now time.Time) error
}

// Sessions remembers who is logged in. It may be called at once from many
// goroutines.
type Sessions interface {
	// SaveSession stores a session and forgets those that began before a time.
	SaveSession(ctx context.Context, s pipeline.Session, forget time.Time) error
	// Session returns the session with a hash, however old. Kind NotFound.
	Session(ctx context.Context, hash string) (pipeline.Session, error)
	// TouchSession notes when a session was used.
	TouchSession(ctx context.Context, hash string, at time.Time) error
	// EndSession and EndSessions forget one, and all of an account. They may be
	// repeated.
	EndSession(ctx context.Context, hash string) error
	EndSessions(ctx context.Context, host string, userID int64) error
}

// Tokens remembers API tokens. It may be called at once from many goroutines.
type Tokens interface {
	// TokenByHash returns a token, valid or not. Kind NotFound.
	TokenByHash(ctx context.Context, hash string) (pipeline.Token, error)
	// UseToken notes when a token was used.
	UseToken(ctx context.Context, id string, at time.Time) error
}

// Rights says what an account may do in a repository now. It may be called at
// once from many goroutines. PermissionNone is a certain no: also for repositories
// that the app does not reach, and for a login that belongs to another account by
// now. An error means that it could not be found out.
type Rights interface {
	Permission(ctx context.Context, host string, repositoryID int64, who pipeline.Actor) (pipeline.Permission, error)
}
