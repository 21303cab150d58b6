package policy

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// Eligible reports whether an approval of the gate by a person with these facts
// counts for any of its requirements. If not, why is a sentence for that person
// that says what would help.
func Eligible(gate *pipeline.Approval, facts pipeline.Facts) (ok bool, why string) {
	return newRules(gate).mayApprove(facts)
}

// Counts reports whether a vote counts: an approval by whoever is Eligible, a
// rejection by whoever is asked, those with a hand in the change too. A vote that was
// taken back does not, nor one that is neither. If not, why is a sentence for the voter.
func Counts(gate *pipeline.Approval, vote pipeline.Vote) (ok bool, why string) {
	return newRules(gate).counts(vote)
}

func (r *rules) counts(vote pipeline.Vote) (ok bool, why string) {
	switch {
	case !vote.Withdrawn.IsZero():
		return false, fmt.Sprintf("%s has taken this vote back", name(vote.Facts.Voter))
	case vote.Verdict == pipeline.Approve:
		return r.mayApprove(vote.Facts)
	case vote.Verdict == pipeline.Reject:
		return r.mayReject(vote.Facts)
	}
	return false, fmt.Sprintf("%q is neither Approve nor Reject", vote.Verdict)
}

func (r *rules) mayApprove(f pipeline.Facts) (bool, string) {
	if why := doubt(f); why != "" {
		return false, why
	}
	if !r.asks(f) {
		return false, r.notAsked(f)
	}
	why := r.hand(f.Voter)
	return why == "", why
}

func (r *rules) mayReject(f pipeline.Facts) (bool, string) {
	if why := doubt(f); why != "" {
		return false, why
	}
	for i := range r.demands {
		if r.demands[i].asks(f) || anyNames(r.demands[i].from, f) {
			return true, ""
		}
	}
	return false, r.notAsked(f)
}

// asks reports whether any requirement is met by people like this one.
func (r *rules) asks(f pipeline.Facts) bool {
	for i := range r.demands {
		if r.demands[i].asks(f) {
			return true
		}
	}
	return false
}
