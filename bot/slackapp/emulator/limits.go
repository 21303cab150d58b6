package emulator

import (
	"net/http"
	"time"
)

const (
	burst       = 4               // messages a channel takes at once
	messageRate = time.Second     // then one in this time
	tierWindow  = 1 * time.Minute // what tiers count in
)

// limiter counts requests. It is off until EnforceRateLimits.
type limiter struct {
	on       bool
	channels map[string]time.Time   // when the channel's bucket is full again
	methods  map[string][]time.Time // requests in the window, by method
}

func newLimiter() limiter {
	return limiter{channels: map[string]time.Time{}, methods: map[string][]time.Time{}}
}

// EnforceRateLimits switches Slack's limits on or off: about a message a second and
// channel, and the tier of each method.
func (s *Slack) EnforceRateLimits(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = newLimiter()
	s.limits.on = on
}

// limit counts a request in, or says how long to wait.
func (s *Slack) limit(m method, p params) error {
	if !s.limits.on {
		return nil
	}
	now := s.clock()
	if m.name == "chat.postMessage" {
		id := p.get("channel")
		full := s.limits.channels[id]
		if full.Before(now) {
			full = now
		}
		if wait := full.Add(messageRate).Sub(now) - burst*messageRate; wait > 0 {
			return rateLimited(wait)
		}
		s.limits.channels[id] = full.Add(messageRate)
	}
	if m.tier == 0 {
		return nil
	}
	recent := s.limits.methods[m.name]
	for len(recent) > 0 && now.Sub(recent[0]) >= tierWindow {
		recent = recent[1:]
	}
	s.limits.methods[m.name] = recent
	if len(recent) >= m.tier {
		return rateLimited(tierWindow - now.Sub(recent[0]))
	}
	s.limits.methods[m.name] = append(recent, now)
	return nil
}

func rateLimited(after time.Duration) error {
	return &apiError{word: "ratelimited", status: http.StatusTooManyRequests, after: after}
}
