package emulator

import (
	"cmp"
	"fmt"
	"time"
)

// state is everything the emulator remembers. Slack.mu guards it.
type state struct {
	lastID int64 // one sequence for all kinds: a mixed-up id never fits by chance
	lastTS int64 // of the newest message, in microseconds

	team     Team
	users    []*user
	channels []*channel // direct messages too
	app      app
	tokens   map[string]*token

	messages  map[string][]*message // by channel, oldest first
	triggers  map[string]*trigger
	responses map[string]*responseURL
	views     map[string][]*view // open ones by user, the top one last

	sockets []*socket // connected, oldest first
	tickets map[string]bool
	turn    int // whose turn among the sockets it is
	pending map[string]*pending

	calls      []Call
	injections []injection
	limits     limiter
	down       bool
	seen       map[string]string // by user: what went wrong at their last act, for the page
}

func newState(t Team) state {
	t.ID = cmp.Or(t.ID, "T0PENSTOCK")
	t.Name = cmp.Or(t.Name, "Octocats")
	t.Domain = cmp.Or(t.Domain, "octocats")
	return state{
		lastID:    1000,
		team:      t,
		tokens:    map[string]*token{},
		messages:  map[string][]*message{},
		triggers:  map[string]*trigger{},
		responses: map[string]*responseURL{},
		views:     map[string][]*view{},
		tickets:   map[string]bool{},
		pending:   map[string]*pending{},
		limits:    newLimiter(),
		seen:      map[string]string{},
	}
}

// nextID makes an id such as C0000001001: increasing, never used twice.
func (s *Slack) nextID(prefix string) string {
	s.lastID++
	return fmt.Sprintf("%s%010d", prefix, s.lastID)
}

// nextTS dates a message: by the clock, and never the same twice.
func (s *Slack) nextTS() string {
	s.lastTS = max(s.lastTS+1, s.clock().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// touch wakes everyone in Await. Call it after every change of state.
func (s *Slack) touch() {
	s.mu.Touch()
}

// Changed answers a channel that is closed at the next change of state.
func (s *Slack) Changed() <-chan struct{} { return s.mu.Changed() }

// Call is one request to the Web API, for tests that count and measure.
type Call struct {
	Method, Channel, TS string
	// Error is Slack's word for what was wrong, "" for success.
	Error string
	// At is when its effect stood, in real time.
	At time.Time
}
