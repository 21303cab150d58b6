package command_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/bot/command"
)

// scraps are what Markdown is made of.
func scraps() []string {
	return []string{
		"/approve", "/reject no", "text", "", "```", "````", "~~~", "``` go", "<!--", "-->", "`", "``", "`a`",
		"<details>", "</details>", "<pre>", "</pre>", "<div>", "[x]:", "# h", "---", "<a href=\"", "\">", "\\`", "<!X",
	}
}

func body(prefixes ...string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		line := rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom(prefixes).Draw(t, "prefix") + rapid.SampledFrom(scraps()).Draw(t, "scrap")
		})
		return strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "lines"), "\n")
	})
}

// TestNothingIsHeardInCodeOrQuotes holds for any text between fences that are longer
// than any in it, and for any text that is quoted line by line.
func TestNothingIsHeardInCodeOrQuotes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := body("", " ", "    ", "> ", "- ").Draw(t, "body")
		for name, hidden := range map[string]string{
			"fence":  "``````\n" + text + "\n``````",
			"quote":  "> " + strings.ReplaceAll(text, "\n", "\n> "),
			"indent": "    " + strings.ReplaceAll(text, "\n", "\n    "),
		} {
			if command.HasLiveCommand(hidden) {
				t.Fatalf("a command is heard in a %s:\n%s", name, hidden)
			}
		}
	})
}

// TestACommandAfterPlainTextIsHeard: after whole, closed text, a command on a line of
// its own is heard.
func TestACommandAfterPlainTextIsHeard(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.SampledFrom([]string{"text", "", "- item", "1. item", "# h", "`a` b", "> quote", "```\n/x\n```", "<!-- a -->"})).Draw(t, "lines")
		text := strings.Join(lines, "\n\n") + "\n\n/approve"
		if !command.HasLiveCommand(text) {
			t.Fatalf("not heard:\n%s", text)
		}
	})
}

// TestLaterParagraphsDoNotChangeWhatWasHeard: what follows a blank line has no
// say in it.
func TestLaterParagraphsDoNotChangeWhatWasHeard(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := body("", "  ", "> ", "- ").Draw(t, "first")
		second := body("", "  ", "> ", "- ").Draw(t, "second")
		before := command.Parse(first, command.Options{})
		after := command.Parse(first+"\n\n"+second, command.Options{})
		if len(after) < len(before) {
			t.Fatalf("%d commands in\n%s\nbut %d with\n%s", len(before), first, len(after), second)
		}
		for i := range before {
			if !reflect.DeepEqual(before[i], after[i]) {
				t.Fatalf("command %d changed from %v to %v", i, before[i], after[i])
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, body := range map[string]string{
		"short":     "Looks good.\n\n/approve production",
		"log":       "```\n" + strings.Repeat("a line of a log with some words\n", 1500) + "```\n/approve",
		"backticks": strings.Repeat("` `` ``` ", 7000) + "\n/approve",
		"tags":      strings.Repeat("<", 60000) + "\n/approve",
		"lists":     strings.Repeat("- ```\n  ~~~\n    <!--\n", 3000) + "/approve",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				command.Parse(body, command.Options{})
			}
		})
	}
}
