package definition

import (
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// Subject is the change that a gate is about, as far as requirements look at it.
// What is not known fits, so that nobody is left unasked because of it.
type Subject struct {
	Branch string   // of a pull request: that it is bound for; empty: not known, or a tag
	Paths  []string // that differ; nil: not known, empty: none
	Labels []string // of the pull request; nil: not known, empty: none
}

// PolicyFor is a policy as it applies to a change: requirements whose When does not
// fit are taken out of it, and told in Waived. If none is left, one vote of whoever
// has write access is asked for. p is not changed, and applying it again to the same
// change changes nothing.
func PolicyFor(p pipeline.Policy, c Subject) pipeline.Policy {
	p.Waived = slices.Clone(p.Waived)
	var kept []pipeline.Requirement
	for _, r := range p.AllOf {
		if why := c.misses(r.When); why != "" {
			p.Waived = append(p.Waived, r.String()+": "+why)
			continue
		}
		kept = append(kept, r)
	}
	if len(p.AllOf) > 0 && len(kept) == 0 {
		p.Required = 1
	}
	p.AllOf = kept
	return p
}

// misses says which part of a When does not fit the change; empty: all do.
func (c Subject) misses(when *pipeline.AppliesTo) string {
	if when == nil {
		return ""
	}
	path := func(path string) bool { return passes(when.Paths, path) }
	switch {
	case when.Branches != nil && c.Branch != "" && !passes(when.Branches, c.Branch):
		return fmt.Sprintf("only for branches %s", when.Branches)
	case when.Paths != nil && c.Paths != nil && !slices.ContainsFunc(c.Paths, path):
		return fmt.Sprintf("only where paths change that fit %s", when.Paths)
	case when.Labels != nil && c.Labels != nil && !labelled(when.Labels, c.Labels):
		return fmt.Sprintf("only with labels %s", when.Labels)
	}
	return ""
}
