package machine

import (
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// openStageGate asks the question of the environment that a stage names. Whoever
// asked for a rollback has said yes by that. e is this turn's own copy.
func (t *turn) openStageGate(e *pipeline.Execution, s *pipeline.StageExecution, reading pipeline.Reading) {
	environment := t.state.Definition(e).Stage(s.Name).Environment
	s.Gate = t.newGate(e, pipeline.AttemptID(e.ID, s.Name, "", e.Attempt), environment, s.Name, *reading.Policy, reading.Brief)
	t.gateOpened(e, s.Gate)
	if e.Rollback != nil && reading.Requester != nil {
		t.count(e, s.Gate, pipeline.Vote{
			Verdict: pipeline.Approve, Facts: *reading.Requester, Reason: e.Rollback.Reason, Door: pipeline.DoorRollback,
		})
	}
}

func (t *turn) newGate(e *pipeline.Execution, id, name, stage string, rules pipeline.Policy, brief *pipeline.Brief) *pipeline.Approval {
	rules = t.rulesOf(e, &rules)
	gate := &pipeline.Approval{
		ID: id, Name: name, Stage: stage, Status: pipeline.ApprovalPending, Policy: rules, Brief: brief,
		SHA: e.Revision.SHA, OpenedAt: t.now, ExpiresAt: t.now.Add(rules.Timeout),
	}
	if rules.RemindAfter > 0 {
		gate.RemindAt = t.now.Add(rules.RemindAfter)
	}
	if rules.Escalate != nil {
		gate.EscalateAt = t.now.Add(rules.Escalate.After)
	}
	gate.Digests = digests(e)
	return gate
}

func (t *turn) gateOpened(e *pipeline.Execution, gate *pipeline.Approval) {
	t.event(pipeline.EventGateOpened, e, pipeline.Event{Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, Detail: gate.Name})
	for _, at := range []time.Time{gate.RemindAt, gate.EscalateAt, gate.ExpiresAt} {
		if !at.IsZero() {
			t.wakeAt(at)
		}
	}
}

// watchGates does what is due at every gate, before anything else is judged: a vote
// after the deadline is late even if nobody woke up for it.
func (t *turn) watchGates() {
	for i := range t.state.Executions {
		e := t.state.Executions[i]
		if e.Status.Ended() {
			continue
		}
		for _, gate := range e.Gates() {
			switch {
			case t.due(gate.ExpiresAt):
				t.decideGate(e, gate.ID, pipeline.ApprovalExpired, pipeline.Vote{})
				continue
			case t.due(gate.EscalateAt) && gate.EscalatedAt.IsZero():
				gate = findGate(t.edit(e), gate.ID)
				gate.EscalatedAt = t.now
				t.gateEvent(pipeline.EventGateEscalated, e, gate)
			}
			if t.due(gate.RemindAt) && gate.RemindedAt.IsZero() {
				gate = findGate(t.edit(e), gate.ID)
				gate.RemindedAt = t.now
				t.gateEvent(pipeline.EventGateReminded, e, gate)
			}
		}
	}
}

func (t *turn) due(at time.Time) bool { return !at.IsZero() && !t.now.Before(at) }

func (t *turn) gateEvent(kind pipeline.EventKind, e *pipeline.Execution, gate *pipeline.Approval) {
	t.event(kind, e, pipeline.Event{Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, Detail: gate.Name})
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
	e = t.edit(e)
	if in.Reading != nil {
		if gate = t.today(e, gate.ID, *in.Reading); gate == nil || gate.Status != pipeline.ApprovalPending {
			t.voteRefused(e, in, "the rules have changed since it was asked for")
			return nil
		}
	}
	if gate := findGate(e, in.ApprovalID); !asSeen(e, gate) {
		t.bindAnew(e, gate)
		t.voteRefused(e, in, "the artifacts are not those that it was asked about any more: look again")
		return nil
	}
	t.count(e, findGate(e, in.ApprovalID), in.Vote)
	return nil
}

// today lets a reading count for an open gate, and returns the gate. e is this turn's
// own copy.
func (t *turn) today(e *pipeline.Execution, id string, reading pipeline.Reading) *pipeline.Approval {
	gate := findGate(e, id)
	if gate.Action != "" {
		if reading.Policy != nil {
			t.renewGate(e, gate, reading)
		}
	} else if s := e.Stage(gate.Stage); s.Entry != nil {
		t.takeIn(e, s.Name, reading)
	}
	return findGate(e, id)
}

// count adds a vote to an open gate and decides it, if that is enough. One that does
// not count is only noted.
func (t *turn) count(e *pipeline.Execution, gate *pipeline.Approval, vote pipeline.Vote) {
	fact := pipeline.Event{
		Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, By: vote.Facts.Voter,
		Detail: fmt.Sprintf("%s %s by %s", vote.Verdict, gate.Name, vote.Door),
	}
	if ok, why := policy.Counts(gate, vote); !ok {
		fact.Detail += ": " + why
		t.event(pipeline.EventVoteRefused, e, fact)
		return
	}
	vote.At = t.now
	gate.Votes = append(gate.Votes, vote)
	t.event(pipeline.EventVoteCounted, e, fact)
	if result := policy.Decide(gate); result.Status != pipeline.ApprovalPending {
		t.decideGate(e, gate.ID, result.Status, result.By)
	}
}

func (t *turn) voteRefused(e *pipeline.Execution, in pipeline.VoteGiven, why string) {
	gate := findGate(e, in.ApprovalID)
	t.event(pipeline.EventVoteRefused, e, pipeline.Event{
		Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, By: in.Vote.Facts.Voter,
		Detail: fmt.Sprintf("%s %s by %s: %s", in.Vote.Verdict, gate.Name, in.Vote.Door, why),
	})
}

// withdraw takes the votes of a person back, as long as the gate is open.
func (t *turn) withdraw(in pipeline.VoteWithdrawn) error {
	e := t.find(in.ExecutionID)
	gate := findGate(e, in.ApprovalID)
	switch {
	case gate == nil:
		return pipeline.Errorf(pipeline.NotFound, "there is no such gate")
	case gate.Status != pipeline.ApprovalPending:
		return pipeline.Errorf(pipeline.Conflict, "%s is decided already: %s", gate.Name, gateSentence(gate))
	}
	e = t.edit(e)
	gate = findGate(e, in.ApprovalID)
	had := false
	for i := range gate.Votes {
		if v := &gate.Votes[i]; v.Facts.Voter.ID == in.By.ID && in.By.ID != 0 && v.Withdrawn.IsZero() {
			v.Withdrawn, had = t.now, true
		}
	}
	if !had {
		return pipeline.Errorf(pipeline.Conflict, "%s has no vote on %s to take back", in.By.Login, gate.Name)
	}
	t.event(pipeline.EventVoteWithdrawn, e, pipeline.Event{Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, By: in.By, Detail: gate.Name})
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
		if o := gate.Overridden; o != nil {
			return fmt.Sprintf("opened against its rules by %s: %s", o.By.Login, o.Reason)
		}
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
