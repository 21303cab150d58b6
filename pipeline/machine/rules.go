package machine

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// rules has what the environment of a stage asks for read, before anything else is
// asked of anybody.
func (t *turn) rules(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	switch {
	case isInside(s, definition):
		return passes
	case s.Entry.Reads():
		return waits
	case s.Entry == nil || s.Entry.Until.IsZero():
		return t.askRules(e, s.Name)
	}
	return passes
}

// fresh has the rules read anew before the run goes on, if they were read a while
// ago, and waits as long as the environment is frozen. A rollback passes a freeze.
func (t *turn) fresh(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	switch {
	case isInside(s, definition):
		return passes
	case !t.now.Before(s.Entry.Until):
		return t.askRules(e, s.Name)
	case s.Entry.Frozen != nil && s.Entry.Overridden == nil && e.Rollback == nil:
		return waits
	}
	return passes
}

// inside ends the asking: from here on the run is in its environment, with what its
// gate was about.
func (t *turn) inside(e *pipeline.Execution, s *pipeline.StageExecution, definition *pipeline.Stage) step {
	if isInside(s, definition) {
		return passes
	}
	if s.Entry.Gated && !asSeen(e, s.Gate) {
		e = t.edit(e)
		gate := e.Stage(s.Name).Gate
		t.bindAnew(e, gate)
		t.reopenGate(e, gate, "its artifacts are not those that were approved")
		return moved
	}
	t.edit(e).Stage(s.Name).Entry.Inside = true
	return moved
}

// isInside reports whether nothing is asked any more. Stages that older releases let
// in have no entry.
func isInside(s *pipeline.StageExecution, definition *pipeline.Stage) bool {
	return definition.Environment == "" || s.Entry == nil && s.Environment == pipeline.EnvironmentHeld || s.Entry != nil && s.Entry.Inside
}

func (t *turn) askRules(e *pipeline.Execution, stage string) step {
	s := t.edit(e).Stage(stage)
	if s.Entry == nil {
		s.Entry = &pipeline.Entry{}
	}
	s.Entry.Asked++
	t.enqueue(pipeline.ReadRules, time.Time{}, pipeline.RulesOrder{
		V: 1, Key: t.state.Key, Execution: e.ID, Stage: stage, Asked: s.Entry.Asked,
	})
	return moved
}

// askGate has the rules of a Manual action's gate read. a is of this turn's own copy.
func (t *turn) askGate(e *pipeline.Execution, stage string, a *pipeline.ActionExecution) {
	a.Asking = true
	t.enqueue(pipeline.ReadRules, time.Time{}, pipeline.RulesOrder{
		V: 1, Key: t.state.Key, Execution: e.ID, Stage: stage, Attempt: a.ID,
	})
}

// rulesRead takes a reading in. One that nobody waits for any more is dropped.
func (t *turn) rulesRead(in pipeline.RulesRead) {
	e := t.find(in.ExecutionID)
	switch {
	case e == nil || e.Status.Ended() || e.Stop != nil:
	case in.AttemptID != "":
		t.gateRulesRead(e, in)
	default:
		s := e.Stage(in.Stage)
		if s == nil || s.Status != pipeline.StageInProgress || !s.Entry.Reads() || s.Entry.Asked != in.Asked {
			return
		}
		if in.Reading.Trouble != "" {
			if s.Entry.Trouble != in.Reading.Trouble {
				t.edit(e).Stage(in.Stage).Entry.Trouble = in.Reading.Trouble
			}
			return
		}
		e = t.edit(e)
		entry := e.Stage(in.Stage).Entry
		entry.Read, entry.Trouble = entry.Asked, ""
		t.takeIn(e, in.Stage, in.Reading)
	}
}

// gateRulesRead opens the gate of a Manual action.
func (t *turn) gateRulesRead(e *pipeline.Execution, in pipeline.RulesRead) {
	_, a := e.FindAction(in.AttemptID)
	if a == nil || !a.Asking || a.Status.Ended() {
		return
	}
	if in.Reading.Trouble != "" {
		if a.Summary != in.Reading.Trouble {
			_, a = t.edit(e).FindAction(in.AttemptID)
			a.Summary = in.Reading.Trouble
		}
		return
	}
	e = t.edit(e)
	s, a := e.FindAction(in.AttemptID)
	a.Asking, a.Summary = false, ""
	rules := pipeline.Policy{Required: 1}
	if in.Reading.Policy != nil {
		rules = *in.Reading.Policy
	}
	a.Approval = t.newGate(e, a.ID, s.Name+"/"+a.Name, s.Name, rules, in.Reading.Brief)
	a.Approval.Action = a.Name
	t.gateOpened(e, a.Approval)
}

// takeIn makes a reading the rules of a stage. e is this turn's own copy.
func (t *turn) takeIn(e *pipeline.Execution, stage string, reading pipeline.Reading) {
	s := e.Stage(stage)
	entry := s.Entry
	if f := reading.Frozen; f != nil && (entry.Frozen == nil || *entry.Frozen != *f) && e.Rollback == nil {
		t.event(pipeline.EventEnvironmentFrozen, e, pipeline.Event{Stage: stage, Detail: "until " + f.Until.UTC().Format("2006-01-02 15:04 UTC") + detailOf(f.Reason)})
	}
	entry.Frozen, entry.Override, entry.URL, entry.Until = reading.Frozen, reading.Override, reading.URL, reading.Until
	entry.Gated = reading.Policy != nil && (e.Rollback == nil || e.Rollback.Failed == "") // what goes wrong by itself is rolled back by itself
	switch {
	case reading.Refused != "":
		t.closeGate(e, s)
		t.skipStage(e, stage, reading.Refused)
		return
	case reading.Frozen != nil && e.Rollback == nil:
		t.wakeAt(entry.Until)
		if entry.Overridden == nil { // whoever may pass the freeze does not wait for us
			t.releaseEnvironment(e, s)
		}
	}
	switch {
	case !entry.Gated:
		t.closeGate(e, s)
	case s.Gate == nil || s.Gate.Status == pipeline.ApprovalCancelled: // the rules had none meanwhile
		t.releaseEnvironment(e, s) // nobody holds it while people are asked
		t.openStageGate(e, s, reading)
	default:
		t.renewGate(e, s.Gate, reading)
	}
}

// closeGate takes back the question of a stage that is not asked any more.
func (t *turn) closeGate(e *pipeline.Execution, s *pipeline.StageExecution) {
	if s.Gate != nil && s.Gate.Status == pipeline.ApprovalPending {
		t.decideGate(e, s.Gate.ID, pipeline.ApprovalCancelled, pipeline.Vote{})
	}
}

// renewGate lets today's rules and what is known of the voters today count. A gate
// that was approved and would not be now is asked again. gate is of this turn's own
// copy.
func (t *turn) renewGate(e *pipeline.Execution, gate *pipeline.Approval, reading pipeline.Reading) {
	rules := t.rulesOf(e, reading.Policy)
	if !reflect.DeepEqual(rules, gate.Policy) {
		gate.Policy, gate.ChangedAt = rules, t.now
		t.event(pipeline.EventRulesChanged, e, pipeline.Event{Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, Detail: gate.Name})
	}
	if reading.Brief != nil {
		gate.Brief = reading.Brief
	}
	for i := range gate.Votes {
		vote := &gate.Votes[i]
		at := slices.IndexFunc(reading.Voters, func(f pipeline.Facts) bool { return f.Voter.ID == vote.Facts.Voter.ID })
		if at < 0 || !vote.Withdrawn.IsZero() {
			continue
		}
		counted, _ := policy.Counts(gate, *vote)
		vote.Facts = reading.Voters[at]
		if counts, why := policy.Counts(gate, *vote); counted && !counts {
			t.event(pipeline.EventVoterLost, e, pipeline.Event{Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID, By: vote.Facts.Voter, Detail: why})
		}
	}
	if gate.Overridden != nil {
		return
	}
	switch result := policy.Decide(gate); {
	case gate.Status == pipeline.ApprovalPending && result.Status != pipeline.ApprovalPending:
		t.decideGate(e, gate.ID, result.Status, result.By)
	case gate.Status == pipeline.ApprovalApproved && result.Status != pipeline.ApprovalApproved:
		t.reopenGate(e, gate, "what it was approved by is not enough any more")
	}
}

// reopenGate asks again what was approved. gate is of this turn's own copy e.
func (t *turn) reopenGate(e *pipeline.Execution, gate *pipeline.Approval, why string) {
	gate.Status, gate.DecidedAt = pipeline.ApprovalPending, time.Time{}
	gate.Reopened++
	t.releaseEnvironment(e, e.Stage(gate.Stage)) // it may take days, and others go in meanwhile
	gate.ExpiresAt = t.now.Add(gate.Policy.Timeout)
	t.wakeAt(gate.ExpiresAt)
	t.event(pipeline.EventGateReopened, e, pipeline.Event{
		Stage: gate.Stage, Action: gate.Action, Attempt: gate.ID,
		Detail: fmt.Sprintf("%s: %s", gate.Name, why),
	})
}

// rulesOf are the rules of a gate as they count for a run: of a rollback that
// somebody asked for, one vote is enough.
func (t *turn) rulesOf(e *pipeline.Execution, p *pipeline.Policy) pipeline.Policy {
	rules := t.state.Definition(e).Asked(e, *p)
	if rules.Timeout <= 0 {
		rules.Timeout = pipeline.DefaultApprovalTimeout
	}
	rules.AnyOne = rules.AnyOne || e.Rollback != nil
	return rules
}
