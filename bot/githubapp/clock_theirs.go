package githubapp

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/golang-jwt/jwt/v4"
)

// theirClock is GitHub's clock, as its answers show it. Signatures and tokens end
// by that one: with it, a clock of ours that is an hour off loses no call.
type theirClock struct {
	now   func() time.Time // ours
	ahead atomic.Int64     // nanoseconds that GitHub's is ahead; 0 while they agree
}

// Now is what GitHub's clock shows.
func (c *theirClock) Now() time.Time { return c.now().Add(time.Duration(c.ahead.Load())) }

// see learns from an answer. It reports whether GitHub's clock is another one than
// was thought.
func (c *theirClock) see(answer http.Header) (ahead time.Duration, news bool) {
	date, err := http.ParseTime(answer.Get("Date"))
	if err != nil {
		return 0, false
	}
	if ahead = date.Sub(c.now()); ahead.Abs() <= clockTolerance {
		ahead = 0
	}
	before := time.Duration(c.ahead.Swap(int64(ahead)))
	return ahead, (ahead - before).Abs() > clockTolerance
}

// punctual signs with the times that GitHub's clock shows.
type punctual struct {
	ghinstallation.Signer
	clock *theirClock
}

// Sign moves the times of the claims, which are by our clock.
func (p punctual) Sign(claims jwt.Claims) (string, error) {
	if c, ok := claims.(*jwt.RegisteredClaims); ok {
		by := time.Until(p.clock.Now()).Round(time.Second)
		c.IssuedAt, c.ExpiresAt = jwt.NewNumericDate(c.IssuedAt.Add(by)), jwt.NewNumericDate(c.ExpiresAt.Add(by))
	}
	return p.Signer.Sign(claims)
}
