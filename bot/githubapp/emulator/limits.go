package emulator

import (
	"cmp"
	"net/http"
	"strconv"
	"time"
)

// Limits are GitHub's rate limits, each counted per installation or person. A
// zero field is not enforced.
type Limits struct {
	// PerHour is the primary limit.
	PerHour int
	// ContentPerMinute and ContentPerHour are the secondary limits on requests that
	// create content: checks, statuses, comments, reactions, pull requests. Edits
	// do not count.
	ContentPerMinute, ContentPerHour int
	// PointsPerMinute is the secondary limit on all requests: a GET is one point, a
	// write five.
	PointsPerMinute int
	// Concurrent is how many requests may be under way at once.
	Concurrent int
	// Hour is the length of an hour of these limits, an hour when zero: a test
	// that cannot wait makes it shorter. A minute is a sixtieth of it.
	Hour time.Duration
	// Status is what refusals by a secondary limit are answered with: 403, which
	// it is when zero, or 429. GitHub uses both.
	Status int
}

// GitHubLimits are the numbers of github.com.
func GitHubLimits() Limits {
	return Limits{PerHour: 5000, ContentPerMinute: 80, ContentPerHour: 500, PointsPerMinute: 900, Concurrent: 100}
}

// Refusals counts the requests that a limit refused since it was switched on.
type Refusals struct{ Primary, Content, Points, Concurrent int }

// Total is how many there were in all.
func (r Refusals) Total() int { return r.Primary + r.Content + r.Points + r.Concurrent }

// limiter counts requests. Windows are fixed and start with the first request.
type limiter struct {
	enforced Limits
	refused  Refusals
	windows  map[string]*window
}

// window is what one installation or person has used.
type window struct {
	requests, contentOfHour int
	hourEnds                time.Time
	points, contentOfMinute int
	minuteEnds              time.Time
	underWay                int
}

func newLimiter() limiter { return limiter{windows: map[string]*window{}} }

// EnforceRateLimits switches rate limits on, or off again with no Limits, and
// forgets what was used and refused. Off, nothing is said about them, as an
// Enterprise Server does where the admin has not turned them on.
func (g *GitHub) EnforceRateLimits(l Limits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l.Hour, l.Status = cmp.Or(l.Hour, time.Hour), cmp.Or(l.Status, http.StatusForbidden)
	if l.PerHour+l.ContentPerMinute+l.ContentPerHour+l.PointsPerMinute+l.Concurrent == 0 {
		l = Limits{}
	}
	g.limits = newLimiter()
	g.limits.enforced = l
	g.touch()
}

// Refused tells how many requests the limits have refused.
func (g *GitHub) Refused() Refusals {
	return look(g, func(v *View) Refusals { return v.g.limits.refused })
}

func (g *GitHub) window(who actor) *window {
	key, now, hour := who.limitKey(), g.clock(), cmp.Or(g.limits.enforced.Hour, time.Hour)
	w := g.limits.windows[key]
	if w == nil {
		w = &window{}
		g.limits.windows[key] = w
	}
	if !now.Before(w.hourEnds) {
		w.requests, w.contentOfHour, w.hourEnds = 0, 0, now.Add(hour)
	}
	if !now.Before(w.minuteEnds) {
		w.points, w.contentOfMinute, w.minuteEnds = 0, 0, now.Add(hour/60)
	}
	return w
}

// limit counts a request, or refuses it when a limit is reached.
func (g *GitHub) limit(c *call) error {
	w, l := g.window(c.actor), g.limits.enforced
	if l == (Limits{}) || c.endpoint.path() == "/rate_limit" {
		return nil
	}
	points, content := 1, 0
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		points = 5
	}
	if c.endpoint.content {
		content = 1
	}
	over := func(limit, used int) bool { return limit > 0 && used > limit }
	refuse := func(count *int, until time.Time) error {
		*count++
		g.touch()
		return secondaryLimit(l.Status, until.Sub(g.clock()).Truncate(time.Second)+time.Second)
	}
	switch refused := &g.limits.refused; {
	case over(l.PerHour, w.requests+1):
		refused.Primary++
		g.touch()
		return fail(http.StatusForbidden, "API rate limit exceeded for %s.", c.actor.limitKey())
	case over(l.PointsPerMinute, w.points+points):
		return refuse(&refused.Points, w.minuteEnds)
	case over(l.ContentPerMinute, w.contentOfMinute+content) && content > 0:
		return refuse(&refused.Content, w.minuteEnds)
	case over(l.ContentPerHour, w.contentOfHour+content) && content > 0:
		return refuse(&refused.Content, w.hourEnds)
	}
	w.requests++
	w.points += points
	w.contentOfMinute += content
	w.contentOfHour += content
	return nil
}

// limitConcurrent refuses requests when too many of somebody are under way,
// trouble included.
func (g *GitHub) limitConcurrent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		who, _ := g.authenticate(r)
		used, l := g.window(who), g.limits.enforced
		used.underWay++
		refused := l.Concurrent > 0 && used.underWay > l.Concurrent
		if refused {
			g.limits.refused.Concurrent++
			g.touch()
		}
		g.mu.Unlock()
		defer func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			used.underWay--
		}()
		if refused {
			g.answer(w, r, who, failed(secondaryLimit(l.Status, time.Second)))
			return
		}
		next.ServeHTTP(w, r)
	})
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
	if w := g.window(who); w.requests > 0 {
		w.requests--
	}
}

// limitHeaders takes the lock.
func (g *GitHub) limitHeaders(header http.Header, who actor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if header.Get("X-RateLimit-Limit") != "" || g.limits.enforced == (Limits{}) {
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
	remaining := max(limit-w.requests, floor)
	reset := w.hourEnds.Add(time.Second - 1).Unix() // never before the end
	return object{"limit": limit, "remaining": remaining, "used": limit - remaining, "reset": reset}
}
