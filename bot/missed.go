package bot

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// MissedEvery is how often GitHub's list is read where webhooks arrive.
	MissedEvery = 5 * time.Minute
	// missedOverlap is how much of what was looked at is looked at again: an
	// attempt may come into the list a little after a newer one.
	missedOverlap = 10 * time.Minute
	// fetchedAtOnce is how many payloads are fetched at a time.
	fetchedAtOnce = 8
	// missedRetry is how soon the list is read again if it could not be, or if a
	// delivery was turned away.
	missedRetry = 30 * time.Second
	// missedBookmark names how far the list was read: a time of GitHub's clock.
	missedBookmark = "github deliveries"
)

// Missed finds the deliveries that GitHub could not hand over, because nobody
// listened or the answer was lost, and takes them as if they had just come.
// GitHub itself never tries again. Behind that list, which ends after a few days,
// it compares heads with what ran.
type Missed struct {
	bot   *Bot
	every time.Duration
	refs  comparison
}

// NewMissed makes one that reads GitHub's list at its start and then each time
// that much time has passed. Short intervals make webhooks unnecessary.
func (b *Bot) NewMissed(every time.Duration) *Missed { return &Missed{b, every, comparison{bot: b}} }

// Run looks until ctx ends.
func (m *Missed) Run(ctx context.Context) error {
	alarm := newAlarm()
	defer alarm.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.bot.turnedAway: // it is in the list, and nowhere else
			alarm.within(missedRetry)
			continue
		case <-alarm.C:
		}
		wait := m.every
		found, err := m.Look(ctx)
		if err == nil {
			err = m.Compare(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			wait = min(m.every, missedRetry)
			if after, ok := calls.RetryAfter(err); ok {
				wait = max(wait, after)
			}
			m.bot.Logger.Warn("missed deliveries could not be looked for", "again_in", wait, "error", err)
		case found > 0:
			m.bot.Logger.Info("missed deliveries taken", "count", found)
		}
		alarm.in(wait)
	}
}

// Compare compares heads with what ran, if it is time to, and starts what was
// missed.
func (m *Missed) Compare(ctx context.Context) error { return m.refs.round(ctx) }

// Look reads GitHub's list back to where it was last read, takes every delivery
// that is not here, the oldest first, and returns how many those were. What was
// taken before an error stays; the next look begins where this one did. While the
// door takes nothing, nothing is taken here.
func (m *Missed) Look(ctx context.Context) (int, error) {
	if err := m.bot.Ready(); err != nil {
		return 0, fmt.Errorf("missed deliveries: %w", err)
	}
	since, err := m.since(ctx)
	if err != nil {
		return 0, fmt.Errorf("missed deliveries: %w", err)
	}
	missing, newest, err := m.missing(ctx, since.Add(-missedOverlap))
	if err != nil {
		return 0, fmt.Errorf("missed deliveries: %w", err)
	}
	taken := 0
	for batch := range slices.Chunk(missing, fetchedAtOnce) {
		if err := m.bot.Ready(); err != nil {
			return taken, fmt.Errorf("missed deliveries: %w", err)
		}
		n, err := m.take(ctx, batch)
		taken += n
		if err != nil {
			return taken, fmt.Errorf("missed deliveries: %w", err)
		}
	}
	if newest.After(since) {
		if err := m.bot.Store.SetBookmark(ctx, missedBookmark, newest); err != nil {
			return taken, fmt.Errorf("missed deliveries: %w", err)
		}
	}
	return taken, nil
}

// since is how far the list was read. Where it never was, it is when the last
// delivery came in; and for a server without any, what happened before its first
// start is not its business.
func (m *Missed) since(ctx context.Context) (time.Time, error) {
	since, err := m.bot.Store.Bookmark(ctx, missedBookmark)
	if err != nil || !since.IsZero() {
		return since, err
	}
	if since, err = m.bot.Store.LastDeliveryAt(ctx); err != nil || !since.IsZero() {
		return since, err
	}
	return m.bot.Now(), nil
}

// missing lists the deliveries that were attempted after since and are not here,
// the oldest first, each once; newest is when the newest of all was attempted.
func (m *Missed) missing(ctx context.Context, since time.Time) (missing []githubapp.HookDelivery, newest time.Time, err error) {
	seen := map[string]bool{}
	cursor := ""
	for {
		page, next, err := m.bot.Forge.HookDeliveries(ctx, cursor)
		if err != nil {
			return nil, time.Time{}, err
		}
		var fresh []githubapp.HookDelivery
		var ids []string
		reached := false
		for _, d := range page {
			if d.DeliveredAt.After(newest) {
				newest = d.DeliveredAt
			}
			if d.DeliveredAt.Before(since) {
				reached = true
				break
			}
			if seen[d.GUID] || !isHandled(d.Event) || d.Event == "ping" || isEcho(d.Event, d.Action) {
				continue
			}
			seen[d.GUID] = true
			fresh, ids = append(fresh, d), append(ids, d.GUID)
		}
		known, err := m.bot.Store.KnownDeliveries(ctx, ids)
		if err != nil {
			return nil, time.Time{}, err
		}
		for _, d := range fresh {
			if !known[d.GUID] {
				missing = append(missing, d)
			}
		}
		if reached || next == "" {
			slices.Reverse(missing)
			return missing, newest, nil
		}
		cursor = next
	}
}

// take fetches a few deliveries at once, stores them in their order, and returns
// how many it has stored.
func (m *Missed) take(ctx context.Context, batch []githubapp.HookDelivery) (taken int, err error) {
	payloads := make([][]byte, len(batch))
	errs := make([]error, len(batch))
	var fetching sync.WaitGroup
	for i, d := range batch {
		fetching.Go(func() { payloads[i], errs[i] = m.bot.Forge.HookDeliveryPayload(ctx, d.ID) })
	}
	fetching.Wait()
	for i, d := range batch {
		switch kind := pipeline.KindOf(errs[i]); {
		case kind == pipeline.NotFound: // GitHub does not have it any more
			m.bot.Logger.Error("delivery lost", "delivery", d.GUID, "event", d.Event, "error", errs[i])
			continue
		case errs[i] != nil:
			return taken, errs[i]
		}
		delivery, keep := m.bot.judge(githubapp.Webhook{Event: d.Event, Delivery: d.GUID}, payloads[i])
		if !keep {
			continue
		}
		if _, _, err := m.bot.Store.AddDelivery(ctx, delivery); err != nil {
			return taken, err
		}
		taken++
		m.bot.Logger.Info("delivery recovered", "delivery", d.GUID, "event", d.Event, "action", d.Action,
			"attempted", d.DeliveredAt)
	}
	return taken, nil
}
