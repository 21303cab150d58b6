package command

import (
	"slices"
	"strconv"
	"strings"
)

// SlackGate is an open gate as far as a vote in Slack must name it: there it is not
// clear from the thread which repository and which run are meant.
type SlackGate struct {
	Gate
	Repository string // owner/name
	Run        int64  // its number
}

// ResolveSlackVote finds out which of the open gates an approve or a reject in Slack
// means. The first word may be the repository of an open gate, with its owner or
// without; the next one the number of the run, "#142". What follows is read as
// ResolveVote reads it: a gate, a commit, the reason. known are names that exist but
// may not be open. slash is our slash command, for the lines to copy.
func ResolveSlackVote(c SlackCommand, slash string, open []SlackGate, known ...string) Vote {
	if len(open) == 0 {
		return Vote{Problem: NoGate}
	}
	meant, args := open, c.Args
	problem := func(p VoteProblem, named string, of []SlackGate) Vote {
		return Vote{Problem: p, Named: clean(named), Lines: slackLines(c.Verb, slash, of, open)}
	}
	word, rest := cutWord(args)
	if of := ofRepository(open, word); len(of) > 0 {
		// A whole name is the repository's, or a gate that is called like one would take
		// its votes.
		if gates := ofName(open, word); len(gates) > 0 && !strings.Contains(word, "/") {
			return problem(Ambiguous, "", union(open, of, gates))
		}
		meant, args = of, rest
	} else if strings.Count(word, "/") == 1 && isRepository(word) && len(ofName(open, word)) == 0 {
		return problem(NotOpen, word, open)
	}
	if word, rest = cutWord(args); strings.HasPrefix(word, "#") {
		n, ok := runNumber(word)
		of := slices.DeleteFunc(slices.Clone(meant), func(g SlackGate) bool { return g.Run != n })
		if !ok || len(of) == 0 {
			return problem(NotOpen, word, meant)
		}
		meant, args = of, rest
	}
	gates := make([]Gate, 0, len(meant))
	for _, g := range meant {
		gates = append(gates, g.Gate)
	}
	vote := ResolveVote(Command{Verb: c.Verb, Args: args, Form: "/"}, gates, known...)
	switch {
	case vote.Problem == NeedsReason:
		meant = slices.DeleteFunc(slices.Clone(meant), func(g SlackGate) bool { return g.ID != vote.Gate.ID })
	case vote.Problem == "":
		return vote
	}
	vote.Lines = slackLines(c.Verb, slash, meant, open)
	return vote
}

// ofRepository returns the gates of the repository that a word names.
func ofRepository(open []SlackGate, word string) []SlackGate {
	var found []SlackGate
	for _, g := range open {
		_, name, _ := strings.Cut(g.Repository, "/")
		if w := lower(word); w != "" && (w == lower(g.Repository) || w == lower(name)) {
			found = append(found, g)
		}
	}
	return found
}

// ofName returns the gates that a word names.
func ofName(open []SlackGate, word string) []SlackGate {
	return slices.DeleteFunc(slices.Clone(open), func(g SlackGate) bool { return len(named([]Gate{g.Gate}, word)) == 0 })
}

func union(open, a, b []SlackGate) []SlackGate {
	return slices.DeleteFunc(slices.Clone(open), func(g SlackGate) bool {
		same := func(other SlackGate) bool { return other.ID == g.ID }
		return !slices.ContainsFunc(a, same) && !slices.ContainsFunc(b, same)
	})
}

// slackLines writes for each of some gates the command that counts for it whenever it
// is written: always with the repository, and with the run where another open gate
// could not be told apart.
func slackLines(verb Verb, slash string, some, open []SlackGate) []string {
	var out []string
	for _, g := range some {
		run := ""
		for _, other := range open {
			if other.ID != g.ID && other.Repository == g.Repository && other.Pipeline == g.Pipeline && lower(other.Name) == lower(g.Name) && other.SHA == g.SHA {
				run = " #" + strconv.FormatInt(g.Run, 10)
			}
		}
		form := slash + " "
		line := verb.Lines(form, []Gate{g.Gate}, sameRepository(open, g))[0]
		out = append(out, form+string(verb)+" "+g.Repository+run+strings.TrimPrefix(line, form+string(verb)))
	}
	return out
}

func sameRepository(open []SlackGate, g SlackGate) []Gate {
	var out []Gate
	for _, other := range open {
		if other.Repository == g.Repository {
			out = append(out, other.Gate)
		}
	}
	return out
}
