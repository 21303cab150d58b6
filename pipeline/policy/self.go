package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// guarded reports whether people with a hand in the change may not approve it.
func (r *rules) guarded() bool { return r.policy.PreventSelfApproval && !r.policy.AnyOne }

// hand says why somebody may not approve because of a hand in the change, be it
// known or not to be ruled out; empty: nothing is in the way.
func (r *rules) hand(who pipeline.Actor) string {
	if !r.guarded() {
		return ""
	}
	brief := r.gate.Brief
	if brief == nil {
		return handUnknown(pipeline.MissingPeople, who)
	}
	for _, involved := range brief.Involved {
		if involved.Actor.ID == who.ID {
			return fmt.Sprintf("%s %s; whoever has a hand in it cannot approve it", name(who), inRoles(involved.Roles))
		}
	}
	if what := missing(brief, pipeline.MissingOwners); what != "" {
		return handUnknown(what, who)
	}
	return ""
}

func handUnknown(what string, who pipeline.Actor) string {
	return fmt.Sprintf("it could not be looked up whether %s has a hand in the change, and whoever has cannot approve it (missing: %s); vote again in a moment",
		name(who), what)
}

// inRoles says in words what hand somebody has: "is the merger of this change".
func inRoles(roles []pipeline.Role) string {
	var words []string
	for _, role := range roles {
		word := "the " + string(role)
		if !strings.Contains(word, " of ") {
			word += " of this change"
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return "has a hand in this change"
	}
	return "is " + list(words, "and")
}

// strangers is how many authors of the change have no account that is known.
func (r *rules) strangers() int {
	brief := r.gate.Brief
	if !r.guarded() || brief == nil {
		return 0
	}
	n := 0
	for _, involved := range brief.Involved {
		if involved.Actor.ID <= 0 {
			n++
		}
	}
	return max(n, len(brief.Unresolved))
}

// askForStrangers adds what authors without an account ask for. Any of the voters
// may be one of them. So one approval has to come from somebody whom the policy
// lists; if it lists nobody, each requirement needs one more for each of them: n
// people cannot be n+1 voters.
func (r *rules) askForStrangers() {
	n := r.strangers()
	if n == 0 {
		return
	}
	var byName []pipeline.Selector
	for _, q := range r.demands {
		for _, s := range q.from { // a user who was not found is listed too, or a failed look-up would ask for less
			if listed(s) && !slices.Contains(byName, s) {
				byName = append(byName, s)
			}
		}
	}
	if len(byName) > 0 {
		r.byName = &demand{from: byName, needed: 1, parts: []part{{from: byName}}}
		return
	}
	for i := range r.demands {
		r.demands[i].needed += n
		r.demands[i].extra = n
	}
}
