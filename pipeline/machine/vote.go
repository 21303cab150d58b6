package machine

import (
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// openGate asks the question of a Manual action.
func (t *turn) openGate(e *pipeline.Execution, id, stage string, action *pipeline.Action) *pipeline.Approval {
	rules := pipeline.Policy{Required: 1}
	if action.Approval != nil {
		rules = t.state.Definition(e).Asked(e, *action.Approval)
	}
	gate := t.newGate(e, id, stage+"/"+action.Name, stage, rules)
	gate.Action = action.Name
	return gate
}

// openStageGate asks the question of the environment that a stage names.
func (t *turn) openStageGate(e *pipeline.Execution, stage *pipeline.Stage) {
	e = t.edit(e)
	id := pipeline.AttemptID(e.ID, stage.Name, "", e.Attempt)
	gate := t.newGate(e, id, stage.Environment, stage.Name, *stage.Approval)
	e.Stage(stage.Name).Gate = gate
	t.gateOpened(e, gate)
}

func (t *turn) newGate(e *pipeline.Execution, id, name, stage string, rules pipeline.Policy) *pipeline.Approval {
	if rules.Timeout <= 0 {
		rules.Timeout = pipeline.DefaultApprovalTimeout
	}
	gate := &pipeline.Approval{
		ID: id, Name: name, Stage: stage, Status: pipeline.ApprovalPending, Policy: rules,
		SHA: e.Revision.SHA, OpenedAt: t.now, ExpiresAt: t.now.Add(rules.Timeout),
	}
	for i := range e.Stages {
		for _, a := range e.Stages[i].Actions {
			for _, artifact := range a.Artifacts {
				gate.Digests = append(gate.Digests, artifact.Digest)
			}
		}
	}
	return gate
}

func (t *turn) gateOpened(e *pipeline.Execution, gate *pipeline.Approval) {
	t.event(pipeline.EventGateOpened, e, pipeline.Event{Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, Detail: gate.Name})
	t.wakeAt(gate.ExpiresAt)
}

// expireGates closes every gate whose time has passed, before anything else is
// judged: a vote after the deadline is late even if nobody woke up for it.
func (t *turn) expireGates() {
	for i := range t.state.Executions {
		for _, gate := range t.state.Executions[i].Gates() {
			if !t.now.Before(gate.ExpiresAt) && !t.state.Executions[i].Status.Ended() {
				t.decideGate(t.state.Executions[i], gate.ID, pipeline.ApprovalExpired, pipeline.Vote{})
			}
		}
	}
}

// vote counts one person's answer.
func (t *turn) vote(in pipeline.VoteGiven) error {
	e := t.find(in.ExecutionID)
	gate := findGate(e, in.ApprovalID)
	switch {
	case gate == nil:
		return pipeline.Errorf(pipeline.NotFound, "there is no such gate")
	case gate.Status != pipeline.ApprovalPending:
		return pipeline.Errorf(pipeline.Conflict, "%s is decided already: %s", gate.Name, gateSentence(gate))
	case e.Status != pipeline.ExecutionInProgress:
		return pipeline.Errorf(pipeline.Conflict, "the run of %s is over", gate.Name)
	case in.Vote.Verdict != pipeline.Approve && in.Vote.Verdict != pipeline.Reject:
		return pipeline.Errorf(pipeline.Invalid, "%q is neither Approve nor Reject", in.Vote.Verdict)
	}
	fact := pipeline.Event{
		Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, By: in.Vote.Facts.Voter,
		Detail: fmt.Sprintf("%s %s by %s", in.Vote.Verdict, gate.Name, in.Vote.Door),
	}
	if ok, why := policy.Counts(gate, in.Vote); !ok {
		fact.Detail += ": " + why
		t.event(pipeline.EventVoteRefused, e, fact)
		return nil
	}
	e = t.edit(e)
	gate = findGate(e, in.ApprovalID)
	in.Vote.At = t.now
	gate.Votes = append(gate.Votes, in.Vote)
	t.event(pipeline.EventVoteCounted, e, fact)
	if result := policy.Decide(gate); result.Status != pipeline.ApprovalPending {
		t.decideGate(e, gate.ID, result.Status, result.By)
	}
	return nil
}

// decideGate gives a gate its last word, and the action with it.
func (t *turn) decideGate(e *pipeline.Execution, id string, status pipeline.ApprovalStatus, by pipeline.Vote) {
	e = t.edit(e)
	gate := findGate(e, id)
	gate.Status, gate.DecidedAt = status, t.now
	kind := map[pipeline.ApprovalStatus]pipeline.EventKind{
		pipeline.ApprovalApproved:  pipeline.EventGateApproved,
		pipeline.ApprovalRejected:  pipeline.EventGateRejected,
		pipeline.ApprovalExpired:   pipeline.EventGateExpired,
		pipeline.ApprovalCancelled: pipeline.EventGateCancelled,
	}[status]
	t.event(kind, e, pipeline.Event{
		Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, By: by.Facts.Voter, Detail: gateSentence(gate),
	})
	s, a := e.FindAction(id)
	if a == nil {
		return // an environment's gate: advanceStage reads its status
	}
	switch status {
	case pipeline.ApprovalApproved:
		t.endAction(e, s, a, pipeline.ActionSucceeded, "", gateSentence(gate))
	case pipeline.ApprovalCancelled:
		t.endAction(e, s, a, pipeline.ActionAbandoned, "", gateSentence(gate))
	default:
		t.endAction(e, s, a, pipeline.ActionFailed, gateFailure(gate), gateSentence(gate))
	}
}

func findGate(e *pipeline.Execution, id string) *pipeline.Approval {
	if e == nil {
		return nil
	}
	for _, gate := range e.AllGates() {
		if gate.ID == id {
			return gate
		}
	}
	return nil
}

func gateFailure(gate *pipeline.Approval) pipeline.FailureType {
	if gate.Status == pipeline.ApprovalExpired {
		return pipeline.Expired
	}
	return pipeline.Rejected
}

// gateSentence says in words how a gate ended.
func gateSentence(gate *pipeline.Approval) string {
	switch gate.Status {
	case pipeline.ApprovalApproved, pipeline.ApprovalRejected:
		by := policy.Decide(gate).By
		word := "approved"
		if gate.Status == pipeline.ApprovalRejected {
			word = "rejected"
		}
		sentence := fmt.Sprintf("%s by %s", word, by.Facts.Voter.Login)
		if by.Reason != "" {
			sentence += ": " + by.Reason
		}
		return sentence
	case pipeline.ApprovalExpired:
		return "nobody decided within " + inWords(gate.Policy.Timeout)
	case pipeline.ApprovalCancelled:
		return "no longer asked"
	}
	return "waiting for approval"
}

// inWords says a duration the way it is written in a pipeline file.
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == day:
		return "a day"
	case d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
