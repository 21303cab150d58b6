package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
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
	case isDuplicate(err): // judged before a crash
		return b.votedBefore(ctx, run, gate, vote)
	case kind == pipeline.Conflict || kind == pipeline.NotFound || kind == pipeline.Forbidden:
		before, wrong := b.votedBefore(ctx, run, gate, vote) // it may itself have decided what is decided
		if wrong != nil || !before.counted {
			before = verdict{why: err.Error()}
		}
		return before, wrong
	case err != nil:
		return verdict{}, err
	}
	result := verdict{counted: true}
	for _, event := range events {
		switch event.Kind {
		case pipeline.EventVoteRefused:
			_, why, _ := strings.Cut(event.Detail, ": ") // of which vote is known here
			result.counted, result.why = false, why
		case pipeline.EventGateApproved, pipeline.EventGateRejected:
			result.decided = true
		}
	}
	return result, nil
}

// votedBefore is what came of a vote that was brought before.
func (b *Bot) votedBefore(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, vote pipeline.Vote) (verdict, error) {
	now, _, err := b.Store.Execution(ctx, run.Repository.ID, run.ID)
	if err != nil {
		return verdict{}, err
	}
	if gate = gateOf(now, gate.ID); gate != nil && slices.ContainsFunc(gate.Votes, func(v pipeline.Vote) bool {
		return v.Facts.Voter.ID == vote.Facts.Voter.ID && v.Door == vote.Door && v.Source == vote.Source
	}) {
		return verdict{counted: true}, nil
	}
	why := "it was not counted when it was given"
	if gate != nil {
		if ok, reason := policy.Counts(gate, vote); !ok {
			why = reason
		}
	}
	return verdict{why: why}, nil
}

// gatesOf returns the gate of that id in a run, or nil.
func gateOf(run *pipeline.Execution, id string) *pipeline.Approval {
	all := run.AllGates()
	if i := slices.IndexFunc(all, func(g *pipeline.Approval) bool { return g.ID == id }); i >= 0 {
		return all[i]
	}
	return nil
}
