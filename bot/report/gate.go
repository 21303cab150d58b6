package report

import (
	"strconv"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// writersCan is who can answer a gate whose policy names nobody.
const writersCan = "People with write access to this repository can answer."

// GateCheck is the check of one gate of a run: completed as action_required with
// its buttons while it waits (the forge shows buttons on completed checks only),
// and without them once it is decided.
func (r *Renderer) GateCheck(run Run, gate *pipeline.Approval) CheckContent {
	e := run.Execution
	c := CheckContent{
		Name:       GateCheckName(e.Pipeline, gate.Name),
		Status:     CheckCompleted,
		Title:      line(capital(gateSentence(gate)), maxTitle),
		DetailsURL: r.RunURL(e.ID),
		ExternalID: External{ExternalGate, e.ID, gate.ID}.String(),
		StartedAt:  gate.OpenedAt,
	}
	switch gate.Status {
	case pipeline.ApprovalApproved:
		c.Conclusion = ConclusionSuccess
	case pipeline.ApprovalRejected:
		c.Conclusion = ConclusionFailure
	case pipeline.ApprovalExpired:
		c.Conclusion = ConclusionTimedOut
	case pipeline.ApprovalCancelled:
		c.Conclusion = ConclusionCancelled
	default:
		c.Conclusion = ConclusionActionRequired
		c.Actions = []Button{
			{"Approve", "Lets this commit go on.", ButtonApprove},
			{"Reject", "Stops this commit here.", ButtonReject},
		}
	}
	if gate.Status != pipeline.ApprovalPending {
		c.CompletedAt = gate.DecidedAt
	}
	c.Summary = cutLines(r.execute("gate_check.tmpl", r.gateView(run, gate, writersCan)), maxOutput,
		"The rest is on "+link("the page of the run", c.DetailsURL)+".")
	return c
}

// GateComment is the comment that announces a gate in a pull request, found
// again by GateMarker. who is a sentence saying who can approve; empty means
// everybody with write access. Once the gate is decided the comment is folded
// and says the outcome.
func (r *Renderer) GateComment(run Run, gate *pipeline.Approval, who string) string {
	if who == "" {
		who = writersCan
	}
	v := r.gateView(run, gate, who)
	if gate.Status == pipeline.ApprovalPending {
		return cutLines(r.execute("gate_comment.tmpl", v), maxComment, "The rest is on "+link("the page of the run", v.Head.RunURL)+".")
	}
	if gate.Status == pipeline.ApprovalCancelled {
		if _, words := summarize(run); run.Execution.Status != pipeline.ExecutionInProgress {
			v.Outcome = cut("no longer asked: "+plain(words), maxWords)
		}
	}
	return r.execute("gate_decided.tmpl", v)
}

// gateView is what the templates of a gate are filled with. Its strings are as
// somebody wrote them.
type gateView struct {
	Head           head
	Marker, Name   string
	Stage, Check   string
	Pending        bool
	Outcome        string // in words
	Where, When    string // of the decision
	Who            string
	Ask, See       string // what to look at
	Approve        string // the line to copy
	Reject         string
	Required       int
	Missing        int
	Opened, Expiry string
	Votes          []voteRow
	More           int // votes left out
}

type voteRow struct{ Login, Verdict, Where, When, Reason string }

// maxVotes is how many votes are listed.
const maxVotes = 30

func (r *Renderer) gateView(run Run, gate *pipeline.Approval, who string) gateView {
	e := run.Execution
	v := gateView{
		Head: r.head(e), Marker: GateMarker(gate.ID), Name: gate.Name, Stage: gate.Stage,
		Check: GateCheckName(e.Pipeline, gate.Name), Pending: gate.Status == pipeline.ApprovalPending,
		Outcome: line(gateSentence(gate), maxWords), Who: who,
		Ask: line(gate.Policy.Message, 1000), See: line(gate.Policy.Link, maxWords),
		Approve:  r.form + "approve " + gate.Name + " " + pipeline.ShortSHA(gate.SHA),
		Reject:   r.form + "reject " + gate.Name + " " + pipeline.ShortSHA(gate.SHA) + " <reason>",
		Required: max(gate.Policy.Required, 1), Opened: moment(gate.OpenedAt), Expiry: moment(gate.ExpiresAt),
	}
	if !gate.DecidedAt.IsZero() {
		v.When = moment(gate.DecidedAt)
	}
	if gate.Status == pipeline.ApprovalApproved || gate.Status == pipeline.ApprovalRejected {
		v.Where = door(decider(gate).Door)
	}
	v.Missing = policy.Decide(gate).Missing
	for i, vote := range gate.Votes {
		if i >= maxVotes {
			v.More++
			continue
		}
		row := voteRow{vote.Facts.Voter.Login, "approved", door(vote.Door), moment(vote.At), line(vote.Reason, maxWords)}
		if vote.Verdict == pipeline.Reject {
			row.Verdict = "rejected"
		}
		v.Votes = append(v.Votes, row)
	}
	return v
}

// Missed says how many approvals a gate still needs, if it needs several.
func (v gateView) Missed() string {
	if !v.Pending || v.Required < 2 {
		return ""
	}
	return strconv.Itoa(v.Missing) + " of " + strconv.Itoa(v.Required) + " approvals are missing."
}
