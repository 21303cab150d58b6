package policy

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// rules is the policy of a gate, made ready for counting.
type rules struct {
	gate    *pipeline.Approval
	policy  pipeline.Policy
	demands []demand // one for each requirement; every one has to be met
	// byName is what authors without an account ask for besides: one approval by
	// somebody who is listed. Nil: nothing.
	byName *demand
}

// demand is a requirement as it counts for this change.
type demand struct {
	from   []pipeline.Selector // who is asked, in the words of the policy
	needed int                 // different people
	extra  int                 // how many of them are for authors without an account
	// trouble is the look-up that failed; nobody counts then.
	trouble string
	// parts are what each needs that many people: one, or one for each line of
	// CODEOWNERS.
	parts []part
}

// part is what a number of people answer for.
type part struct {
	pattern string // of CODEOWNERS; empty: the whole change
	others  []string
	from    []pipeline.Selector // any of them
}

func newRules(gate *pipeline.Approval) *rules {
	r := &rules{gate: gate, policy: gate.Rules()}
	for _, q := range r.policy.Requirements() {
		d := demand{from: q.From, needed: max(1, q.Required)}
		if len(d.from) == 0 {
			d.from = []pipeline.Selector{writers()}
		}
		d.parts, d.trouble = partsOf(d.from, gate.Brief)
		r.demands = append(r.demands, d)
	}
	if r.policy.AnyOne {
		r.demands = []demand{anyOf(r.demands)}
	}
	r.askForStrangers()
	return r
}

// anyOf asks for one approval of anybody whom the demands ask. Owners that nobody
// knows keep no other from counting.
func anyOf(demands []demand) demand {
	one := demand{needed: 1}
	for i := range demands {
		d := &demands[i]
		if d.trouble != "" {
			one.trouble = d.trouble
		}
		for _, s := range d.everybody() {
			if !slices.Contains(one.from, s) {
				one.from = append(one.from, s)
			}
		}
	}
	known := slices.DeleteFunc(slices.Clone(one.from), func(s pipeline.Selector) bool { return kindOf(s) == codeOwners })
	if len(known) > 0 {
		one.from, one.trouble = known, ""
		one.parts = []part{{from: known}}
	}
	return one
}

// asks reports whether an approval of this person counts for the requirement.
func (d *demand) asks(f pipeline.Facts) bool {
	return slices.ContainsFunc(d.parts, func(p part) bool { return anyNames(p.from, f) })
}
