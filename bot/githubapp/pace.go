package githubapp

import (
	"net/http"
	"strings"
	"time"
)

// Rate is so much within so long.
type Rate struct {
	Count int
	Per   time.Duration
}

// Pace is how fast an installation's calls may follow each other where GitHub
// limits them. It says nothing in its answers about these limits.
type Pace struct {
	// Content limits the calls that create something people see: checks, statuses,
	// comments, reactions. Edits do not count. GitHub's documentation is not clear
	// about checks and statuses; counting them too is the safe reading. The first is
	// that of the shortest time.
	Content []Rate
	// Points limits all calls: one that reads is one point, one that writes five.
	Points []Rate
}

// DefaultPace is what github.com documents.
func DefaultPace() Pace {
	return Pace{
		Content: []Rate{{80, time.Minute}, {500, time.Hour}},
		Points:  []Rate{{900, time.Minute}},
	}
}

// cost is what a call takes of a pace.
type cost struct{ points, content int }

func costOf(r *http.Request) cost {
	c := cost{points: 1}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		c.points = 5
	}
	if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/repositories/") {
		c.content = 1
	}
	return c
}

// report is the cost of reporting something of a class: ends and starts are new
// statuses or checks, progress changes what is there.
func (c Class) report() cost {
	if c == Progress {
		return cost{points: 5}
	}
	return cost{points: 5, content: 1}
}

// pacer keeps calls within a pace.
type pacer struct {
	content, points []*meter
	latest          time.Time // when the latest content was let through
}

func newPacer(p Pace) *pacer {
	meters := func(rates []Rate) (list []*meter) {
		for _, r := range rates {
			list = append(list, &meter{limit: r.Count, length: r.Per})
		}
		return list
	}
	return &pacer{content: meters(p.Content), points: meters(p.Points)}
}

// wait is how long a call has to wait; 0: it may go.
//
// Half of what may be created within a minute may go at once. The other half
// goes a second (a sixtieth of the first rate's time) apart, as GitHub asks those
// to do who create much; only what is urgent does not wait for that.
func (p *pacer) wait(now time.Time, class Class, c cost) time.Duration {
	var wait time.Duration
	for _, m := range p.points {
		wait = max(wait, m.wait(now, c.points, class.reserve(m.limit)))
	}
	if c.content == 0 {
		return wait
	}
	for i, m := range p.content {
		wait = max(wait, m.wait(now, c.content, class.reserve(m.limit)))
		if i == 0 && class != Urgent && m.used(now) >= m.limit/2 {
			wait = max(wait, p.latest.Add(m.length/60).Sub(now))
		}
	}
	return wait
}

func (p *pacer) begin(now time.Time, c cost) {
	for _, m := range p.points {
		m.begin(c.points)
	}
	if c.content == 0 {
		return
	}
	for _, m := range p.content {
		m.begin(c.content)
	}
	p.latest = now
}

func (p *pacer) end(now time.Time, c cost) {
	for _, m := range p.points {
		m.end(now, c.points)
	}
	if c.content == 0 {
		return
	}
	for _, m := range p.content {
		m.end(now, c.content)
	}
}
