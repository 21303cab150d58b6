package command

import (
	"strconv"
	"strings"
)

// SlackCommand is what somebody wrote after our slash command in Slack.
type SlackCommand struct {
	// Verb is what is asked for. With Problem Unknown it is empty.
	Verb Verb
	// Args is what follows the verb, without the spaces around it.
	Args string
	// Word is the word that was read as the verb, as typed.
	Word string
	// Repository is that of status and why: "owner/name" or "name", as typed; empty:
	// none was named. Run is the number of why; 0: none was named.
	Repository string
	Run        int64
	// Suggestion is the verb that was probably meant, with Problem Unknown; it may be
	// empty.
	Suggestion Verb
}

// Verbs that only Slack has.
const (
	SlackLink   Verb = "link"
	SlackUnlink Verb = "unlink"
	SlackMute   Verb = "mute"
	SlackUnmute Verb = "unmute"
)

// SlackVerbs returns every verb of the slash command in Slack, in the order in which
// help shows them. The slice is the caller's.
func SlackVerbs() []Spec {
	return []Spec{
		{Verb: Approve, Usage: "[repository] [gate | #run] [commit] [reason]", Does: "Approve an open gate of a run", Needs: NeedsRules},
		{Verb: Reject, Usage: "[repository] [gate | #run] [commit] reason", Does: "Reject an open gate of a run, which then fails", Needs: NeedsRules},
		{Verb: Status, Usage: "[repository]", Does: "Say how the newest runs stand", Needs: NeedsNothing},
		{Verb: Why, Usage: "[repository] [#run]", Does: "Say what a run waits for and who can move it, or why it ended", Needs: NeedsNothing},
		{Verb: SlackLink, Does: "Link your GitHub account, so that your votes here count", Needs: NeedsNothing},
		{Verb: SlackUnlink, Does: "End that link", Needs: NeedsNothing},
		{Verb: SlackMute, Does: "Get no direct messages about gates", Needs: NeedsNothing},
		{Verb: SlackUnmute, Does: "Get them again", Needs: NeedsNothing},
		{Verb: Help, Does: "Say what you can ask for", Needs: NeedsNothing},
	}
}

// ParseSlackCommand reads the text of our slash command in Slack, one line. Nothing
// asks for help. What is said about gates is judged by ResolveSlackVote, which knows
// those that are open.
func ParseSlackCommand(text string) (SlackCommand, Problem) {
	if len(text) > MaxBody {
		text = ""
	}
	// Slack escapes these three in what people type.
	text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
	c := SlackCommand{}
	c.Word, c.Args = cutWord(strings.ToValidUTF8(text, "\ufffd"))
	word := lower(strings.TrimPrefix(c.Word, "/"))
	if c.Word == "" {
		word = string(Help)
	}
	for _, s := range SlackVerbs() {
		if string(s.Verb) == word {
			c.Verb = s.Verb
			return c, c.check()
		}
	}
	c.Suggestion = nearest(word, 2, SlackVerbs())
	return c, Unknown
}

// Usage returns the verb with what may follow it, for people to copy. slash is our
// slash command, such as "/penstock". It is empty for an unknown verb.
func (c SlackCommand) Usage(slash string) string {
	for _, s := range SlackVerbs() {
		if s.Verb == c.Verb && c.Verb != "" {
			return slash + " " + s.Line()[1:]
		}
	}
	return ""
}

func (c *SlackCommand) check() Problem {
	words := strings.Fields(c.Args)
	switch c.Verb {
	case Approve, Reject, Help:
		return None
	case Status, Why:
		if c.Verb == Why && len(words) == 1 && strings.Trim(words[0], "0123456789") == "" { // the number of a run, not a repository
			words[0] = "#" + words[0]
		}
		if len(words) > 0 && isRepository(words[0]) {
			c.Repository, words = words[0], words[1:]
		}
		if c.Verb == Why && len(words) > 0 {
			if n, ok := runNumber(words[0]); ok {
				c.Run, words = n, words[1:]
			}
		}
	}
	if len(words) > 0 {
		return Malformed
	}
	return None
}

// isRepository reports whether a word can be the name of a repository, with its owner
// or without.
func isRepository(word string) bool {
	owner, name, both := strings.Cut(word, "/")
	return repositoryWord(owner) && (!both || repositoryWord(name))
}

func repositoryWord(s string) bool {
	for _, c := range []byte(s) {
		if !isNameByte(c) {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

func isNameByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '-' || c == '_' || c == '.'
}

// runNumber reads "#142".
func runNumber(word string) (int64, bool) {
	digits, marked := strings.CutPrefix(word, "#")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, marked && err == nil && n > 0 && digits[0] != '+'
}
