package githubapp

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// rate is what an answer says about the hour's requests.
type rate struct {
	limit, remaining int
	reset            time.Time // by our clock
}

// readRate reads x-ratelimit-*. Other resources than the core have limits of
// their own, and we ask none.
func readRate(h http.Header, now time.Time) (rate, bool) {
	if resource := h.Get("X-RateLimit-Resource"); resource != "" && resource != "core" {
		return rate{}, false
	}
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil {
		return rate{}, false
	}
	seconds, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return rate{}, false
	}
	limit, _ := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	r := rate{limit: max(limit, remaining), remaining: remaining, reset: time.Unix(seconds, 0)}
	if date, err := http.ParseTime(h.Get("Date")); err == nil { // then our clock need not agree with GitHub's
		r.reset = now.Add(r.reset.Sub(date))
	}
	return r, true
}

// readRetryAfter reads Retry-After, in seconds or as a date.
func readRetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 {
		return min(maxWait, time.Duration(min(seconds, 1<<20))*time.Second), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(maxWait, max(0, at.Sub(now))), true
	}
	return 0, false
}

// isSecondary tells a secondary limit from a missing permission, both of which
// are 403.
func isSecondary(body []byte) bool {
	return bytes.Contains(body, []byte("secondary rate limit")) ||
		bytes.Contains(body, []byte("secondary-rate-limits")) ||
		bytes.Contains(body, []byte("#abuse-rate-limits"))
}
