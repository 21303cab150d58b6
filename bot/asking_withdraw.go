package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// withdraw is /unapprove: it takes the asker's own vote on an open gate back.
func (c *asking) withdraw(ctx context.Context) (answer, error) {
	var mine []command.Gate
	for _, g := range c.thread.openGates() {
		if _, gate := c.thread.gate(g.ID); c.votedOn(gate) {
			mine = append(mine, g)
		}
	}
	v := command.ResolveVote(c.cmd, mine, c.thread.gateNames()...)
	switch v.Problem {
	case "":
	case command.NoGate, command.NotOpen:
		if run, gate := c.decidedWithMe(v.Named); gate != nil {
			return c.confused(c.texts.GateDecided(c.asked, report.Run{Execution: run}, gate), "the gate is decided")
		}
		if v.Problem == command.NoGate {
			why := c.by().Login + " has no vote on an open gate here"
			return c.confused(c.texts.Refused(c.asked, why), why)
		}
		return c.confused(c.texts.NotVoted(c.asked, v.Named, v.Lines), "no vote to take back")
	default:
		return c.confused(c.problem(v), string(v.Problem))
	}
	run, gate := c.thread.gate(v.Gate.ID)
	_, err := c.Engine.Submit(ctx, run.Key(), c.onceKey(), pipeline.VoteWithdrawn{ExecutionID: run.ID, ApprovalID: gate.ID, By: c.by()})
	return c.done(err, "withdrawn from "+gate.Name)
}

// votedOn reports whether a vote of the asker stands on a gate.
func (c *asking) votedOn(gate *pipeline.Approval) bool { return standing(gate, c.by()) != nil }

// standing is the vote of somebody that stands on a gate, or nil.
func standing(gate *pipeline.Approval, who pipeline.Actor) *pipeline.Vote {
	for i := range slices.Backward(gate.Votes) {
		if v := &gate.Votes[i]; v.Facts.Voter.ID == who.ID && v.Withdrawn.IsZero() {
			return v
		}
	}
	return nil
}

// decidedWithMe is the newest gate here that is not open any more and that the asker
// has voted on: of that name, if one was named.
func (c *asking) decidedWithMe(named string) (*pipeline.Execution, *pipeline.Approval) {
	for _, run := range c.thread.runs {
		for _, gate := range slices.Backward(run.AllGates()) {
			if gate.Status != pipeline.ApprovalPending && c.votedOn(gate) && (named == "" || strings.EqualFold(gate.Name, named)) {
				return run, gate
			}
		}
	}
	return nil, nil
}
