package pipeline

import (
	"fmt"
	"strings"
)

// String names the people in words, such as "team sre", "octocat" or "people with
// write access".
func (s Selector) String() string {
	switch {
	case s.Team != "":
		return "team " + s.Team
	case s.User != "":
		return s.User
	case s.CodeOwners:
		return "code owners of what has changed"
	case s.Permission == PermissionAdmin:
		return "administrators of the repository"
	case s.Permission == PermissionWrite:
		return "people with write access"
	}
	return "nobody"
}

// SelectorsInWords names any of some people: "team sre, team dba or octocat". None
// are those with write access.
func SelectorsInWords(from []Selector) string {
	if len(from) == 0 {
		return Selector{Permission: PermissionWrite}.String()
	}
	words := make([]string, 0, len(from))
	for _, s := range from {
		words = append(words, s.String())
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// String is what is asked for in words, such as "2 approvals by team sre or octocat".
// When it is asked for is not said.
func (r Requirement) String() string {
	if r.Required <= 1 {
		return "1 approval by " + SelectorsInWords(r.From)
	}
	return fmt.Sprintf("%d approvals by %s", r.Required, SelectorsInWords(r.From))
}

// String is the filter in words, such as "main or release/**, not release/old".
func (f Filter) String() string {
	words := strings.Join(f.Includes, ", ")
	if i := strings.LastIndex(words, ", "); i >= 0 {
		words = words[:i] + " or " + words[i+2:]
	}
	switch not := strings.Join(f.Excludes, ", "); {
	case not == "":
	case words == "":
		words = "all but " + not
	default:
		words += ", not " + not
	}
	return words
}
