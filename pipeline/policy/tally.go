package policy

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// tally counts approvals for each part of each demand.
type tally struct {
	*rules
	votes [][][]pipeline.Vote // by demand and part, one of each person
}

func newTally(gate *pipeline.Approval) *tally {
	t := &tally{rules: newRules(gate)}
	for _, d := range t.all() {
		t.votes = append(t.votes, make([][]pipeline.Vote, len(d.parts)))
	}
	return t
}

// all are the demands, with what authors without an account ask for last.
func (r *rules) all() []demand {
	if r.byName == nil {
		return r.demands
	}
	return append(slices.Clip(r.demands), *r.byName)
}

// add counts an approval that counts.
func (t *tally) add(vote pipeline.Vote) {
	for i, d := range t.all() {
		for j, p := range d.parts {
			if anyNames(p.from, vote.Facts) {
				t.votes[i][j] = with(t.votes[i][j], vote)
			}
		}
	}
}

// with adds the vote of somebody new.
func with(votes []pipeline.Vote, vote pipeline.Vote) []pipeline.Vote {
	if slices.ContainsFunc(votes, func(v pipeline.Vote) bool { return v.Facts.Voter.ID == vote.Facts.Voter.ID }) {
		return votes
	}
	return append(votes, vote)
}

// missing is how many approvals are still needed, at least.
func (t *tally) missing() int {
	most := 0
	for i, d := range t.all() {
		most = max(most, t.missingOf(i, d))
	}
	return most
}

func (t *tally) missingOf(i int, d demand) int {
	if len(d.parts) == 0 {
		return d.needed
	}
	most := 0
	for _, votes := range t.votes[i] {
		most = max(most, d.needed-len(votes))
	}
	return most
}

// approvals is how many people have approved.
func (t *tally) approvals() int {
	var all []pipeline.Vote
	for i := range t.demands {
		for _, vote := range t.of(i) {
			all = with(all, vote)
		}
	}
	return len(all)
}

// of are the votes that count for a demand.
func (t *tally) of(i int) []pipeline.Vote {
	var all []pipeline.Vote
	for _, votes := range t.votes[i] {
		for _, vote := range votes {
			all = with(all, vote)
		}
	}
	return all
}
