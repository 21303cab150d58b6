package bot

import "time"

// perMessage is how often Slack takes a message of ours in a channel.
const perMessage = time.Second

// waiting is a run that has something to say which cannot go yet.
type waiting struct {
	until    time.Time
	rev      int64 // as of which it waits: what is new does not
	asks     bool  // it waits in the line of those that ask people
	failures int   // in a row
}

// line is where runs wait for a channel: those that ask people have their own, for they
// go first.
type line struct {
	channel string
	asks    bool
}

// putOff has a run wait that Slack does not take everything of yet, in the lines of the
// channels that hold it up, and returns how long: until its first turn, so that a long
// line costs nothing. It keeps its place if it has one.
func (m *Messenger) putOff(id string, rev int64, held map[string]time.Duration, asks bool) time.Duration {
	now := m.bot.Now()
	before, waits := m.waiting[id]
	keeps := waits && before.failures == 0 && before.asks == asks
	first := time.Time{}
	for channel, after := range held {
		at, next := line{channel, asks}, now.Add(max(after, time.Millisecond))
		if keeps && before.until.After(next) {
			next = before.until
		}
		if !keeps {
			if last := m.lines[at].Add(perMessage); last.After(next) {
				next = last
			}
			m.lines[at] = next
		}
		first = earlier(first, next)
	}
	m.waiting[id] = waiting{until: first, rev: rev, asks: asks}
	return first.Sub(now)
}

// failed has a run wait of which something cannot be said now: others are told first.
func (m *Messenger) failed(id string, rev int64) time.Duration {
	failures := m.waiting[id].failures + 1
	wait := min(slackPause<<min(failures, 10), slackLongest)
	m.waiting[id] = waiting{until: m.bot.Now().Add(wait), rev: rev, failures: failures}
	return wait
}
