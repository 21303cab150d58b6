package bot

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
)

// entry is a run that is being reported or waits for it.
type entry struct {
	id           string
	repositoryID int64
	sha          string // empty before it is known
	installation int64  // 0 before the first look
	line         int    // its place among those that wait
	listed       bool   // it has changed since it was reported
	again        bool   // it is to be looked at although it may not have changed
	busy         bool

	rev      int64 // newest known
	seen     int64 // at the last look
	class    githubapp.Class
	notUntil time.Time

	failures int
	refused  bool // the last one for want of a right
}

// takeOn brings the entries up to date with the list of changed runs, and with
// those that are to be looked at again.
func (r *Reporter) takeOn(list []Unreported, again map[string]int64, refused bool) {
	for _, e := range r.entries {
		e.listed = false
		if refused && e.refused {
			e.notUntil = time.Time{}
		}
	}
	for id, repositoryID := range again {
		e := r.entry(id, repositoryID)
		e.again, e.notUntil = true, time.Time{}
	}
	for line, u := range list {
		e := r.entry(u.ID, u.RepositoryID)
		e.sha = u.SHA
		e.listed, e.line, e.rev = true, line, max(e.rev, u.Rev)
		if e.rev > e.seen && e.failures == 0 { // whatever is new does not wait for what was left
			e.notUntil, e.class = time.Time{}, githubapp.Start
			if u.Ended || u.Gates > 0 {
				e.class = githubapp.End
			}
		}
	}
}

func (r *Reporter) entry(id string, repositoryID int64) *entry {
	e := r.entries[id]
	if e == nil {
		e = &entry{id: id, repositoryID: repositoryID}
		r.entries[id] = e
	}
	return e
}

// due lists the entries whose time has come, the most urgent first and then the
// longest waiting, and tells how long until the next one's; 0 for never.
func (r *Reporter) due() (due []*entry, next time.Duration) {
	now := r.bot.Now()
	busy, commits := map[int64]int{}, map[string]bool{} // by repository; what is being shown
	for _, e := range r.entries {
		if e.busy {
			busy[e.repositoryID]++
			commits[e.sha] = true
		}
	}
	for id, e := range r.entries {
		if e.busy {
			continue
		}
		if !e.listed && !e.again {
			delete(r.entries, id) // somebody else has noted it
			continue
		}
		wait := e.notUntil.Sub(now)
		if wait <= 0 && e.seen == e.rev && e.installation != 0 {
			wait = r.bot.Forge.Wait(e.installation, e.class)
		}
		switch {
		case wait > 0:
			if next == 0 || wait < next {
				next = wait
			}
		default:
			due = append(due, e)
		}
	}
	slices.SortFunc(due, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.line, b.line), cmp.Compare(a.id, b.id))
	})
	due = slices.DeleteFunc(due, func(e *entry) bool { // a hand that gets free looks again
		if e.sha != "" && commits[e.sha] {
			return true // two runs of a commit share its status: one hand at a time
		}
		commits[e.sha] = true
		busy[e.repositoryID]++
		return busy[e.repositoryID] > repositoryAtOnce
	})
	return due, next
}

// againList holds runs to look at anew although they have not changed.
type againList struct {
	mu      sync.Mutex
	runs    map[string]int64 // repository id by run id
	refused bool
	nudge   chan struct{}
}

func (l *againList) add(repositoryID int64, executionID string) {
	l.mu.Lock()
	if l.runs == nil {
		l.runs = map[string]int64{}
	}
	l.runs[executionID] = repositoryID
	l.mu.Unlock()
	l.wake()
}

// addRefused makes whatever GitHub has refused for want of a right be tried again.
func (l *againList) addRefused() {
	l.mu.Lock()
	l.refused = true
	l.mu.Unlock()
	l.wake()
}

func (l *againList) wake() {
	select {
	case l.nudge <- struct{}{}:
	default:
	}
}

// take empties the list. refused: see addRefused.
func (l *againList) take() (runs map[string]int64, refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	runs, refused = l.runs, l.refused
	l.runs, l.refused = nil, false
	return runs, refused
}
