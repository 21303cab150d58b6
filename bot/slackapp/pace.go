package slackapp

import (
	"time"
)

// The methods that we call, by Slack's names.
const (
	methodAuth      = "auth.test"
	methodPost      = "chat.postMessage"
	methodUpdate    = "chat.update"
	methodEphemeral = "chat.postEphemeral"
	methodOpen      = "conversations.open"
	methodChannel   = "conversations.info"
	methodUser      = "users.info"
	methodModal     = "views.open"
	methodSocket    = "apps.connections.open"
	methodResponse  = "response_url" // no method of Slack's API, but limited like one
)

// rate is how fast calls may follow each other: burst at once after a pause, and
// then one each interval.
type rate struct {
	burst    int
	interval time.Duration
}

// ratesOf are the limits that a call is held to. Slack's tiers count per minute:
// the burst and what follows within a minute stay below together. Of posts it says
// one a second per channel, and several hundred a minute for the workspace.
func ratesOf(c call) map[place]rate {
	all := place{c.method, ""}
	switch c.method {
	case methodPost:
		return map[place]rate{
			all:                   {burst: 60, interval: time.Minute / 240},
			{c.method, c.channel}: {burst: 3, interval: time.Second},
		}
	case methodUpdate, methodOpen, methodChannel: // tier 3: 50
		return map[place]rate{all: {burst: 10, interval: time.Minute / 40}}
	case methodUser: // tier 4: 100
		return map[place]rate{all: {burst: 20, interval: time.Minute / 80}}
	}
	return nil
}

// bucket lets calls through at a rate. It holds how much time of waiting is owed.
type bucket struct {
	rate rate
	// even is when nothing is owed any more: each call moves it by an interval.
	even time.Time
}

func newBucket(r rate, now time.Time) *bucket { return &bucket{rate: r, even: now} }

// wait is how long until a call may go; 0: now.
func (b *bucket) wait(now time.Time) time.Duration {
	owed := b.even.Sub(now)
	return max(0, owed-time.Duration(b.rate.burst-1)*b.rate.interval)
}

func (b *bucket) take(now time.Time) {
	if b.even.Before(now) {
		b.even = now
	}
	b.even = b.even.Add(b.rate.interval)
}

func (b *bucket) full(now time.Time) bool { return !b.even.After(now) }
