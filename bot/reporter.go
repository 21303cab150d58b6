package bot

import (
	"context"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	reportersAtOnce = 16
	// repositoryAtOnce is how many hands one repository may take: if it hangs, the
	// others must not wait.
	repositoryAtOnce = 12
	// progressEvery is how often progress of one check is shown; ends and gates
	// are shown at once.
	progressEvery = 5 * time.Second
	// lastReports is how long what is being sent may take after the end was
	// told; what is cut off is sent by the next process.
	lastReports = 5 * time.Second
)

// Reporter closes the difference between what a forge shows of our runs and what
// is true. It looks at what should be shown now, not at what happened: whatever
// was missed in between needs no telling. What cannot be sent yet waits as a row,
// and the most urgent goes first.
type Reporter struct {
	bot   *Bot
	hands sync.WaitGroup
	slots chan struct{} // one is held by each hand

	mu      sync.Mutex
	entries map[string]*entry // runs that have something to show, by id
	shown   map[pipeline.ReportKey]shown
	unsure  map[string]bool             // runs of which something may have been made without our knowing
	taken   map[pipeline.ReportKey]bool // what runs show together, and a hand is showing
	refused map[int64][]string          // what the log has said about repositories with trouble
	began   time.Time
}

// shown is what was last sent for a row by this process.
type shown struct {
	execution string
	state     string // the part that must not wait
	at        time.Time
}

// NewReporter makes a reporter.
func (b *Bot) NewReporter() *Reporter {
	return &Reporter{
		bot: b, slots: make(chan struct{}, reportersAtOnce), entries: map[string]*entry{},
		shown: map[pipeline.ReportKey]shown{}, refused: map[int64][]string{}, unsure: map[string]bool{}, taken: map[pipeline.ReportKey]bool{}, began: b.Now(),
	}
}

// Run reports until ctx ends, then waits a few seconds for what is being sent.
func (r *Reporter) Run(ctx context.Context) error {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		timer := time.AfterFunc(lastReports, cut)
		r.hands.Wait()
		timer.Stop()
		cut()
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next := r.round(ctx, sending)
		if next > 0 {
			timer.Reset(next)
		} else {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-r.bot.again.nudge:
		case <-r.bot.Store.Changed():
		}
	}
}

// round starts hands for the runs that are due, the most urgent first, and
// returns how long until the next one is; 0 means that nothing waits for its
// time. What the hands send goes on under the context sending.
func (r *Reporter) round(ctx, sending context.Context) time.Duration {
	free := cap(r.slots) - len(r.slots)
	if free == 0 {
		return 0 // a hand that gets free looks again
	}
	r.mu.Lock()
	known := len(r.entries) // busy, or waiting for their time
	r.mu.Unlock()
	list, err := r.bot.Store.Unreported(ctx, free+known)
	if err != nil {
		if ctx.Err() == nil {
			r.bot.Logger.Error("reports: what is to be shown cannot be read", "error", err)
		}
		return time.Second
	}
	runs, refused := r.bot.again.take()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.takeOn(list, runs, refused)
	due, next := r.due()
	for _, e := range due {
		select {
		case r.slots <- struct{}{}:
		default:
			return next // a hand that gets free looks again
		}
		e.busy, e.again, e.seen = true, false, e.rev
		r.hands.Go(func() {
			r.report(sending, e)
			<-r.slots
			r.bot.again.wake()
		})
	}
	return next
}

// report shows one run as it is now, and notes that it did.
func (r *Reporter) report(ctx context.Context, e *entry) {
	run, rev, err := r.bot.Store.Execution(ctx, e.repositoryID, e.id)
	if err != nil && pipeline.KindOf(err) == pipeline.NotFound {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.entries, e.id) // pruned
		return
	}
	var left leftover
	if err == nil {
		left, err = r.show(ctx, run)
	}
	gone := e.refused && r.isGone(ctx, err) // it may have been too new the first time
	if gone || err == nil && left.until.IsZero() {
		if noted := r.bot.Store.MarkReported(ctx, e.repositoryID, e.id, rev); noted != nil {
			err, gone = noted, false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.busy, e.rev = false, max(e.rev, rev)
	if run != nil {
		e.installation, e.sha = run.Repository.Installation, run.Revision.SHA
	}
	switch {
	case gone:
		r.sayOnce(e, "the repository is out of reach for good: its reports end", err)
	case err != nil:
		r.unsure[e.id] = true
		r.failed(e, err, left.refused)
		return
	case !left.until.IsZero():
		e.again, e.seen, e.failures, e.refused = true, rev, 0, false
		e.notUntil, e.class = left.until, left.class
		return
	default:
		delete(r.refused, e.repositoryID)
		delete(r.unsure, e.id)
	}
	if e.again { // somebody asked for another look meanwhile
		e.seen, e.failures, e.refused, e.notUntil = rev, 0, false, time.Time{}
		return
	}
	delete(r.entries, e.id)
	if run.Status.Ended() {
		r.forget(run)
	}
}

// forget drops what was kept to pace the rows of a run that has ended.
func (r *Reporter) forget(run *pipeline.Execution) {
	for key, s := range r.shown {
		if s.execution == run.ID {
			delete(r.shown, key)
		}
	}
}

// leftover is what a look at a run could not show yet: when to look again, zero
// for never, and how urgent the most urgent of it is.
type leftover struct {
	until   time.Time
	class   githubapp.Class
	refused bool // GitHub said no to something
}

// add notes something more that has to wait.
func (l *leftover) add(until time.Time, class githubapp.Class) {
	if l.until.IsZero() || class < l.class {
		l.class = class
	}
	l.until = earlier(l.until, until)
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
