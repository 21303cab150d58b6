package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// Ask gives an input to a lane for somebody who may write to the repository, as a
// comment of theirs would. Kinds Forbidden, Conflict, NotFound and Invalid carry a
// sentence for the person; Unavailable means that GitHub could not be asked.
func (b *Bot) Ask(ctx context.Context, q pipeline.Request, r pipeline.Repository, lane pipeline.StateKey, input pipeline.Input) error {
	if err := b.mayWrite(ctx, q, r); err != nil {
		return err
	}
	if id := revived(input); id != "" {
		if err := b.notVoid(ctx, r, id); err != nil {
			return err
		}
	}
	_, err := b.Engine.Submit(ctx, lane, q.Key, input)
	if err != nil && b.askedBefore(ctx, q, r, err) {
		return nil
	}
	return err
}

// revived is the run whose commands an input has run again, or empty.
func revived(input pipeline.Input) string {
	switch in := input.(type) {
	case pipeline.RetryStage:
		return in.ExecutionID
	case pipeline.OverrideCondition:
		return in.ExecutionID
	case pipeline.RollbackStage:
		return in.Target
	}
	return ""
}

// notVoid is nil unless a run is of a fork and not what somebody has looked at any
// more.
func (b *Bot) notVoid(ctx context.Context, r pipeline.Repository, id string) error {
	run, _, err := b.Store.Execution(ctx, r.ID, id)
	if err != nil {
		return err
	}
	why, err := b.forkVoid(ctx, r, run)
	switch {
	case err != nil:
		return err
	case why != "":
		return pipeline.Errorf(pipeline.Conflict, "%s", why)
	}
	return nil
}

// askedBefore reports whether a request was refused because it, made before, has had
// its effect: what was done once mostly makes no sense twice.
func (b *Bot) askedBefore(ctx context.Context, q pipeline.Request, r pipeline.Repository, refusal error) bool {
	if isDuplicate(refusal) {
		return true
	}
	if q.Key == "" || pipeline.KindOf(refusal) == pipeline.Internal {
		return false
	}
	known, err := b.Store.HadEffect(ctx, r.Host, r.ID, q.Key)
	return known && err == nil // a refusal too much is safer than a promise
}

// mayWrite is nil for those who may write to the repository now.
func (b *Bot) mayWrite(ctx context.Context, q pipeline.Request, r pipeline.Repository) error {
	facts, err := b.facts(ctx, r, githubapp.Account{Actor: q.By})
	switch {
	case err != nil:
		return err
	case len(facts.Unknown) > 0:
		return pipeline.Errorf(pipeline.Forbidden, "what %s may do in %s could not be found out", q.By.Login, r.FullName())
	case !facts.Permission.CanWrite():
		return pipeline.Errorf(pipeline.Forbidden, "%s may not write to %s. %s", q.By.Login, r.FullName(), writersCan(r))
	}
	return nil
}
