package command_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/bot/command"
)

// nasty are texts as people and bots post them, and as attackers would.
func nasty() []string {
	return []string{
		"LGTM :rocket:\r\n\r\n/approve production abcdef0 fine\r\n\r\n> /approve production\r\n",
		"On Friday, @octocat wrote:\n> /approve production\n>\n> thanks\n/reject production no\n",
		"- [ ] tests\n- [x] docs\n  - [ ] `/approve`\n    ```sh\n    /approve\n    ```\n\n/stop",
		"1. one\n   1. two\n      1. three\n         /approve\n\n         /approve\n",
		"```diff\n- /approve\n+ /approve\n```\n\n~~~~ md\n```\n/approve\n```\n~~~~\n/retry",
		"<details><summary>Plan: 3 to add</summary>\n\n```terraform\n/approve\n```\n\n/approve\n</details>\n\n/why",
		"<!-- bot:sticky\n/approve\n--> text <!--\n/approve\n-->\n/status",
		"<!--->\n/approve\n<!-- a -- b\n/approve\n--!>\n/approve\n-->",
		"| a | b |\n|---|---|\n| /approve | `/approve` |\n/approve\n\n/help",
		"\u200b/approve\n\u202e/approve\n/\u200bapprove\n/approve\u200b production\n/approve prod\u00aduction\n",
		"/\u0430pprove\n/appr\u043eve production\n\uff0fapprove\n/\u1d43pprove\n/\u017ftop\n/APPROVE PRODUCTION",
		"/reject production \u2066\u202edoog skool\u2069\u202c \u0000\u0007\u001b[31m\n",
		"/approve\u00a0production\u3000abcdef0\u2003go\u2028/reject production no\u2029/stop\v/retry\f/why\u0085/help",
		"`` `/approve\n/approve` ``\n\n`\n/approve\n`\n\n\\`\n/approve\n\\`",
		"[x]: <\n/approve\n>\n\n[a](<\n/approve\n>)\n\n[^1]: note\n\n    /approve\n\n/approve",
		"$$\n/approve\n$$\n\n$`/approve`$\n\n&#47;approve\n&sol;approve\n\\/approve",
		"Title\n/approve\n===\n\n/approve\n---\n\n# h\n/approve",
		"<table><tr><td>\n\n/approve\n\n</td></tr></table>\n<pre>\n\n/approve\n</pre>\n<code>\n/approve\n</code>",
		"<?php\n/approve\n?>\n<![CDATA[\n/approve\n]]>\n<!DOCTYPE\n/approve\n>\n/approve",
		"> [!WARNING]\n> /approve\n/approve\n\n/approve",
		"/start release A=1 B=\u202e C==\n/rollback Ship to #99999999999999999999\n/disable Ship \u200b\n/lock production <reason>\n/override production abcdef0",
		"\xff/approve\r\n\x00/stop\xc3\n/\xe2\x80\x8bretry",
	}
}

func seeds(f *testing.F) {
	for _, s := range scraps() {
		f.Add(s + "\n/approve production abcdef0 fine\n" + s)
	}
	for _, s := range nasty() {
		f.Add(s)
	}
	f.Add("- ```\n  /approve\n")
	f.Add("<!/\x82>")
}

func linesOf(body string) []string {
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n"), "\n")
}

// FuzzParse: whatever a comment is, each command of it is one of its lines, the
// lines rise, and what it says of gates is an open one or a problem.
func FuzzParse(f *testing.F) {
	seeds(f)
	open := []command.Gate{{ID: "1", Pipeline: "shop", Name: "production", SHA: "abcdef0123"}, {ID: "2", Pipeline: "shop", Name: "Ship/approve", SHA: "abcdef0123"}}
	f.Fuzz(func(t *testing.T, body string) {
		lines, last := linesOf(body), 0
		for _, c := range command.Parse(body, command.Options{}) {
			if c.Line <= last || c.Line > len(lines) || strings.TrimSpace(lines[c.Line-1]) != c.Text || !strings.HasPrefix(c.Text, "/") {
				t.Fatalf("%+v is no line of %q", c, body)
			}
			last = c.Line
			if (c.Verb == "") != (c.Problem == command.Unknown) || c.Verb != "" && c.Verb.Spec().Verb != c.Verb {
				t.Fatalf("%q has the verb %q and the problem %q", c.Text, c.Verb, c.Problem)
			}
			if c.Reason != strings.TrimSpace(c.Reason) || utf8.RuneCountInString(c.Reason) > command.MaxReason || strings.ContainsAny(c.Reason, "\n\r\x00\u202e\u2066") {
				t.Fatalf("%q has the reason %q", c.Text, c.Reason)
			}
			if !slices.Contains([]command.Verb{command.Approve, command.Reject, command.Unapprove, command.Override}, c.Verb) {
				continue
			}
			for _, waits := range [][]command.Gate{open, open[:1], nil} {
				v := command.ResolveVote(c, waits, "staging")
				known := slices.Contains(waits, v.Gate)
				if known != (v.Problem == "" || v.Problem == command.NeedsReason) {
					t.Fatalf("%q among %d gates means %+v", c.Text, len(waits), v)
				}
				for _, line := range v.Lines { // a line that is offered names one gate
					again := command.Parse(line, command.Options{})
					if len(again) != 1 || again[0].Verb != c.Verb {
						t.Fatalf("%q is answered with %q", c.Text, line)
					}
					if w := command.ResolveVote(again[0], waits, "staging"); w.Gate.ID == "" {
						t.Fatalf("%q is answered with %q, which means %+v", c.Text, line, w)
					}
				}
			}
		}
	})
}

// FuzzHidden: nothing is heard of any text that stands in code, in a quote or in an
// HTML comment, and what it says there is no command of the text after it either.
func FuzzHidden(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 1<<16 {
			return
		}
		lines := linesOf(body)
		fence := strings.Repeat("`", longest(body, '`')+3)
		hidden := map[string]string{
			"fence":  fence + "\n" + strings.Join(lines, "\n") + "\n" + fence,
			"indent": "    " + strings.Join(lines, "\n    "),
			"quote":  "> " + strings.Join(lines, "\n> "),
		}
		if !strings.Contains(body, "--") {
			hidden["comment"] = "<!--\n" + strings.Join(lines, "\n") + "\n-->"
		}
		if !strings.Contains(body, "<") && !strings.Contains(body, "`") && !strings.Contains(body, "~") {
			hidden["details"] = "<details>\n\n" + strings.Join(lines, "\n") + "\n\n</details>"
		}
		for name, text := range hidden {
			if got := command.Parse(text, command.Options{}); len(got) > 0 || command.HasLiveCommand(text) {
				t.Fatalf("in a %s %+v is heard:\n%q", name, got, text)
			}
			after := text + "\n\n/help"
			for _, c := range command.Parse(after, command.Options{}) {
				if c.Line != len(linesOf(after)) {
					t.Fatalf("in a %s before a command %+v is heard:\n%q", name, c, after)
				}
			}
		}
	})
}

func longest(s string, c byte) int {
	most, n := 0, 0
	for i := range len(s) {
		if s[i] != c {
			n = 0
			continue
		}
		n++
		most = max(most, n)
	}
	return most
}

// TestParseTakesLinearTime: the longest comment that is read takes moments, whatever
// it is made of. What is quadratic in it would take minutes.
func TestParseTakesLinearTime(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{
		"` `` ``` ", "<", "<a ", "<!--", "<!-- -->", "<details>", "</details>", "[", "](", "\\`", "- ", "1. ", "> ", "\t", "/", "/a", "\u200b",
		"\n", "/a\n", "- ```\n", "- ```\n  ~~~\n    <!--\n", "`\n/a\n", "<pre>\n", "[^1]:\n/a\n", "/approve\n", "> /a\n\n", "* - + 1. /a\n",
	} {
		body := strings.Repeat(unit, (command.MaxBody-16)/len(unit)) + "\n\n/approve"
		began := time.Now()
		command.Parse(body, command.Options{})
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%q again and again takes %s", unit, took)
		}
	}
}
