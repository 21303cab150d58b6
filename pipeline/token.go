package pipeline

import (
	"slices"
	"time"
)

// Scope is what an API token is good for.
type Scope string

// The scopes. Write includes read; nothing includes metrics.
const (
	ScopeRead    Scope = "read"    // see runs and logs
	ScopeWrite   Scope = "write"   // do what the user may do
	ScopeMetrics Scope = "metrics" // read /metrics
)

// Scopes are all there are.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeWrite, ScopeMetrics} }

// Token lets a program act as an account of the forge, within what that account
// may do at that moment. Its text is never stored: it is found by its hash.
type Token struct {
	ID     string // names it for people; no secret
	Hash   string // SHA-256 of its text, in hexadecimal
	Host   string
	Who    Actor
	Scopes []Scope
	// Repositories are the ids of those it is limited to; none: no limit but what
	// the account may do.
	Repositories []int64
	CreatedBy    string // a user of the server's machine
	CreatedAt    time.Time
	ExpiresAt    time.Time
	RevokedAt    time.Time // zero: it is not revoked
	UsedAt       time.Time // give or take a minute; zero: never
}

// Valid reports whether the token counts at that time.
func (t Token) Valid(now time.Time) bool { return t.RevokedAt.IsZero() && now.Before(t.ExpiresAt) }

// Allows reports whether the token is good for a scope.
func (t Token) Allows(s Scope) bool {
	return slices.Contains(t.Scopes, s) || s == ScopeRead && slices.Contains(t.Scopes, ScopeWrite)
}

// Reaches reports whether the token is not kept from a repository.
func (t Token) Reaches(repositoryID int64) bool {
	return len(t.Repositories) == 0 || slices.Contains(t.Repositories, repositoryID)
}
