package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// verdict is what came of a vote.
type verdict struct {
	counted bool
	decided bool   // the gate got its last word by this vote
	why     string // it was not counted, a sentence
}

// vote brings a vote to its gate, with the rules as they are today and what they ask
// of everybody who has voted. An error is trouble; that the vote does not count is an
// answer.
func (b *Bot) vote(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, vote pipeline.Vote, key string) (verdict, error) {
	in := pipeline.VoteGiven{ExecutionID: run.ID, ApprovalID: gate.ID}
	if gate.Status == pipeline.ApprovalPending {
		reading, err := b.readingOf(ctx, run, gate)
		if err == nil && reading.Policy != nil {
			vote.Facts, err = b.withTeams(ctx, run.Repository, vote.Facts, teamsOf(*reading.Policy, reading.Brief))
		}
		if err != nil {
			if hasNoAnswer(err) {
				return verdict{why: fmt.Sprintf("the rules of %s cannot be read now: %v", gate.Name, err)}, nil
			}
			return verdict{}, err
		}
		in.Reading = &reading
	}
	in.Vote = vote
	events, err := b.Engine.Submit(ctx, run.Key(), key, in)
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
