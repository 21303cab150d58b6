package bot

import (
	"context"
	"fmt"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// vote is /approve and /reject. A vote counts only for a gate that was announced
// here before the comment was written, or whose commit it names, and in the lane
// of a pull request only while that commit is the head.
func (c *asking) vote(ctx context.Context) (answer, error) {
	v := command.ResolveVote(c.cmd, c.thread.openGates(), c.thread.gateNames()...)
	if v.Problem == command.NoGate || v.Problem == command.NotOpen { // somebody may have been faster
		if run, gate := c.thread.decided(v.Named); gate != nil {
			return c.confused(c.texts.GateDecided(c.asked, report.Run{Execution: run}, gate), "the gate is decided")
		}
	}
	if v.Problem != "" {
		return c.confused(c.problem(v), string(v.Problem))
	}
	run, gate := c.thread.gate(v.Gate.ID)
	if why, lines, err := c.stale(ctx, run, gate, v); why != "" || err != nil {
		return answer{githubapp.ReactionConfused, c.texts.StaleVote(c.asked, lines), why}, err
	}
	facts, err := c.author()
	if err != nil {
		return answer{}, err
	}
	vote := pipeline.Vote{
		Verdict: pipeline.Approve, Facts: facts, Reason: v.Reason,
		Door: pipeline.DoorComment, Source: fmt.Sprint(c.event.Comment.ID),
	}
	if c.cmd.Verb == command.Reject {
		vote.Verdict = pipeline.Reject
	}
	result, err := c.Bot.vote(ctx, run, gate, vote, c.key(run))
	switch {
	case err != nil:
		return answer{}, err
	case !result.counted:
		return answer{githubapp.ReactionMinus, c.texts.VoteRefused(c.asked, result.why), result.why}, nil
	}
	return answer{githubapp.ReactionPlus, "", "counted for " + gate.Name}, nil
}

// may reports whether somebody's vote on an open gate would count.
func may(gate *pipeline.Approval, facts pipeline.Facts, verdict pipeline.Verdict) bool {
	ok, _ := policy.Counts(gate, pipeline.Vote{Verdict: verdict, Facts: facts})
	return ok
}

// stale says why what is said of a gate may have been meant for another commit, with
// the lines that would count; empty: it is meant for this one.
func (c *asking) stale(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, v command.Vote) (why string, lines []string, err error) {
	switch {
	case run.Lane.PullNumber() != 0 && c.thread.pull.HeadSHA != gate.SHA:
		return "the commit is not the head any more", nil, nil
	case v.SHA != "":
		return "", nil, nil
	}
	before, err := c.announcedBefore(ctx, gate)
	if err != nil || before {
		return "", nil, err
	}
	return "older than the gate's announcement", c.cmd.Verb.Lines(c.cmd.Form, []command.Gate{v.Gate}, c.thread.openGates()), nil
}

// announcedBefore reports whether the comment answers the announcement of the
// gate. Ids of comments only grow; times have whole seconds. An announcement that
// has just been made may not be in its row yet: then the thread is read.
func (c *asking) announcedBefore(ctx context.Context, gate *pipeline.Approval) (bool, error) {
	row, announced := c.thread.announced[gate.ID]
	if !announced {
		made, found, err := c.Forge.FindComment(ctx, c.thread.repository, c.thread.pull.Number, report.GateMarker(gate.ID))
		if err != nil || !found {
			return false, err
		}
		row.ExternalID, row.ShownAt = made.ID, made.CreatedAt
	}
	return row.ExternalID < c.event.Comment.ID && !row.ShownAt.After(c.event.Comment.CreatedAt), nil
}

// problem answers what is said of gates and cannot be counted.
func (c *asking) problem(v command.Vote) string {
	switch v.Problem {
	case command.Ambiguous:
		return c.texts.Ambiguous(c.asked, v.Lines)
	case command.NotOpen:
		return c.texts.NotOpen(c.asked, v.Named, v.Lines)
	case command.WrongCommit:
		return c.texts.WrongCommit(c.asked, v.Named, v.Lines)
	case command.NotNamed:
		return c.texts.NotNamed(c.asked, v.Lines)
	case command.NeedsReason:
		return c.texts.NeedsReason(c.asked, v.Lines)
	}
	return c.texts.NoOpenGate(c.asked)
}
