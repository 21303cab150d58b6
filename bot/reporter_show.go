package bot

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// show sends what differs from what the forge shows of a run, the most urgent
// first, and tells what has to wait.
func (r *Reporter) show(ctx context.Context, run *pipeline.Execution) (left leftover, err error) {
	items, lookAgain, err := r.bot.wanted(githubapp.WithClass(ctx, githubapp.End), run)
	switch {
	case calls.NotSent(err):
		left.add(r.whenSent(err), githubapp.End)
		return left, nil
	case err != nil:
		left.refused = pipeline.KindOf(err) == pipeline.Forbidden
		return left, err
	case !lookAgain.IsZero():
		left.add(lookAgain, githubapp.End)
	}
	todo, err := r.differing(ctx, run, items)
	if err != nil {
		return left, err
	}
	for _, d := range todo {
		if d.class == githubapp.Progress {
			if until := r.shownLately(d.item); !until.IsZero() {
				left.add(until, d.class)
				continue
			}
		}
		if until := r.settled(run, d); !until.IsZero() {
			left.add(until, d.class)
			continue
		}
		send := r.send
		if d.shared() {
			send = r.sendShared
		}
		err := send(githubapp.WithClass(ctx, d.class), run, d)
		switch {
		case err == errTaken:
			left.add(r.bot.Now().Add(stickyAgain), d.class)
		case calls.NotSent(err):
			left.add(r.whenSent(err), d.class)
		case err != nil: // the others would hardly fare better
			left.refused = isRefusal(err)
			return left, err
		}
	}
	return left, nil
}

// settleFor is how long after the start nothing is made anew of runs that were
// there before: what the process before us was just sending may still arrive, and
// would not be found yet.
const settleFor = time.Second

// settled says until when it is too early to make what may be there already.
func (r *Reporter) settled(run *pipeline.Execution, d difference) time.Time {
	until := r.began.Add(settleFor)
	if d.mine || !d.shared() && !r.fromBefore(run) || !r.bot.Now().Before(until) {
		return time.Time{}
	}
	return until
}

// fromBefore reports whether a run may have been shown by the process before us. One
// from the future was: the clock has been set back since.
func (r *Reporter) fromBefore(run *pipeline.Execution) bool {
	return run.CreatedAt.Before(r.began) || run.CreatedAt.After(r.bot.Now())
}

// whenSent is when something can go that was held back.
func (r *Reporter) whenSent(err error) time.Time {
	after, _ := calls.RetryAfter(err)
	return r.bot.Now().Add(after)
}

// difference is an item that is not shown as it should be, with its row.
type difference struct {
	item
	row   pipeline.Report
	mine  bool // the row shows this run already
	class githubapp.Class
}

// differing picks the items that have to be sent, the most urgent first.
func (r *Reporter) differing(ctx context.Context, run *pipeline.Execution, items []item) ([]difference, error) {
	rows := map[pipeline.ReportKey]pipeline.Report{}
	subjects := map[string]bool{}
	for _, item := range items {
		subjects[item.key.Subject] = true
	}
	for subject := range subjects {
		list, err := r.bot.Store.Reports(ctx, run.Repository.Host, run.Repository.ID, subject)
		if err != nil {
			return nil, err
		}
		for _, row := range list {
			rows[row.Key] = row
		}
	}
	var todo []difference
	for _, item := range items {
		row, exists := rows[item.key]
		mine := row.Execution == run.ID || item.shared()
		if exists && !mine && ownedByNewer(row, run) || mine && row.Hash == item.hash {
			continue
		}
		d := difference{item: item, row: row, mine: mine && row.ExternalID != 0}
		d.class = r.classOf(d)
		todo = append(todo, d)
	}
	slices.SortStableFunc(todo, func(a, b difference) int { return cmp.Compare(a.class, b.class) })
	return todo, nil
}

// classOf is how urgent it is to show something.
func (r *Reporter) classOf(d difference) githubapp.Class {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.shown[d.key]
	switch {
	case d.urgent:
		return githubapp.End
	case ok && (last.execution == d.execution || d.shared()) && last.state == d.state:
		return githubapp.Progress
	}
	return githubapp.Start
}

// ownedByNewer reports whether a row belongs to a run that is newer than this
// one: in the order of the ref within a lane, in the order of numbers otherwise.
func ownedByNewer(row pipeline.Report, run *pipeline.Execution) bool {
	if row.Execution == "" {
		return false
	}
	if mine := rank(run); mine == 0 && row.Number != 0 || mine != 0 && row.Number == 0 {
		return mine == 0
	}
	if row.Lane == run.Lane && row.Position != run.Position {
		return row.Position > run.Position
	}
	return row.Number > rank(run)
}

// rank is a run's number, by which runs of one commit in different lanes are
// ordered. One that was superseded before it began anything ranks below all
// others, whenever it came in: it has nothing to show that they have not.
func rank(run *pipeline.Execution) int64 {
	began := slices.ContainsFunc(run.Stages, func(s pipeline.StageExecution) bool { return s.Status != "" })
	if run.Status == pipeline.ExecutionSuperseded && !began {
		return 0
	}
	return run.Number
}

// shownLately says until when progress can wait: it is shown now and then.
func (r *Reporter) shownLately(item item) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if until := r.shown[item.key].at.Add(progressEvery); until.After(r.bot.Now()) {
		return until
	}
	return time.Time{}
}

// send makes one thing show what it should, and notes it in its row. What the
// forge refuses for good is noted too: asking again would not change its mind.
func (r *Reporter) send(ctx context.Context, run *pipeline.Execution, d difference) error {
	// After a crash or a lost reply it may be there without our knowing. Of what runs
	// show together, any of them may have made it.
	unsure := !d.mine && (d.shared() || r.fromBefore(run) || r.hasFailed(run.ID))
	if err := r.intend(ctx, run, d); err != nil {
		return err
	}
	made, err := d.send(ctx, d.row, d.mine, unsure)
	if err != nil && pipeline.KindOf(err) != pipeline.Invalid {
		return err
	}
	if err != nil {
		r.bot.Logger.Error("GitHub refuses a report", "execution", run.ID, "name", d.key.Name, "error", err)
	}
	r.mu.Lock()
	r.shown[d.key] = shown{run.ID, d.state, r.bot.Now()}
	r.mu.Unlock()
	report := pipeline.Report{
		Key: d.key, Execution: run.ID, Lane: run.Lane, Position: run.Position, Number: rank(run),
		Hash: d.hash, ExternalID: made.id, ShownAt: made.at, UpdatedAt: r.bot.Now(),
	}
	if d.mine {
		report.ExternalID, report.ShownAt = d.row.ExternalID, d.row.ShownAt
		if made.id != 0 && made.id != d.row.ExternalID { // somebody had deleted it
			report.ExternalID, report.ShownAt = made.id, made.at
		}
	}
	return r.bot.Store.SaveReport(ctx, report)
}

// intend notes that a comment is about to be made. If nobody hears that it was, it is
// still known to be one to look for, although nothing new would be said by then.
func (r *Reporter) intend(ctx context.Context, run *pipeline.Execution, d difference) error {
	if d.key.Kind != pipeline.ReportComment || d.row.Key == d.key {
		return nil
	}
	return r.bot.Store.SaveReport(ctx, pipeline.Report{
		Key: d.key, Execution: run.ID, Lane: run.Lane, Position: run.Position, Number: rank(run), UpdatedAt: r.bot.Now(),
	})
}

func (r *Reporter) hasFailed(executionID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unsure[executionID]
}
