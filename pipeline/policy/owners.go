package policy

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// partsOf are the parts of a requirement that asks these people. It has none, and
// trouble says why, if it asks for code owners and nobody knows who they are.
func partsOf(from []pipeline.Selector, brief *pipeline.Brief) (parts []part, trouble string) {
	plain := slices.DeleteFunc(slices.Clone(from), func(s pipeline.Selector) bool { return kindOf(s) == codeOwners })
	if len(plain) == len(from) {
		return []part{{from: from}}, ""
	}
	if brief == nil {
		return nil, pipeline.MissingOwners
	}
	if trouble := missing(brief, pipeline.MissingPeople); trouble != "" {
		return nil, trouble
	}
	for _, line := range brief.Owners {
		parts = append(parts, part{pattern: line.Pattern, others: line.Others, from: slices.Concat(ownersOf(line), plain)})
	}
	if len(parts) == 0 { // nothing that has changed has an owner
		parts = []part{{from: append(plain, writers())}}
	}
	return parts, ""
}

// ownersOf are the owners of a line that are known here; if there are none, people
// with write access answer for it.
func ownersOf(line pipeline.Ownership) []pipeline.Selector {
	owners := slices.DeleteFunc(slices.Clone(line.Owners), func(s pipeline.Selector) bool { return !listed(s) })
	if len(line.Owners) == 0 {
		return []pipeline.Selector{writers()}
	}
	return owners
}

// missing is the first look-up that failed and on which the asker's question rests:
// any but those about something else and those that are only shown.
func missing(brief *pipeline.Brief, elsewhere string) string {
	for _, what := range brief.Missing {
		if what != elsewhere && what != pipeline.MissingDetails {
			return what
		}
	}
	return ""
}
