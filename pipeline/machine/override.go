package machine

import (
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// overrideGate opens a gate against its policy, or lets a run pass a freeze: for
// those whom the rules name for that, and with a reason.
func (t *turn) overrideGate(in pipeline.OverrideGate) error {
	e := t.find(in.ExecutionID)
	switch {
	case e == nil:
		return pipeline.Errorf(pipeline.NotFound, "there is no such run")
	case in.Reason == "":
		return pipeline.Errorf(pipeline.Invalid, "an override needs a reason")
	case e.Status != pipeline.ExecutionInProgress:
		return pipeline.Errorf(pipeline.Conflict, "run #%d is over, or stops", e.Number)
	}
	e = t.edit(e)
	gate, entry := findGate(e, in.ApprovalID), (*pipeline.Entry)(nil)
	if in.ApprovalID == "" {
		s := e.Stage(in.Stage)
		if s == nil || s.Status != pipeline.StageInProgress || s.Entry == nil || s.Entry.Inside {
			return pipeline.Errorf(pipeline.Conflict, "run #%d does not wait to be let into stage %s", e.Number, in.Stage)
		}
		if in.Reading != nil {
			t.takeIn(e, in.Stage, *in.Reading)
		}
		gate, entry = s.Gate, s.Entry
	} else if gate != nil && in.Reading != nil {
		gate = t.today(e, in.ApprovalID, *in.Reading)
	}
	open := gate != nil && gate.Status == pipeline.ApprovalPending
	frozen := entry != nil && entry.Frozen != nil && entry.Overridden == nil
	var who []pipeline.Selector
	switch {
	case !open && !frozen:
		return pipeline.Errorf(pipeline.Conflict, "nothing is in the way that an override would open")
	case entry != nil:
		who = entry.Override
	default:
		who = gate.Policy.Override
	}
	if ok, why := policy.MayOverride(who, in.Facts); !ok {
		return pipeline.Errorf(pipeline.Forbidden, "%s", why)
	}
	word := &pipeline.Override{By: in.Facts.Voter, Reason: in.Reason, At: t.now}
	fact := pipeline.Event{Stage: in.Stage, By: in.Facts.Voter, Detail: in.Reason}
	if frozen {
		entry.Overridden = word
	}
	if open {
		gate.Overridden, fact.Stage, fact.Action, fact.Attempt = word, gate.Stage, gate.Action, gate.ID
	}
	t.event(pipeline.EventGateOverridden, e, fact)
	if open {
		t.decideGate(e, gate.ID, pipeline.ApprovalApproved, pipeline.Vote{Facts: in.Facts})
	}
	return nil
}
