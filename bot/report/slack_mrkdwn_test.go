package report_test

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/report"
)

// slackScrap makes strings that try to be something else than words in Slack.
func slackScrap() *rapid.Generator[string] {
	scrap := rapid.SampledFrom([]string{
		"<!channel>", "<!here>", "<!everyone|x>", "<@U024BE7LH>", "<@W1>", "<!subteam^S012|@sre>", "<#C012|general>", "<https://evil.example|octo-org/shop>",
		"<!date^1^{date}^https://evil.example|now>", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "&", ";", "@channel", "@here", "#general", "https://evil.example/x",
		"mailto:a@evil.example", "www.evil.example", ":tada:", ":white_check_mark:", ":tada", ":", "::", "+1", ">", ">>>", "&gt;", "> quote", "*", "_", "~", "*bold*", "_it_", "~no~",
		"`", "``", "```", "`code`", "```\nblock\n```", "|", "\\", "\n", "\r\n", "\n> ", "\n• ", "\t", "\u2028", "\u202e", "\u200b", "\u2066", "\ufeff", "\x00", "\x1b[31m", "\xff",
		"x", "snake_case", "a", "1", " ", "ö", "😀", "/penstock approve", "-", ",", ".", "(", ")", "'", "\"", "!",
	})
	return rapid.Custom(func(t *rapid.T) string {
		times := rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 500}).Draw(t, "times")
		return strings.Repeat(strings.Join(rapid.SliceOfN(scrap, 0, 8).Draw(t, "scraps"), ""), times)
	})
}

// What is ours between < and >: links to our pages and to the forge, dates.
var (
	slackOwn   = regexp.MustCompile(`^(https?://[^\s|<>]+\|[^|<>\n]+|!date\^\d+\^\{date_short_pretty\} at \{time\}\|[^|<>]+)$`)
	slackOurs  = regexp.MustCompile(`^(http://localhost:8080/|https://github\.com/octo-org/shop|!date)`)
	slackEmoji = regexp.MustCompile(`(?i):[a-z0-9_+'-]+:`)
	slackAuto  = regexp.MustCompile(`(?i)@[\pL\d]|#\pL|://|mailto:[^\x{2060}]*@[\pL\d]`)
	slackCodes = regexp.MustCompile("`[^`\n]+`")
	slackFence = regexp.MustCompile("```[^`]*```\n?")
)

// checkSlack reads a message as Slack does and holds it to what no foreign word in it
// may be. calls are the ids that it may call.
func checkSlack(t *rapid.T, name string, m report.SlackMessage, calls ...string) {
	for _, problem := range slackProblems(m) {
		t.Fatalf("%s: %s", name, problem)
	}
	checkMrkdwn(t, name, m.Text)
	checkSlackBlocks(t, name, m.Blocks, calls...)
}

func checkSlackBlocks(t *rapid.T, name string, blocks []slack.Block, calls ...string) {
	for _, block := range blocks {
		switch b := block.(type) {
		case *slack.HeaderBlock:
			checkPlainText(t, name, b.Text.Text)
		case *slack.SectionBlock:
			checkMrkdwn(t, name, b.Text.Text, calls...)
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				checkMrkdwn(t, name, e.(*slack.TextBlockObject).Text)
			}
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				if button := e.(*slack.ButtonBlockElement); button.URL != "" && !slackOurs.MatchString(button.URL) {
					t.Fatalf("%s leads to %q", name, button.URL)
				}
			}
		}
	}
}

// checkPlainText: Slack reads nothing in it, and neither would one that did.
func checkPlainText(t *rapid.T, name, text string) {
	if !oneLine(text) || strings.Contains(text, "<!") || regexp.MustCompile(`[<@][@\w]`).MatchString(text) {
		t.Fatalf("%s shows %q", name, text)
	}
}

func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool {
		return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u200b'
	})
}

func checkMrkdwn(t *rapid.T, name, text string, calls ...string) {
	fail := func(what, part string) { t.Fatalf("%s has %s, %q:\n%s", name, what, part, text) }
	rest := slackFence.ReplaceAllString(text, "")
	if strings.Contains(rest, "```") {
		fail("an open block of code", rest)
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if !oneLine(line) {
			fail("a line that is none", line)
		}
		if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "&gt;") {
			fail("a quote", line)
		}
		outside := ""
		for i, part := range strings.Split(slackCodes.ReplaceAllString(line, "C"), "<") {
			inside, after, closed := strings.Cut(part, ">")
			if i == 0 {
				inside, after, closed = "", part, true
				if strings.Contains(part, ">") {
					fail("a loose sign", part)
				}
			}
			id, isCall := strings.CutPrefix(inside, "@")
			switch {
			case i == 0:
			case isCall && closed && contains(calls, id):
			case !closed || strings.Contains(after, ">") || !slackOwn.MatchString(inside):
				fail("something that Slack reads", part)
			case !slackOurs.MatchString(inside):
				fail("a foreign address", inside)
			}
			if _, label, ok := strings.Cut(inside, "|"); ok && !strings.HasPrefix(inside, "!date") {
				after = label + after
			}
			outside += after
		}
		if strings.Contains(outside, "`") {
			fail("open code", outside)
		}
		if strings.Contains(outside, "~") || strings.Count(outside, "*")%2 != 0 || italic(outside) {
			fail("emphasis", outside)
		}
		if strings.Contains(regexp.MustCompile(`&(amp|lt|gt);`).ReplaceAllString(outside, ""), "&") {
			fail("an open escape", outside)
		}
		for what, pattern := range map[string]*regexp.Regexp{"an emoji": slackEmoji, "a mention or an address": slackAuto} {
			if found := pattern.FindString(outside); found != "" {
				fail(what, found)
			}
		}
	}
}

func contains(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

// italic reports whether an underscore could begin or end italics: it does within no
// word.
func italic(s string) bool {
	runes := []rune(" " + s + " ")
	word := func(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) }
	for i, c := range runes {
		if c == '_' && (!word(runes[i-1]) || !word(runes[i+1])) {
			return true
		}
	}
	return false
}
