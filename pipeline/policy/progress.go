package policy

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// Standing is how far a requirement of a gate is.
type Standing struct {
	// Words say what is required: "2 approvals by team sre or octocat". What git and
	// CODEOWNERS call people stands in them as it is: it is a stranger's text.
	Words  string
	Needed int // different people
	// From is whom it asks, any of them. Those with a hand in the change may be among
	// them: Eligible tells.
	From []pipeline.Selector
	// By are the approvals that count, the oldest of each person.
	By      []pipeline.Vote
	Missing int // approvals still needed, at least; 0: it is met
	// Trouble are the look-ups that failed, as sentences: for one of the requirement
	// nobody counts, for one of a voter that voter does not.
	Trouble []string
	// Parts are the lines of CODEOWNERS, each of which has to be met, if code owners
	// are asked and what has changed has any.
	Parts []Standing
}

// Progress returns how far a gate is by its Rules, one Standing for each requirement.
// If authors of the change have no account here, the approval that is needed by name
// comes last. What the gate was decided to be is not looked at.
func Progress(gate *pipeline.Approval) []Standing {
	t := newTally(gate)
	for _, vote := range gate.Votes {
		if ok, _ := t.counts(vote); ok && vote.Verdict == pipeline.Approve {
			t.add(vote)
		}
	}
	var all []Standing
	for i, d := range t.all() {
		s := Standing{
			Words: d.words(), Needed: d.needed, From: d.from, By: t.of(i), Missing: t.missingOf(i, d), Trouble: t.failed(d),
		}
		for j, p := range d.parts {
			if p.pattern != "" {
				votes := t.votes[i][j]
				s.Parts = append(s.Parts, Standing{
					Words: d.wordsOf(p), Needed: d.needed, From: p.from, By: votes, Missing: max(0, d.needed-len(votes)),
				})
			}
		}
		all = append(all, s)
	}
	if t.byName != nil {
		all[len(all)-1].Words = t.wordsByName()
	}
	return all
}

// failed are the look-ups that keep somebody from counting for a demand.
func (t *tally) failed(d demand) []string {
	var all []string
	if d.trouble != "" {
		all = append(all, unknownOwners(d.trouble))
	}
	for _, vote := range t.gate.Votes {
		if vote.Verdict != pipeline.Approve || !vote.Withdrawn.IsZero() || d.asks(vote.Facts) && doubt(vote.Facts) == "" {
			continue
		}
		why := d.unknownTeam(vote.Facts)
		if slices.Contains(vote.Facts.Unknown, pipeline.UnknownPermission) {
			why = doubt(vote.Facts)
		}
		if why != "" && !slices.Contains(all, why) {
			all = append(all, why)
		}
	}
	return all
}
