package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// compareEvery is how often refs are compared; one that differs is looked at
	// again with the next look at the deliveries.
	compareEvery = time.Hour
	// clocksApart is how far GitHub's clock and ours may differ.
	clocksApart = time.Minute
)

// comparison is the second line behind the list of deliveries, which GitHub keeps
// for a few days only: the heads of default branches and open pull requests are
// compared with the last commit that ran. A head is believed to be missed when
// two comparisons in a row find it, because its delivery may be on its way.
type comparison struct {
	bot      *Bot
	suspects map[string]string // what was found last time: head by ref
	next     time.Time
}

// round compares all repositories if it is time to, and starts what was missed.
func (c *comparison) round(ctx context.Context) error {
	if now := c.bot.Now(); now.Before(c.next) && len(c.suspects) == 0 {
		return nil
	}
	repositories, err := c.bot.Store.Repositories(ctx)
	if err != nil {
		return fmt.Errorf("comparing refs: %w", err)
	}
	ctx = githubapp.WithClass(ctx, githubapp.Progress) // whatever else there is to ask or tell goes first
	before := c.suspects
	c.suspects = map[string]string{}
	var failed error
	for _, r := range repositories {
		if !c.bot.Allows(r.Owner, r.Name) {
			continue
		}
		if err := c.compare(ctx, r, before); err != nil && pipeline.KindOf(err) != pipeline.NotFound {
			failed = errors.Join(failed, fmt.Errorf("comparing refs: %w", err))
		}
	}
	c.next = c.bot.Now().Add(compareEvery)
	return failed
}

func (c *comparison) compare(ctx context.Context, r pipeline.Repository, before map[string]string) error {
	now, pushedAt, err := c.bot.Forge.RepositoryNow(ctx, r)
	if err != nil {
		return err
	}
	if err := c.branch(ctx, now, pushedAt, before); err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		return err
	}
	head, err := c.bot.Forge.Head(ctx, now, now.DefaultBranch)
	if err == nil {
		err = c.bot.takeSchedules(ctx, now, head)
	}
	if err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		return err
	}
	return c.pulls(ctx, now, before)
}

// missed reports whether that head of a ref was found twice in a row.
func (c *comparison) missed(ref, head string, before map[string]string) bool {
	c.suspects[ref] = head
	if before[ref] != head {
		return false
	}
	delete(c.suspects, ref)
	return true
}

// branch compares the default branch with the newest run of its lane. A branch
// that never ran stays alone: the app may have come after its last push.
func (c *comparison) branch(ctx context.Context, r pipeline.Repository, pushedAt time.Time, before map[string]string) error {
	head, err := c.bot.Forge.Head(ctx, r, r.DefaultBranch)
	if err != nil {
		return err
	}
	newest, err := c.newest(ctx, r, pipeline.BranchLane(r.DefaultBranch))
	if err != nil || len(newest) == 0 || ran(newest, head) {
		return err
	}
	ref := "refs/heads/" + r.DefaultBranch
	if !c.missed(fmt.Sprintf("%d %s", r.ID, ref), head, before) {
		return nil
	}
	commit, err := c.bot.Forge.Commit(ctx, r, head)
	if err != nil {
		return err
	}
	result, err := c.bot.startPush(ctx, githubapp.Push{
		Origin: githubapp.Origin{Repository: r}, Ref: ref, After: head, PushedAt: pushedAt, Head: commit,
	}, pipeline.Delivery{ReceivedAt: c.bot.Now()}, fmt.Sprintf("head %s %s after %s", ref, head, newest[0].ID))
	return c.tell(r, ref, head, result, err)
}

// pulls compares open pull requests with the newest runs of their lanes, and ends
// the runs of those that are open no longer. One that never ran is started only
// if it was opened after the repository was first compared.
func (c *comparison) pulls(ctx context.Context, r pipeline.Repository, before map[string]string) error {
	since, err := c.firstCompared(ctx, r)
	if err != nil {
		return err
	}
	open, err := c.bot.Forge.OpenPulls(ctx, r)
	if err != nil {
		return err
	}
	for _, p := range open {
		newest, err := c.newest(ctx, r, pipeline.PullLane(p.Number))
		switch {
		case err != nil:
			return err
		case len(newest) == 0 && !p.CreatedAt.After(since), ran(newest, p.HeadSHA):
			continue
		}
		ref := fmt.Sprintf("refs/pull/%d/head", p.Number)
		if !c.missed(fmt.Sprintf("%d %s", r.ID, ref), p.HeadSHA, before) {
			continue
		}
		e := githubapp.PullRequestEvent{Origin: githubapp.Origin{Action: "synchronize", Repository: r}, PullRequest: p}
		result, err := c.bot.pullRequest(ctx, e, pipeline.Delivery{ReceivedAt: c.bot.Now()})
		if err := c.tell(r, ref, p.HeadSHA, result, err); err != nil {
			return err
		}
	}
	return c.closed(ctx, r, open)
}

// closed ends what still runs or waits for pull requests that are open no longer.
func (c *comparison) closed(ctx context.Context, r pipeline.Repository, open []githubapp.PullRequest) error {
	running, err := c.bot.Store.Executions(ctx, pipeline.ExecutionFilter{
		RepositoryID: r.ID, Status: pipeline.ExecutionInProgress, Limit: 200,
	})
	if err != nil {
		return err
	}
	seen := map[int]bool{}
	for _, p := range open {
		seen[p.Number] = true
	}
	for _, run := range running {
		number := run.Lane.PullNumber()
		if number == 0 || seen[number] || run.Repository.Host != r.Host {
			continue
		}
		seen[number] = true
		p, err := c.bot.Forge.PullRequest(ctx, r, number)
		if err != nil {
			return err
		}
		e := githubapp.PullRequestEvent{Origin: githubapp.Origin{Action: "closed", Repository: r}, PullRequest: p}
		if _, err := c.bot.closePull(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// newest returns the newest run of each pipeline in a lane, by the order of the ref.
func (c *comparison) newest(ctx context.Context, r pipeline.Repository, lane pipeline.Lane) ([]*pipeline.Execution, error) {
	runs, err := c.bot.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, Lane: lane, Limit: 100})
	slices.SortStableFunc(runs, func(a, b *pipeline.Execution) int { return cmp.Compare(b.Position, a.Position) })
	seen := map[string]bool{}
	newest := slices.DeleteFunc(runs, func(run *pipeline.Execution) bool {
		old := seen[run.Pipeline]
		seen[run.Pipeline] = true
		return old
	})
	return newest, err
}

// ran reports whether one of these runs is of that commit.
func ran(runs []*pipeline.Execution, sha string) bool {
	return slices.ContainsFunc(runs, func(run *pipeline.Execution) bool { return run.Revision.SHA == sha })
}

// firstCompared is when a repository's pull requests were first compared.
func (c *comparison) firstCompared(ctx context.Context, r pipeline.Repository) (time.Time, error) {
	name := fmt.Sprintf("compared since %s %d", r.Host, r.ID)
	since, err := c.bot.Store.Bookmark(ctx, name)
	if err != nil || !since.IsZero() {
		return since, err
	}
	since = c.bot.Now()
	return since, c.bot.Store.SetBookmark(ctx, name, since)
}

func (c *comparison) tell(r pipeline.Repository, ref, head string, result outcome, err error) error {
	if err == nil {
		c.bot.Logger.Info("a head without a run", "repository", r.FullName(), "ref", ref, "sha", head, "note", result.note)
	}
	return err
}

// foundBefore reports whether a change of a ref was found by comparing and
// started without its delivery, which comes only now.
func (b *Bot) foundBefore(ctx context.Context, r pipeline.Repository, lane pipeline.Lane, sha string, at time.Time) (bool, error) {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, SHA: sha})
	return slices.ContainsFunc(runs, func(run *pipeline.Execution) bool {
		kind := run.Trigger.Kind
		return run.Lane == lane && (kind == pipeline.TriggerPush || kind == pipeline.TriggerPullRequest) &&
			run.Trigger.Delivery == "" && run.CreatedAt.Add(clocksApart).After(at)
	}), err
}
