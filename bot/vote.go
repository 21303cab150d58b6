package bot

import (
	"context"
	"slices"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// facts looks up what is known about a person. A look-up that cannot be made now
// is an error: the vote waits. One that has no answer is named in Unknown.
func (b *Bot) facts(ctx context.Context, r pipeline.Repository, who githubapp.Account) (pipeline.Facts, error) {
	facts := pipeline.Facts{Voter: who.Actor, Bot: who.Bot, Permission: pipeline.PermissionNone}
	if who.Bot {
		return facts, nil
	}
	permission, err := b.Forge.Permission(ctx, r, who.Actor)
	switch {
	case err == nil:
		facts.Permission = permission
	case pipeline.KindOf(err) == pipeline.NotFound || pipeline.KindOf(err) == pipeline.Invalid:
		facts.Unknown = []string{"permission"}
	default:
		return facts, err
	}
	return facts, nil
}

// verdict is what came of a vote.
type verdict struct {
	counted bool
	decided bool   // the gate got its last word by this vote
	why     string // it was not counted, a sentence
}

// vote brings a vote to its gate. An error is trouble; that the vote does not
// count is an answer.
func (b *Bot) vote(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, vote pipeline.Vote, key string) (verdict, error) {
	events, err := b.Engine.Submit(ctx, run.Key(), key, pipeline.VoteGiven{
		ExecutionID: run.ID, ApprovalID: gate.ID, Vote: vote,
	})
	switch kind := pipeline.KindOf(err); {
	case isDuplicate(err): // counted before a crash
		return verdict{counted: true}, nil
	case kind == pipeline.Conflict || kind == pipeline.NotFound || kind == pipeline.Forbidden:
		return verdict{why: err.Error()}, nil
	case err != nil:
		return verdict{}, err
	}
	result := verdict{counted: true}
	for _, event := range events {
		switch event.Kind {
		case pipeline.EventVoteRefused:
			result.counted, result.why = false, event.Detail
		case pipeline.EventGateApproved, pipeline.EventGateRejected:
			result.decided = true
		}
	}
	return result, nil
}

// gatesOf returns the gate of that id in a run, or nil.
func gateOf(run *pipeline.Execution, id string) *pipeline.Approval {
	all := run.AllGates()
	if i := slices.IndexFunc(all, func(g *pipeline.Approval) bool { return g.ID == id }); i >= 0 {
		return all[i]
	}
	return nil
}
