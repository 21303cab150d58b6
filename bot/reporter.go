package bot

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	reportersAtOnce = 16
	// progressEvery is how often progress of one check is shown; ends and gates
	// are shown at once.
	progressEvery = 5 * time.Second
	maxReportWait = time.Minute
	// lastReports is how long what is being sent may take after the end was
	// told; what is cut off is sent by the next process.
	lastReports = 5 * time.Second
)

// Reporter closes the difference between what a forge shows of our runs and what
// is true. It looks at what should be shown now, not at what happened: whatever
// was missed in between needs no telling.
type Reporter struct {
	bot *Bot

	mu      sync.Mutex
	entries map[string]*entry // runs that have something to show, by id
	shown   map[pipeline.ReportKey]shown
	began   time.Time
	hands   sync.WaitGroup
}

// entry is a run that is being reported or waits for it.
type entry struct {
	busy     bool
	notUntil time.Time
	// putOff is the revision at which only progress was left to show: whatever
	// comes after it does not wait.
	putOff   int64
	failures int
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
		bot: b, entries: map[string]*entry{}, shown: map[pipeline.ReportKey]shown{},
		began: b.Now(),
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
	slots := make(chan struct{}, reportersAtOnce)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next := r.round(ctx, sending, slots)
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

// round starts a hand for every run that is due, and returns how long until the
// next one is; 0 means that nothing waits for its time. What the hands send goes
// on under the context sending.
func (r *Reporter) round(ctx, sending context.Context, slots chan struct{}) time.Duration {
	free := cap(slots) - len(slots)
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
	for id, repositoryID := range r.bot.again.take() {
		run, rev, err := r.bot.Store.Execution(ctx, repositoryID, id)
		if err == nil {
			list = append(list, Unreported{run, rev})
		}
		r.mu.Lock()
		if e := r.entries[id]; e != nil {
			e.notUntil = time.Time{}
		}
		r.mu.Unlock()
	}
	now := r.bot.Now()
	var next time.Duration
	for _, item := range list {
		r.mu.Lock()
		e := r.entries[item.Execution.ID]
		if e == nil {
			e = &entry{}
			r.entries[item.Execution.ID] = e
		}
		if e.failures == 0 && item.Rev > e.putOff {
			e.notUntil = time.Time{}
		}
		wait := e.notUntil.Sub(now)
		ready := !e.busy && wait <= 0
		if ready {
			select {
			case slots <- struct{}{}:
				e.busy = true
			default: // a hand that gets free looks again
				ready = false
			}
		}
		busy := e.busy
		r.mu.Unlock()
		switch {
		case ready:
			r.hands.Add(1)
			go func() {
				defer r.hands.Done()
				r.report(sending, item)
				<-slots
				r.bot.again.wake()
			}()
		case !busy && wait > 0 && (next == 0 || wait < next):
			next = wait
		}
	}
	return next
}

// againList holds runs to look at anew although they have not changed.
type againList struct {
	mu    sync.Mutex
	runs  map[string]int64 // repository id by run id
	nudge chan struct{}
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

func (l *againList) wake() {
	select {
	case l.nudge <- struct{}{}:
	default:
	}
}

// take empties the list.
func (l *againList) take() map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	runs := l.runs
	l.runs = nil
	return runs
}

// report shows one run as it was read, and notes that it did.
func (r *Reporter) report(ctx context.Context, item Unreported) {
	again, err := r.show(ctx, item.Execution)
	if err == nil && again.IsZero() {
		err = r.bot.Store.MarkReported(ctx, item.Execution.Repository.ID, item.Execution.ID, item.Rev)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entries[item.Execution.ID]
	e.busy = false
	switch {
	case err != nil:
		e.failures++
		e.notUntil = r.bot.Now().Add(reportBackOff(e.failures, err))
		r.bot.Logger.Warn("report will be tried again", "execution", item.Execution.ID, "failures", e.failures, "error", err)
	case !again.IsZero():
		e.failures, e.notUntil, e.putOff = 0, again, item.Rev
	default:
		delete(r.entries, item.Execution.ID)
		if item.Execution.Status.Ended() {
			r.forget(item.Execution)
		}
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

func reportBackOff(failures int, err error) time.Duration {
	delay := min(250*time.Millisecond<<min(failures-1, 16), maxReportWait)
	delay += time.Duration(rand.Int64N(int64(delay)/4 + 1))
	if after, ok := githubapp.RetryAfter(err); ok && after > delay {
		return after
	}
	return delay
}

// show sends what differs from what the forge shows of a run. again is when to
// look anew because something was put off.
func (r *Reporter) show(ctx context.Context, run *pipeline.Execution) (again time.Time, err error) {
	items, lookAgain, err := r.bot.wanted(ctx, run)
	if err != nil {
		return time.Time{}, err
	}
	again = lookAgain
	rows := map[pipeline.ReportKey]pipeline.Report{}
	subjects := map[string]bool{}
	for _, item := range items {
		subjects[item.key.Subject] = true
	}
	for subject := range subjects {
		list, err := r.bot.Store.Reports(ctx, run.Repository.Host, run.Repository.ID, subject)
		if err != nil {
			return time.Time{}, err
		}
		for _, row := range list {
			rows[row.Key] = row
		}
	}
	var failed error
	for _, item := range items {
		row, exists := rows[item.key]
		if exists && row.Execution != run.ID && ownedByNewer(row, run) || row.Execution == run.ID && row.Hash == item.hash {
			continue
		}
		if until := r.putOff(item); !until.IsZero() {
			again = earlier(again, until)
			continue
		}
		if err := r.send(ctx, run, item, row); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return again, failed
}

// ownedByNewer reports whether a row belongs to a run that is newer than this
// one: in the order of the ref within a lane, in the order of numbers otherwise.
func ownedByNewer(row pipeline.Report, run *pipeline.Execution) bool {
	if row.Execution == "" {
		return false
	}
	if row.Lane == run.Lane && row.Position != run.Position {
		return row.Position > run.Position
	}
	return row.Number > run.Number
}

// putOff says until when an item can wait: progress is shown now and then.
func (r *Reporter) putOff(item item) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.shown[item.key]
	if !ok || last.execution != item.execution || last.state != item.state {
		return time.Time{}
	}
	if until := last.at.Add(progressEvery); until.After(r.bot.Now()) {
		return until
	}
	return time.Time{}
}

// send makes one thing show what it should, and notes it in its row. What the
// forge refuses for good is noted too: asking again would not change its mind.
func (r *Reporter) send(ctx context.Context, run *pipeline.Execution, item item, row pipeline.Report) error {
	mine := row.Execution == run.ID && row.ExternalID != 0
	// After a crash or a lost reply it may be there without our knowing.
	unsure := !mine && (run.CreatedAt.Before(r.began) || r.hasFailed(run.ID))
	made, err := item.send(ctx, row, mine, unsure)
	switch pipeline.KindOf(err) {
	case pipeline.Invalid:
		r.bot.Logger.Error("GitHub refuses a report", "execution", run.ID, "name", item.key.Name, "error", err)
	default:
		if err != nil {
			return err
		}
	}
	r.mu.Lock()
	r.shown[item.key] = shown{run.ID, item.state, r.bot.Now()}
	r.mu.Unlock()
	report := pipeline.Report{
		Key: item.key, Execution: run.ID, Lane: run.Lane, Position: run.Position, Number: run.Number,
		Hash: item.hash, ExternalID: made.id, ShownAt: made.at, UpdatedAt: r.bot.Now(),
	}
	if mine {
		report.ExternalID, report.ShownAt = row.ExternalID, row.ShownAt
		if made.id != 0 && made.id != row.ExternalID { // somebody had deleted it
			report.ExternalID, report.ShownAt = made.id, made.at
		}
	}
	return r.bot.Store.SaveReport(ctx, report)
}

func (r *Reporter) hasFailed(executionID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entries[executionID]
	return e != nil && e.failures > 0
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
