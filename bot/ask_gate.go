package bot

import (
	"context"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// Withdraw takes the asker's own vote on an open gate of a run back: on the one that
// is named, or the only one that they have voted on. The errors are those of Ask.
func (b *Bot) Withdraw(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, named string) error {
	if before, err := b.hadEffect(ctx, q, r); before || err != nil {
		return err
	}
	var mine []*pipeline.Approval
	for _, g := range run.Gates() {
		if standing(g, q.By) != nil {
			mine = append(mine, g)
		}
	}
	gate, err := gateMeant(run, pipeline.Ballot{Gate: named})
	switch {
	case named == "" && len(mine) == 1:
		gate = mine[0]
	case named == "" && len(mine) == 0:
		return pipeline.Errorf(pipeline.Conflict, "%s has no vote on an open gate of run #%d", q.By.Login, run.Number)
	case err != nil:
		return err
	case standing(gate, q.By) == nil:
		return pipeline.Errorf(pipeline.Conflict, "%s has no vote on gate %s of run #%d", q.By.Login, gate.Name, run.Number)
	}
	_, err = b.Engine.Submit(ctx, run.Key(), q.Key, pipeline.VoteWithdrawn{ExecutionID: run.ID, ApprovalID: gate.ID, By: q.By})
	if err != nil && b.askedBefore(ctx, q, r, err) {
		return nil
	}
	return err
}

// Override opens a gate of a run, or lets it pass the freeze of an environment,
// against the rules, for those whom they name. The errors are those of Ask.
func (b *Bot) Override(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, named, reason string) error {
	if before, err := b.hadEffect(ctx, q, r); before || err != nil {
		return err
	}
	if err := b.notVoid(ctx, r, run.ID); err != nil {
		return err
	}
	all, err := b.heldBack(ctx, run)
	if err != nil {
		return err
	}
	for _, h := range all {
		if !strings.EqualFold(h.name, named) {
			continue
		}
		if err := b.atHead(ctx, r, run); err != nil {
			return err
		}
		facts, err := b.facts(ctx, r, githubapp.Account{Actor: q.By})
		if err != nil {
			return err
		}
		err = b.goOver(ctx, h, facts, reason, q.Key)
		if err != nil && b.askedBefore(ctx, q, r, err) {
			return nil
		}
		return err
	}
	_, err = gateMeant(run, pipeline.Ballot{Gate: named})
	return err
}

// Lock locks an environment of a repository, or unlocks it. The errors are those of
// Ask.
func (b *Bot) Lock(ctx context.Context, q pipeline.Request, r pipeline.Repository, environment string, locked bool, reason string) error {
	if before, err := b.hadEffect(ctx, q, r); before || err != nil {
		return err
	}
	if err := b.mayWrite(ctx, q, r); err != nil {
		return err
	}
	err := b.setLock(ctx, r, q.Key, pipeline.LockEnvironment{Environment: environment, Locked: locked, By: q.By, Reason: reason})
	if err != nil && b.askedBefore(ctx, q, r, err) {
		return nil
	}
	return err
}

// hadEffect reports whether the same request has had its effect before.
func (b *Bot) hadEffect(ctx context.Context, q pipeline.Request, r pipeline.Repository) (bool, error) {
	if q.Key == "" {
		return false, nil
	}
	return b.Store.HadEffect(ctx, r.Host, r.ID, q.Key)
}

// atHead is nil unless a run is of a pull request that has moved on.
func (b *Bot) atHead(ctx context.Context, r pipeline.Repository, run *pipeline.Execution) error {
	n := run.Lane.PullNumber()
	if n == 0 {
		return nil
	}
	pull, err := b.Forge.PullRequest(ctx, r, n)
	if err != nil {
		return err
	}
	if pull.HeadSHA != run.Revision.SHA {
		return pipeline.Errorf(pipeline.Conflict, "%s is not the head of pull request #%d any more", run.Revision.ShortSHA(), n)
	}
	return nil
}
