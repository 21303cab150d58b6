package report

import (
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// Gate is what people are shown of a gate, wherever they meet it: on its check, in
// its comment, on the page of its run. Its strings are plain: names and reasons in
// them are as somebody wrote them, and whoever shows them escapes them.
type Gate struct {
	Name, Stage, SHA string // the commit's beginning
	Status           pipeline.ApprovalStatus
	Pending          bool
	Outcome          string // how it stands, in words
	Where            string // the deciding vote came in
	Opened, Expires  time.Time
	Decided          time.Time // zero: it is not
	Ask, See         string    // what to look at
	Approve, Reject  string    // the lines to copy
	// Notes are sentences about what is not as usual: rules that cannot be read, a
	// freeze, that it was asked again, was escalated or overridden.
	Notes []string

	Rules    []GateRule
	Waived   []string // requirements that do not apply to this change
	Excluded []GatePerson
	Unknown  []string // authors, as git names them, of whom no account is known
	// MoreExcluded and MoreUnknown count those left out.
	MoreExcluded, MoreUnknown int
	Missing                   []string // look-ups that failed
	Votes                     []GateVote
	MoreVotes                 int // left out
	Change                    GateChange
	Tests                     []GateAction
}

// GateRule is one requirement of a gate and how far it is.
type GateRule struct {
	Words   string
	By      []string // whose approvals count
	Missing int      // 0: it is met
	Can     string   // who can still approve, as far as that is known by name
	Parts   []GateRule
	Trouble []string // look-ups that keep somebody from counting
}

// GatePerson is somebody who cannot approve, and why.
type GatePerson struct{ Login, Why string }

// GateVote is an answer. Not says why it does not count, if it does not.
type GateVote struct {
	Login, Verdict, Where, Reason, Not string
	At                                 time.Time
}

// GateAction is an action that the run has been through, and what came of it.
type GateAction struct{ Stage, Name, State, Took, LogURL string }

// maxVotes is how many votes are listed, and maxPeople how many people.
const maxVotes, maxPeople = 30, 30

// Gate is what people are shown of a gate of a run.
func (r *Renderer) Gate(run Run, gate *pipeline.Approval) Gate {
	v := Gate{
		Name: gate.Name, Stage: gate.Stage, SHA: pipeline.ShortSHA(gate.SHA), Status: gate.Status, Pending: gate.Status == pipeline.ApprovalPending,
		Outcome: line(GateSentence(gate), maxWords), Opened: gate.OpenedAt, Expires: gate.ExpiresAt, Decided: gate.DecidedAt,
		Ask: line(gate.Policy.Message, 1000), See: line(gate.Policy.Link, maxWords),
		Approve: r.form + "approve " + gate.Name + " " + pipeline.ShortSHA(gate.SHA),
		Reject:  r.form + "reject " + gate.Name + " " + pipeline.ShortSHA(gate.SHA) + " <reason>",
		Notes:   gateNotes(run, gate), Change: gateChange(run.Execution, gate), Tests: r.gateTests(run, gate),
	}
	if gate.Overridden == nil && (gate.Status == pipeline.ApprovalApproved || gate.Status == pipeline.ApprovalRejected) {
		v.Where = door(decider(gate).Door)
	}
	v.people(gate)
	for i, vote := range gate.Votes {
		if i >= maxVotes {
			v.MoreVotes++
			continue
		}
		row := GateVote{Login: vote.Facts.Voter.Login, Verdict: "approved", Where: door(vote.Door), At: vote.At, Reason: line(vote.Reason, maxWords)}
		if vote.Verdict == pipeline.Reject {
			row.Verdict = "rejected"
		}
		if ok, why := policy.Counts(gate, vote); !ok {
			row.Not = line(why, maxWords)
		}
		v.Votes = append(v.Votes, row)
	}
	return v
}

// Missed says how many approvals a gate still needs, if that is more than one.
func (g Gate) Missed() string {
	missing, met := 0, 0
	for _, rule := range g.Rules {
		if missing = max(missing, rule.Missing); rule.Missing == 0 {
			met++
		}
	}
	switch {
	case !g.Pending:
		return ""
	case len(g.Rules) > 1:
		return fmt.Sprintf("%d of %d requirements are met.", met, len(g.Rules))
	case missing == 1 && len(g.Rules) == 1 && len(g.Rules[0].By) > 0:
		return "1 more approval is needed."
	case missing > 1:
		return fmt.Sprintf("%d more approvals are needed.", missing)
	}
	return ""
}

// gateTests are the actions that the run has been through when it comes to a gate.
func (r *Renderer) gateTests(run Run, gate *pipeline.Approval) []GateAction {
	var list []GateAction
	for i := range run.Execution.Stages {
		s := &run.Execution.Stages[i]
		for j := range s.Actions {
			a := &s.Actions[j]
			if s.Latest(a.Name) != a || a.Approval != nil && a.Approval.ID == gate.ID || a.StartedAt.After(gate.OpenedAt) {
				continue
			}
			row := GateAction{Stage: s.Name, Name: a.Name, State: actionWords(a)}
			if a.Status.Ended() && !a.EndedAt.IsZero() {
				row.Took = took(a.EndedAt.Sub(a.StartedAt))
			}
			if a.Approval == nil && a.Status != pipeline.ActionSkipped {
				row.LogURL = r.LogURL(run.Execution.ID, a.ID)
			}
			list = append(list, row)
		}
		if s.Name == gate.Stage {
			break
		}
	}
	return list
}
