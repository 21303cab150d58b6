package report

import (
	"github.com/penstock-cd/penstock/pipeline"
)

// Where things are listed, the comment lists fewer than the check, and the page of the
// run all of them.
const (
	checkCommits   = 50
	commentCommits = 10
)

// GateCheck is the check of one gate of a run: completed as action_required with
// its buttons while it waits (the forge shows buttons on completed checks only),
// and without them once it is decided.
func (r *Renderer) GateCheck(run Run, gate *pipeline.Approval) CheckContent {
	e := run.Execution
	c := CheckContent{
		Name:       GateCheckName(e.Pipeline, gate.Name),
		Status:     CheckCompleted,
		Title:      line(capital(GateSentence(gate)), maxTitle),
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
	v := r.gateView(run, gate, checkCommits)
	c.Summary = r.sections(v, maxOutput, "gate_check", "gate_rules", "gate_votes", "gate_change", "gate_tests")
	return c
}

// GateComment is the comment that announces a gate in a pull request, found again
// by GateMarker. Once the gate is decided the comment is folded and says the
// outcome.
func (r *Renderer) GateComment(run Run, gate *pipeline.Approval) string {
	v := r.gateView(run, gate, commentCommits)
	if gate.Status == pipeline.ApprovalPending {
		return r.sections(v, maxComment, "gate_comment", "gate_rules", "gate_votes", "gate_change", "gate_tests")
	}
	if gate.Status == pipeline.ApprovalCancelled {
		if _, words := summarize(run); run.Execution.Status != pipeline.ExecutionInProgress {
			v.Outcome = cut("no longer asked: "+plain(words), maxWords)
		}
	}
	const end = "\n</details>\n"
	return r.sections(v, maxComment-len(end), "gate_decided", "gate_rules", "gate_votes", "gate_change", "gate_tests") + end
}

// gateView is what the templates of a gate are filled with. Its strings are as
// somebody wrote them.
type gateView struct {
	Gate
	Head          head
	Marker, Check string
}

func (r *Renderer) gateView(run Run, gate *pipeline.Approval, commits int) gateView {
	v := gateView{
		Gate: r.Gate(run, gate), Head: r.head(run.Execution), Marker: GateMarker(gate.ID), Check: GateCheckName(run.Execution.Pipeline, gate.Name),
	}
	v.Change.list(commits)
	return v
}

// sections fills templates in and puts them together, as many as fit: the rest is on
// the page of the run.
func (r *Renderer) sections(v gateView, limit int, names ...string) string {
	var parts []string
	for _, name := range names {
		parts = append(parts, r.execute(name, v))
	}
	return fit(parts, limit, "The rest is on "+link("the page of the run", v.Head.RunURL)+".")
}
