package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// leastSHA is how many digits of a commit id name it.
const leastSHA = 7

// Vote brings somebody's vote to a gate of a run, with the same facts as a comment
// of theirs. A vote that does not count is an error of kind Conflict that says why;
// Unavailable means that GitHub could not be asked.
func (b *Bot) Vote(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, v pipeline.Ballot) error {
	before, err := b.hadEffect(ctx, q, r)
	if err != nil {
		return err
	}
	if !before {
		return b.castVote(ctx, q, r, run, v)
	}
	// A vote that was refused has used its key up, too: what counts is the gate.
	now, _, err := b.Store.Execution(ctx, r.ID, run.ID)
	if err != nil {
		return err
	}
	for _, gate := range now.AllGates() {
		for _, vote := range gate.Votes {
			if vote.Facts.Voter.ID == q.By.ID && vote.Verdict == v.Verdict {
				return nil
			}
		}
	}
	return pipeline.Errorf(pipeline.Conflict, "this vote of %s was not counted when it was given", q.By.Login)
}

func (b *Bot) castVote(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, v pipeline.Ballot) error {
	gate, err := gateMeant(run, v)
	if err != nil {
		return err
	}
	result, err := b.castOn(ctx, q, r, run, gate, v)
	switch {
	case err != nil:
		return err
	case !result.counted:
		return pipeline.Errorf(pipeline.Conflict, "the vote of %s on %s is not counted: %s", q.By.Login, gate.Name, result.why)
	}
	return nil
}

// castOn brings a vote to a certain gate, and says what came of it.
func (b *Bot) castOn(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, gate *pipeline.Approval, v pipeline.Ballot) (verdict, error) {
	facts, err := b.facts(ctx, r, githubapp.Account{Actor: q.By})
	if err != nil {
		return verdict{}, err
	}
	if !isAbout(gate, v.SHA) {
		return verdict{}, wrongCommit(gate, v.SHA)
	}
	if err := b.atHead(ctx, r, run); err != nil {
		return verdict{}, err
	}
	return b.vote(ctx, run, gate, pipeline.Vote{Verdict: v.Verdict, Facts: facts, Reason: v.Reason, Door: q.Door}, q.Key)
}

// isAbout reports whether the beginning of a commit's id, if there is one, names that
// of a gate.
func isAbout(gate *pipeline.Approval, sha string) bool {
	return sha == "" || len(sha) >= leastSHA && strings.HasPrefix(gate.SHA, strings.ToLower(sha))
}

func wrongCommit(gate *pipeline.Approval, sha string) error {
	return pipeline.Errorf(pipeline.Conflict, "gate %s is about commit %s, not %s", gate.Name, pipeline.ShortSHA(gate.SHA), sha)
}

// gateMeant is the gate of a run that a ballot is for. An open one that bears the
// name comes first: a gate that was retried has older namesakes.
func gateMeant(run *pipeline.Execution, v pipeline.Ballot) (*pipeline.Approval, error) {
	open := run.Gates()
	var gate *pipeline.Approval
	for _, g := range open {
		if v.Gate == "" && len(open) == 1 || strings.EqualFold(g.Name, v.Gate) {
			gate = g
		}
	}
	switch {
	case gate != nil && !isAbout(gate, v.SHA):
		return nil, wrongCommit(gate, v.SHA)
	case gate != nil:
		return gate, nil
	case v.Gate == "" && len(open) > 1:
		return nil, pipeline.Errorf(pipeline.Conflict, "run #%d has several open gates: say which, %s", run.Number, gateList(open))
	case v.Gate == "":
		why := fmt.Sprintf("no gate of run #%d is open", run.Number)
		if all := run.AllGates(); len(all) > 0 {
			last := all[len(all)-1]
			why += fmt.Sprintf(": %s is %s", last.Name, report.GateSentence(last))
		}
		return nil, pipeline.Errorf(pipeline.Conflict, "%s", why)
	}
	for _, g := range run.AllGates() {
		if strings.EqualFold(g.Name, v.Gate) {
			return nil, pipeline.Errorf(pipeline.Conflict, "gate %s of run #%d is not open: it is %s", g.Name, run.Number, report.GateSentence(g))
		}
	}
	why := fmt.Sprintf("run #%d has no gate %q", run.Number, v.Gate)
	if len(open) > 0 {
		why += "; open is " + gateList(open)
	}
	return nil, pipeline.Errorf(pipeline.NotFound, "%s", why)
}

func gateList(gates []*pipeline.Approval) string {
	var names []string
	for _, g := range gates {
		names = append(names, g.Name)
	}
	return strings.Join(names, " or ")
}
