package policy

import (
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// MayOverride reports whether a person with these facts is one of those who may go
// over the rules alone, with a hand in the change or not. If not, why is a sentence
// for that person. Code owners are nobody here: owning what has changed lets nobody
// go over its rules.
func MayOverride(those []pipeline.Selector, facts pipeline.Facts) (ok bool, why string) {
	those = slices.DeleteFunc(slices.Clone(those), func(s pipeline.Selector) bool { return kindOf(s) == codeOwners })
	if len(those) == 0 {
		return false, "nobody may override here: the environment lists nobody under override"
	}
	if why := doubt(facts); why != "" {
		return false, why
	}
	if anyNames(those, facts) {
		return true, ""
	}
	d := demand{from: those}
	if why := d.unknownTeam(facts); why != "" {
		return false, why
	}
	return false, fmt.Sprintf("%s may not override; these may: %s", name(facts.Voter), selectors(those))
}
