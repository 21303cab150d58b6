package command

import (
	"slices"
	"strings"
	"unicode"

	"github.com/penstock-cd/penstock/pipeline"
)

// MaxReason is how many characters of a reason are kept.
const MaxReason = 1000

// Gate is an open gate as far as a vote must name it.
type Gate struct {
	ID       string // the approval's id
	Pipeline string
	Name     string // the environment, or stage/action
	SHA      string // the commit that waits
}

// Vote is what /approve, /reject, /unapprove or /override says about one gate.
type Vote struct {
	// Gate is the one that is meant; it is empty if Problem is set, except with
	// NeedsReason.
	Gate Gate
	// SHA is the commit that was named, in lower case, or empty. It is a prefix of
	// the gate's.
	SHA string
	// Reason is one line of what somebody typed: escape it before showing it.
	Reason string
	// Problem is why nothing may be counted.
	Problem VoteProblem
	// Named is the gate that was named, with NotOpen and NoGate, or the commit, with
	// WrongCommit.
	Named string
	// Lines are commands to copy that would be counted.
	Lines []string
}

// VoteProblem is why a vote cannot be given to a gate.
type VoteProblem string

const (
	// NoGate: nothing waits here.
	NoGate VoteProblem = "no open gate"
	// Ambiguous: several gates wait and it is not said which.
	Ambiguous VoteProblem = "ambiguous"
	// NotOpen: the first word names a gate that does not wait, or almost names one
	// that does. It is never taken for a reason to open another gate.
	NotOpen VoteProblem = "not open"
	// WrongCommit: a commit was named that is not the one that waits.
	WrongCommit VoteProblem = "wrong commit"
	// NotNamed: an override must say of which gate.
	NotNamed VoteProblem = "no gate named"
	// NeedsReason: a rejection and an override must say why.
	NeedsReason VoteProblem = "needs a reason"
)

// needsReason reports whether a verb must be followed by a reason.
func (v Verb) needsReason() bool { return v == Reject || v == Override }

// ResolveVote finds out which of the open gates an /approve, /reject, /unapprove or
// /override means; the last must name it, if it is the only one too. The first word is a gate only if it is the exact name of an open one (ASCII
// letters in either case), alone or as pipeline:name; the next word is a commit
// if it is 7 to 64 hexadecimal digits, and then it must begin the commit that
// waits. All that follows is the reason. known are names of gates that exist but
// may not be open; a vote that names one of them is refused instead of being
// counted for another gate.
func ResolveVote(cmd Command, open []Gate, known ...string) Vote {
	word, rest := cutWord(cmd.Args)
	isKnown := word != "" && slices.ContainsFunc(known, func(n string) bool { return lower(n) == lower(word) })
	switch {
	case len(open) == 0 && isKnown:
		return Vote{Problem: NoGate, Named: clean(word)}
	case len(open) == 0:
		return Vote{Problem: NoGate}
	}
	meant := named(open, word)
	switch {
	case len(meant) > 0:
		word, rest = cutWord(rest)
	case isKnown || word != "" && almostNamed(open, word):
		return Vote{Problem: NotOpen, Named: clean(word), Lines: cmd.Verb.Lines(cmd.Form, open, open)}
	case cmd.Verb == Override:
		return Vote{Problem: NotNamed, Lines: cmd.Verb.Lines(cmd.Form, open, open)}
	case len(open) > 1:
		return Vote{Problem: Ambiguous, Lines: cmd.Verb.Lines(cmd.Form, open, open)}
	default:
		meant = open
	}
	v := Vote{}
	if isCommit(word) {
		sha := lower(word)
		fitting := slices.DeleteFunc(slices.Clone(meant), func(g Gate) bool { return !strings.HasPrefix(lower(g.SHA), sha) })
		if len(fitting) == 0 {
			return Vote{Problem: WrongCommit, Named: sha, Lines: cmd.Verb.Lines(cmd.Form, meant, open)}
		}
		meant, v.SHA = fitting, sha
		word, rest = cutWord(rest)
	}
	if len(meant) > 1 {
		return Vote{Problem: Ambiguous, Lines: cmd.Verb.Lines(cmd.Form, meant, open)}
	}
	v.Gate = meant[0]
	v.Reason = reasonIn(word + " " + rest)
	if cmd.Verb.needsReason() && v.Reason == "" {
		v.Problem = NeedsReason
		v.Lines = cmd.Verb.Lines(cmd.Form, meant, open)
	}
	return v
}

// named returns the gates that a word names exactly.
func named(open []Gate, word string) []Gate {
	var found []Gate
	for _, g := range open {
		if w := lower(word); w != "" && (w == lower(g.Name) || w == lower(g.Pipeline+":"+g.Name)) {
			found = append(found, g)
		}
	}
	return found
}

// almostNamed reports whether a word is one slip away from the name of an open
// gate; one look-alike or invisible character is such a slip.
func almostNamed(open []Gate, word string) bool {
	return slices.ContainsFunc(open, func(g Gate) bool {
		return len(g.Name) >= 4 && distance(lower(word), lower(g.Name), 1) <= 1
	})
}

// Lines writes for each of some gates the command that counts for it whenever it is
// written, in the form in which somebody addresses us. The pipeline is named only
// where another open gate could not be told apart.
func (v Verb) Lines(form string, some, open []Gate) []string {
	var out []string
	for _, g := range some {
		name := g.Name
		for _, other := range open {
			if other.ID != g.ID && lower(other.Name) == lower(g.Name) && other.SHA == g.SHA {
				name = g.Pipeline + ":" + g.Name
			}
		}
		line := form + string(v) + " " + name + " " + pipeline.ShortSHA(g.SHA)
		if v.needsReason() {
			line += " " + placeholder
		}
		out = append(out, line)
	}
	return out
}

// placeholder stands for the reason in lines to copy. Who copies it unchanged has
// given none.
const placeholder = "<reason>"

// reasonIn is the reason that somebody gave, in one line.
func reasonIn(s string) string {
	if s = clean(s); lower(s) == placeholder {
		return ""
	}
	return s
}

// isCommit reports whether a word looks like the id of a commit, whole or cut.
func isCommit(word string) bool {
	if len(word) < 7 || len(word) > 64 {
		return false
	}
	for _, c := range []byte(word) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// clean makes one bounded line of visible text out of what somebody typed.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u200b', r == '\u2060', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.TrimSpace(s)
	if n := 0; len(s) > MaxReason {
		for i := range s {
			if n++; n > MaxReason {
				return s[:i]
			}
		}
	}
	return s
}
