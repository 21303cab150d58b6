package bot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// untoldAtOnce is how many runs are looked at in one round, besides those that wait.
	untoldAtOnce = 100
	// slackPause is how long nothing is said after Slack could not be reached, at first
	// and at most.
	slackPause, slackLongest = time.Second, time.Minute
	// slackShut is how long nothing is said after Slack has not let us in: somebody has
	// to change something first.
	slackShut = 5 * time.Minute
	// lastMessage is how long what is being said may take after the end was told.
	lastMessage = 3 * time.Second
)

// Messenger closes the difference between what the channels in Slack show of our runs
// and what is true, as the Reporter does for the forge, and apart from it: a Slack that
// hangs or is gone holds up nothing. It looks at what should be shown now; what was
// missed in between needs no telling.
type Messenger struct {
	bot      *Bot
	waiting  map[string]waiting // runs that have something to say which cannot go yet
	lines    map[line]time.Time // when the last of those that wait in a line goes
	quiet    time.Time          // nothing is said before
	failures int                // in a row
}

// NewMessenger makes a messenger. There must be a Slack.
func (b *Bot) NewMessenger() *Messenger {
	return &Messenger{bot: b, waiting: map[string]waiting{}, lines: map[line]time.Time{}}
}

// Run tells until ctx ends.
func (m *Messenger) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-m.bot.retell.nudge:
		case <-m.bot.Slack.Store.ToTell():
		}
		next := m.round(ctx)
		timer.Stop()
		if next > 0 {
			timer.Reset(next)
		}
	}
}

// round tells what can be told, and returns how long until there is more; 0: when
// something changes.
func (m *Messenger) round(ctx context.Context) time.Duration {
	b := m.bot
	if wait := m.quiet.Sub(b.Now()); wait > 0 {
		return wait
	}
	list, err := b.Slack.Store.Untold(ctx, untoldAtOnce+len(m.waiting))
	if err != nil {
		if ctx.Err() == nil {
			b.Logger.Error("messages: what is to be told cannot be read", "error", err)
		}
		return time.Second
	}
	runs, _ := b.retell.take()
	for id, repository := range runs {
		list = append(list, Unreported{ID: id, RepositoryID: repository})
		delete(m.waiting, id)
	}
	next, told := time.Duration(0), 0
	for _, u := range list {
		if ctx.Err() != nil {
			return 0
		}
		w := m.waiting[u.ID]
		wait := w.until.Sub(b.Now())
		if wait <= 0 || u.Rev > w.rev { // what is new may be said at once
			if wait, err = m.tell(ctx, u); err != nil {
				return m.pause(ctx, u, err)
			}
			told++
		}
		if wait > 0 && (next == 0 || wait < next) {
			next = wait
		}
	}
	if told > 0 {
		m.failures = 0
		if len(list) >= untoldAtOnce+len(m.waiting) && next == 0 { // there may be more
			return time.Millisecond
		}
	}
	return next
}

// tell says what is to be said of a run, and returns how long until the rest of it can
// be. An error means that Slack cannot be talked to now.
func (m *Messenger) tell(ctx context.Context, u Unreported) (time.Duration, error) {
	ctx, cancel := lasting(ctx, lastMessage)
	defer cancel()
	run, rev, err := m.bot.Store.Execution(ctx, u.RepositoryID, u.ID)
	if err != nil {
		if pipeline.KindOf(err) == pipeline.NotFound { // pruned
			delete(m.waiting, u.ID)
			return 0, nil
		}
		return time.Second, nil
	}
	held, err := m.show(ctx, run)
	switch {
	case err != nil:
		wait := m.failed(u.ID, rev)
		if slackTrouble(err) {
			return 0, err
		}
		m.bot.Logger.Warn("messages of a run wait", "execution", u.ID, "again_in", wait.String(), "error", err)
		return wait, nil
	case len(held) > 0:
		return m.putOff(u.ID, rev, held, len(run.Gates()) > 0), nil
	}
	delete(m.waiting, u.ID)
	if err := m.bot.Slack.Store.MarkTold(ctx, u.RepositoryID, u.ID, rev); err != nil {
		m.bot.Logger.Error("messages: what was told cannot be noted", "error", err)
		return time.Second, nil
	}
	return 0, nil
}

// slackFailed marks the error of a call to Slack.
type slackFailed struct{ error }

func (e slackFailed) Unwrap() error { return e.error }

// slackTrouble reports whether an error is Slack's, and not the forge's or the store's.
func slackTrouble(err error) bool { return errors.As(err, new(slackFailed)) }

// pause says nothing for a while, since Slack cannot be talked to.
func (m *Messenger) pause(ctx context.Context, u Unreported, err error) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	m.failures++
	wait := min(slackPause<<min(m.failures-1, 10), slackLongest)
	if after, ok := calls.RetryAfter(err); ok {
		wait = max(wait, after)
	}
	level := slog.LevelWarn
	if errors.Is(err, slackapp.ErrAccess) { // somebody has to do something
		wait, level = slackShut, slog.LevelError
	}
	m.quiet = m.bot.Now().Add(wait)
	m.bot.Logger.Log(ctx, level, "Slack cannot be told now", "execution", u.ID, "again_in", wait.String(), "error", err)
	return wait
}

// lasting is a context that goes on for a while after another has ended, so that what
// was said is noted.
func lasting(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(after, cancel) })
	return longer, func() { stop(); cancel() }
}
