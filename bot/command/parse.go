package command

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxBody is the greatest number of bytes of a comment that is read: GitHub's
	// 65,536 characters of up to four bytes. A longer one has no commands.
	MaxBody = 4 * 65536
	// MaxCommands is how many commands of one comment are heard: the first ones.
	MaxCommands = 20
	// ownName addresses us whatever the prefix is.
	ownName = "penstock"
)

// Options say how people address us.
type Options struct {
	// Prefix is the operator's PENSTOCK_COMMAND_PREFIX, with or without its
	// slash. When it is set, only "/<prefix> command" is heard. "/penstock
	// command" always is.
	Prefix string
}

// word returns the prefix as it is compared: lower case, without slash.
func (o Options) word() string {
	return lower(strings.Trim(o.Prefix, "/ \t"))
}

// Parse returns the commands of a comment in the order of their lines, at most
// MaxCommands. Well-formed or not, each of them is meant for us and deserves an
// answer; lines for other bots are left out.
func Parse(body string, options Options) []Command {
	var commands []Command
	for _, l := range liveLines(body) {
		c, ok := parseLine(l.text, options)
		if !ok {
			continue
		}
		c.Line = l.number
		commands = append(commands, c)
		if len(commands) == MaxCommands {
			break
		}
	}
	return commands
}

// HasLiveCommand reports whether a text has a line that Parse would hear under
// some prefix: plain text that starts with a slash and a word. Texts that we
// post must have none, or we would answer ourselves when somebody quotes them.
func HasLiveCommand(body string) bool {
	for _, l := range liveLines(body) {
		if r, _ := utf8.DecodeRuneInString(l.text[1:]); unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// parseLine reads a line that starts with a slash. ok is false if the line is
// not for us.
func parseLine(line string, options Options) (c Command, ok bool) {
	c = Command{Text: line, Form: "/"}
	if r, _ := utf8.DecodeRuneInString(line[1:]); unicode.IsSpace(r) || r == '/' {
		return c, false // "/ approve" is a sentence, "//approve" a comment of some code
	}
	c.Word, c.Args = cutWord(line[1:])
	if p := options.word(); p != "" {
		c.Form = "/" + p + " "
	}
	addressed := false
	switch w := lower(c.Word); {
	case w == ownName, w != "" && w == options.word():
		addressed = true
		c.Form = "/" + w + " "
		c.Word, c.Args = cutWord(c.Args)
		if c.Word == "" {
			c.Word = string(Help)
		}
	case options.word() != "":
		return Command{}, false
	}
	spec, known := lookUp(lower(c.Word))
	if !known {
		c.Problem = Unknown
		c.Suggestion = nearestVerb(lower(c.Word), addressed)
		return c, addressed || c.Suggestion != ""
	}
	c.Verb = spec.Verb
	c.check()
	return c, true
}

// check judges what follows the verb. What is said about gates is judged by
// ResolveVote, which knows those that are open.
func (c *Command) check() {
	args := lower(c.Args)
	switch {
	case c.Verb == Retry && args == "all":
		c.All = true
	case c.Verb == Retry && args != "" && args != "failed":
		c.Problem = NotSupported // an action's name
	case c.Verb == Start:
		c.readStart()
	case c.Verb == Rollback:
		c.readRollback()
	case c.Verb == Disable, c.Verb == Lock:
		c.Name, c.Reason = c.nameAndReason()
		c.malformedIf(c.Name == "" || c.Reason == "")
	case c.Verb == Enable, c.Verb == Unlock:
		c.Name, c.Reason = c.nameAndReason()
		c.malformedIf(c.Name == "" || c.Reason != "")
	case c.Verb == Stop && args == "abandon":
		c.Abandon = true
	case c.Verb == Stop && args != "":
		c.Problem = Malformed
	case c.Verb == OkToTest && !isCommit(args):
		c.Problem = Malformed
	}
}

// cutWord splits the first word off, at any white space.
func cutWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// lower folds ASCII letters only: "ſ" and the Kelvin sign are not ours. It keeps
// the length, whatever the bytes are.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
