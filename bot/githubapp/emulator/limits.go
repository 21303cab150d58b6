package emulator

import (
	"net/http"
	"strconv"
	"time"
)

// Limits are GitHub's rate limits, each counted per installation or person. A
// zero field is not enforced.
type Limits struct {
	// PerHour is the primary limit, 5000 at GitHub.
	PerHour int
	// ContentPerMinute is the secondary limit on requests that create content
	// (checks, statuses, comments, pull requests), 80 at GitHub.
	ContentPerMinute int
}

// limiter counts requests. Windows are fixed and start with the first request.
type limiter struct {
	enforced Limits
	windows  map[string]*window
}

type window struct {
	primary      int
	primaryEnd   time.Time
	secondary    int
	secondaryEnd time.Time
}

func newLimiter() limiter { return limiter{windows: map[string]*window{}} }

// EnforceRateLimits switches rate limits on, or off again with no Limits, and
// forgets what was used. Off, the headers never say that nothing remains.
func (g *GitHub) EnforceRateLimits(l Limits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limits.enforced = l
	clear(g.limits.windows)
}

func (g *GitHub) window(who actor) *window {
	key, now := who.limitKey(), g.clock()
	w := g.limits.windows[key]
	if w == nil {
		w = &window{}
		g.limits.windows[key] = w
	}
	if !now.Before(w.primaryEnd) {
		w.primary, w.primaryEnd = 0, now.Add(time.Hour)
	}
	if !now.Before(w.secondaryEnd) {
		w.secondary, w.secondaryEnd = 0, now.Add(time.Minute)
	}
	return w
}

// limit counts a request and refuses it when a limit is reached.
func (g *GitHub) limit(c *call) error {
	w, enforced := g.window(c.actor), g.limits.enforced
	if c.endpoint.path() == "/rate_limit" {
		return nil
	}
	if enforced.PerHour > 0 && w.primary >= enforced.PerHour {
		return fail(http.StatusForbidden, "API rate limit exceeded for %s.", c.actor.limitKey())
	}
	w.primary++
	if !c.endpoint.content {
		return nil
	}
	if enforced.ContentPerMinute > 0 && w.secondary >= enforced.ContentPerMinute {
		wait := w.secondaryEnd.Sub(g.clock()).Truncate(time.Second) + time.Second
		return secondaryLimit(http.StatusForbidden, wait)
	}
	w.secondary++
	return nil
}

// secondaryDocs is how clients tell a secondary limit from a lack of rights.
const secondaryDocs = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"

func secondaryLimit(status int, wait time.Duration) error {
	return &apiError{
		status:  status,
		message: "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.",
		header:  http.Header{"Retry-After": {strconv.Itoa(int(wait / time.Second))}},
		docs:    secondaryDocs,
	}
}

// refund gives a request back: an answer 304 costs nothing. It takes the lock.
func (g *GitHub) refund(who actor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w := g.window(who); w.primary > 0 {
		w.primary--
	}
}

// limitHeaders takes the lock.
func (g *GitHub) limitHeaders(header http.Header, who actor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if header.Get("X-RateLimit-Limit") != "" {
		return
	}
	rate := g.rate(who)
	header.Set("X-RateLimit-Limit", strconv.Itoa(rate["limit"].(int)))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(rate["remaining"].(int)))
	header.Set("X-RateLimit-Used", strconv.Itoa(rate["used"].(int)))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(rate["reset"].(int64), 10))
	header.Set("X-RateLimit-Resource", "core")
}

func (g *GitHub) rate(who actor) object {
	w, limit := g.window(who), g.limits.enforced.PerHour
	floor := 0
	if limit == 0 {
		limit, floor = 5000, 1
	}
	remaining := max(limit-w.primary, floor)
	return object{"limit": limit, "remaining": remaining, "used": limit - remaining, "reset": w.primaryEnd.Unix()}
}
