package bot

import (
	"context"
	"errors"
	"time"

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
	notUntil map[string]time.Time // runs that have something to say which cannot go yet
	line     map[string]time.Time // by channel: when the last of those that wait for it goes
	quiet    time.Time            // nothing is said before
	failures int                  // in a row
}

// NewMessenger makes a messenger. There must be a Slack.
func (b *Bot) NewMessenger() *Messenger {
	return &Messenger{bot: b, notUntil: map[string]time.Time{}, line: map[string]time.Time{}}
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
	list, err := b.Slack.Store.Untold(ctx, untoldAtOnce+len(m.notUntil))
	if err != nil {
		if ctx.Err() == nil {
			b.Logger.Error("messages: what is to be told cannot be read", "error", err)
		}
		return time.Second
	}
	runs, _ := b.retell.take()
	for id, repository := range runs {
		list = append(list, Unreported{ID: id, RepositoryID: repository})
		delete(m.notUntil, id)
	}
	next, told := time.Duration(0), 0
	for _, u := range list {
		wait := m.notUntil[u.ID].Sub(b.Now())
		if wait <= 0 {
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
		if len(list) >= untoldAtOnce+len(m.notUntil) && next == 0 { // there may be more
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
			delete(m.notUntil, u.ID)
			return 0, nil
		}
		return time.Second, nil
	}
	wait, err := m.show(ctx, run)
	switch {
	case err != nil && slackTrouble(err):
		return 0, err
	case err != nil:
		m.bot.Logger.Warn("messages of a run wait", "execution", u.ID, "error", err)
		wait = max(wait, 5*time.Second)
	}
	if wait > 0 {
		m.notUntil[u.ID] = m.bot.Now().Add(wait)
		return wait, nil
	}
	delete(m.notUntil, u.ID)
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
	if after, ok := slackapp.RetryAfter(err); ok {
		wait = max(wait, after)
	}
	if errors.Is(err, slackapp.ErrAccess) {
		wait = slackShut
	}
	m.quiet = m.bot.Now().Add(wait)
	m.bot.Logger.Warn("Slack cannot be told now", "execution", u.ID, "again_in", wait.String(), "error", err)
	return wait
}

// lasting is a context that goes on for a while after another has ended, so that what
// was said is noted.
func lasting(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(after, cancel) })
	return longer, func() { stop(); cancel() }
}

// perMessage is how often Slack takes a message of ours in a channel.
const perMessage = time.Second

// putOff is how long something waits that Slack does not take yet in a channel: until
// its turn, so that a long line costs nothing; a run that asks people, only until the
// next can go.
func (m *Messenger) putOff(channel string, after time.Duration, asks bool) time.Duration {
	now := m.bot.Now()
	next := now.Add(max(after, time.Millisecond))
	if !asks {
		if last := m.line[channel].Add(perMessage); last.After(next) {
			next = last
		}
		m.line[channel] = next
	}
	return next.Sub(now)
}
