package githubapp

import (
	"cmp"
	"slices"
	"time"
)

// Budget is what is known of the limits of one installation, for metrics and
// doctors.
type Budget struct {
	Installation int64 // 0: the app itself, which asks for tokens
	Known        bool  // GitHub has said Limit, Remaining and Reset
	Limit        int   // requests in an hour
	Remaining    int   // of them, until Reset
	Reset        time.Time
	Blocked      time.Time // nothing is sent before; zero or past: no limit was hit
	// Since the start of this process: requests sent, those that GitHub answered
	// with "not modified" (which cost nothing), those that it refused because of a
	// limit, and those held back here before they were sent, by their class.
	Requests, NotModified, Refused uint64
	Held                           [classes]uint64
}

// Budgets tells what is known of the limits of every installation that was asked
// for since the start, by installation. It asks nothing.
func (a *App) Budgets() []Budget {
	a.mu.Lock()
	all := map[int64]*limits{0: a.limits}
	for id, i := range a.installations {
		all[id] = i.limits
	}
	a.mu.Unlock()
	list := make([]Budget, 0, len(all))
	for id, l := range all {
		list = append(list, l.budget(id))
	}
	slices.SortFunc(list, func(a, b Budget) int { return cmp.Compare(a.Installation, b.Installation) })
	return list
}

func (l *limits) budget(installation int64) Budget {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Budget{
		Installation: installation, Known: l.known, Limit: l.limit, Remaining: l.remaining, Reset: l.reset, Blocked: l.blocked,
		Requests: l.counts.requests, NotModified: l.counts.notModified, Refused: l.counts.refused, Held: l.counts.held,
	}
}

// Wait tells how long a report of a class about this installation would be held
// back now; 0: it may go. The answer may have changed when the report is sent,
// and the call then says so itself.
func (a *App) Wait(installation int64, class Class) time.Duration {
	a.mu.Lock()
	i := a.installations[installation]
	a.mu.Unlock()
	if i == nil {
		return 0
	}
	i.limits.mu.Lock()
	defer i.limits.mu.Unlock()
	wait, _ := i.limits.wait(i.limits.now(), class, class.report())
	return wait
}
