package slackapp

import (
	"regexp"
	"strings"
	"unicode"
)

// secrets are the texts that nobody may see.
type secrets []string

// alikePattern finds what looks like a token of Slack's, ours or not, whole or cut,
// and URLs, which may be capabilities.
var alikePattern = regexp.MustCompile(`(?i)x(?:ox[a-z]|app)[-.%][A-Za-z0-9%.-]*|(?:wss?|https?)://\S+|ticket=\S+`)

const hidden = "[hidden]"

// scrub makes a text of the outside fit to be shown: one line, without secrets, at
// most 300 bytes.
func (s secrets) scrub(text string) string {
	for _, secret := range s {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, hidden)
		}
	}
	text = alikePattern.ReplaceAllString(text, hidden)
	text = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, text)
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:297], "") + "…"
	}
	return text
}
