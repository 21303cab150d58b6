package main

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/bot/command"
)

var (
	// terminal is what a terminal would act on, or what turns the reading order round.
	terminal = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f\x{80}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]`)
	element  = regexp.MustCompile(`(?i)<(script>|img|/td></details)|" on[a-z]+="|(href|src)="(javascript|https://evil)`)
	markdown = regexp.MustCompile(`(^|[^\\])(<(script|img|/td|https)|!\[|\]\((javascript|https://evil))|@(octocat|hubot)`)
)

// wantQuiet fails if a text would do something to a terminal.
func wantQuiet(t *testing.T, where, text string) {
	t.Helper()
	if i := terminal.FindStringIndex(text); i != nil || !utf8.ValidString(text) {
		t.Errorf("%s is not plain text: %.300q", where, text[max(0, at(i)-100):])
	}
}

func at(i []int) int {
	if i == nil {
		return 0
	}
	return i[0]
}

func wantDeadPage(t *testing.T, path, body string) {
	t.Helper()
	wantQuiet(t, "page "+path, body)
	if i := element.FindStringIndex(body); i != nil {
		t.Errorf("page %s has a live %q: %.300s", path, body[i[0]:i[1]], body[max(0, i[0]-100):])
	}
}

func wantDeadMarkdown(t *testing.T, where, text string) {
	t.Helper()
	wantQuiet(t, where, text)
	if command.HasLiveCommand(text) {
		t.Errorf("%s is heard as a command:\n%s", where, text)
	}
	words := withoutCode(text)
	if i := markdown.FindStringIndex(words); i != nil {
		t.Errorf("%s has a live %q:\n%s", where, words[i[0]:i[1]], text)
	}
}

// withoutCode takes fenced blocks and code spans out.
func withoutCode(text string) string {
	var lines []string
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && line == fence:
			fence = ""
		case fence == "":
			lines = append(lines, line)
		}
	}
	text = strings.Join(lines, "\n")
	for n := 6; n > 0; n-- { // the longer ones first: they hold shorter ones
		run := strings.Repeat("`", n)
		text = regexp.MustCompile("(^|[^`\\\\])"+run+"[^`].*?"+run+"([^`]|$)").ReplaceAllString(text, "$1$2")
	}
	return text
}
