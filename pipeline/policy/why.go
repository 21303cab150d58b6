package policy

import (
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// notAsked says why somebody is none of those whom the gate asks.
func (r *rules) notAsked(f pipeline.Facts) string {
	who := name(f.Voter)
	var asked []pipeline.Selector
	for i := range r.demands {
		d := &r.demands[i]
		if why := d.unknownTeam(f); why != "" {
			return why
		}
		asked = append(asked, d.everybody()...)
	}
	for i := range r.demands {
		if trouble := r.demands[i].trouble; trouble != "" {
			return unknownOwners(trouble)
		}
	}
	reader := f
	reader.Permission = pipeline.PermissionRead
	switch {
	case !canRead(f.Permission) && anyNames(asked, reader):
		return fmt.Sprintf("%s has no access to this repository; whoever is listed needs read access at least", who)
	case !slices.ContainsFunc(asked, func(s pipeline.Selector) bool { return s != writers() }):
		return fmt.Sprintf("%s has no write access to this repository", who)
	case !slices.ContainsFunc(asked, func(s pipeline.Selector) bool { return s.Permission != pipeline.PermissionAdmin }):
		return fmt.Sprintf("%s is no administrator of this repository", who)
	}
	return fmt.Sprintf("%s is none of those who are asked: %s", who, selectors(asked))
}

// everybody is whom a requirement asks, code owners by name where they are known.
func (d *demand) everybody() []pipeline.Selector {
	var all []pipeline.Selector
	seen := map[pipeline.Selector]bool{}
	add := func(s pipeline.Selector) {
		if !seen[s] && (kindOf(s) != codeOwners || len(d.parts) == 0) {
			seen[s] = true
			all = append(all, s)
		}
	}
	for _, s := range d.from {
		add(s)
	}
	for _, p := range d.parts {
		for _, s := range p.from {
			add(s)
		}
	}
	return all
}

// unknownTeam says which membership could not be looked up, of a team that is
// asked; empty: none.
func (d *demand) unknownTeam(f pipeline.Facts) string {
	for _, s := range d.everybody() {
		if kindOf(s) == team && slices.Contains(f.Unknown, pipeline.UnknownTeam(s.Team)) {
			return lookUp(pipeline.UnknownTeam(s.Team), f.Voter)
		}
	}
	return ""
}

// unknownOwners is the sentence about code owners that nobody knows.
func unknownOwners(what string) string {
	return fmt.Sprintf("who owns what has changed could not be looked up, and nobody counts as an owner until it is (missing: %s); vote again in a moment", what)
}
