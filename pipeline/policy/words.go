package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxListed is how many names a sentence lists.
const maxListed = 10

// words say what is required.
func (d *demand) words() string {
	words := approvals(d.needed) + " by " + selectors(d.from)
	asksOwners := slices.ContainsFunc(d.from, func(s pipeline.Selector) bool { return kindOf(s) == codeOwners })
	switch lines := len(d.parts); {
	case !asksOwners || d.trouble != "":
	case lines == 1 && d.parts[0].pattern == "":
		words += "; nothing that has changed has an owner, so people with write access answer"
	case lines == 1:
		words += ": " + d.partWords(d.parts[0])
	default:
		words += fmt.Sprintf(", for each of %d lines of CODEOWNERS", lines)
	}
	if d.extra > 0 {
		words += fmt.Sprintf("; %d of them because %s of the change %s no account here", d.extra,
			counted(d.extra, "an author", "authors"), counted(d.extra, "has", "have"))
	}
	return words
}

// wordsOf say what is required for a line of CODEOWNERS.
func (d *demand) wordsOf(p part) string { return approvals(d.needed) + " for " + d.partWords(p) }

func (d *demand) partWords(p part) string {
	words := p.pattern + " by " + selectors(p.from)
	if len(p.others) > 0 {
		words += " (" + list(p.others, "and") + counted(len(p.others), " is", " are") + " no account here)"
	}
	return words
}

// wordsByName say why one approval has to come from somebody who is listed.
func (r *rules) wordsByName() string {
	words := "1 approval by name, of " + selectors(r.byName.from) + ", because " +
		counted(r.strangers(), "an author", "authors") + " of the change " + counted(r.strangers(), "has", "have") + " no account here"
	if len(r.gate.Brief.Unresolved) > 0 {
		words += ": " + list(r.gate.Brief.Unresolved, "and")
	}
	return words
}

// selectors say who is asked, any of them.
func selectors(all []pipeline.Selector) string {
	var words []string
	said := map[string]bool{}
	for _, s := range all {
		if word := selector(s); !said[word] {
			said[word] = true
			words = append(words, word)
		}
	}
	return list(words, "or")
}

func selector(s pipeline.Selector) string {
	switch kindOf(s) {
	case nobody:
		return "nobody"
	case user:
		if s.ID <= 0 {
			return s.User + " (no such account)"
		}
		return name(pipeline.Actor{ID: s.ID, Login: s.User})
	}
	return s.String()
}

// list joins words with commas and a last word between; what goes beyond maxListed
// is counted.
func list(words []string, last string) string {
	if more := len(words) - maxListed; more > 0 {
		words = append(slices.Clone(words[:maxListed]), fmt.Sprintf("%d others", more))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

func approvals(n int) string { return fmt.Sprintf("%d %s", n, counted(n, "approval", "approvals")) }

func counted(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}
