package command_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/command"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		body   string
		prefix string
		want   []command.Command
	}{
		{name: "plain", body: "/approve", want: []command.Command{
			{Verb: command.Approve, Line: 1, Text: "/approve", Word: "approve", Form: "/"},
		}},
		{name: "arguments, case, CRLF, tabs", body: "Looks good.\r\n/APPROVE\tRelease/approve \t abc1234  fine \r\nBye", want: []command.Command{
			{Verb: command.Approve, Line: 2, Args: "Release/approve \t abc1234  fine", Text: "/APPROVE\tRelease/approve \t abc1234  fine", Word: "APPROVE", Form: "/"},
		}},
		{name: "several", body: "/reject too early\n\n/stop abandon\n/retry failed", want: []command.Command{
			{Verb: command.Reject, Line: 1, Args: "too early", Text: "/reject too early", Word: "reject", Form: "/"},
			{Verb: command.Stop, Line: 3, Args: "abandon", Text: "/stop abandon", Word: "stop", Form: "/", Abandon: true},
			{Verb: command.Retry, Line: 4, Args: "failed", Text: "/retry failed", Word: "retry", Form: "/"},
		}},
		{name: "old line ends", body: "a\r/help\rb", want: []command.Command{
			{Verb: command.Help, Line: 2, Text: "/help", Word: "help", Form: "/"},
		}},
		{name: "own name", body: "/penstock Approve production", want: []command.Command{
			{Verb: command.Approve, Line: 1, Args: "production", Text: "/penstock Approve production", Word: "Approve", Form: "/penstock "},
		}},
		{name: "own name alone", body: "/Penstock", want: []command.Command{
			{Verb: command.Help, Line: 1, Text: "/Penstock", Word: "help", Form: "/penstock "},
		}},
		{name: "prefix", body: "/approve\n/ship approve\n/penstock stop\n/aprove", prefix: "/Ship", want: []command.Command{
			{Verb: command.Approve, Line: 2, Text: "/ship approve", Word: "approve", Form: "/ship "},
			{Verb: command.Stop, Line: 3, Text: "/penstock stop", Word: "stop", Form: "/penstock "},
		}},
		{name: "unknown after our name", body: "/penstock aproev\n/penstock dance", want: []command.Command{
			{Line: 1, Text: "/penstock aproev", Word: "aproev", Form: "/penstock ", Problem: command.Unknown, Suggestion: command.Approve},
			{Line: 2, Text: "/penstock dance", Word: "dance", Form: "/penstock ", Problem: command.Unknown},
		}},
		{name: "slips of our verbs", body: "/aprove\n/apporve x\n/approve!\n/dance\n/lgtm", want: []command.Command{
			{Line: 1, Text: "/aprove", Word: "aprove", Form: "/", Problem: command.Unknown, Suggestion: command.Approve},
			{Line: 2, Args: "x", Text: "/apporve x", Word: "apporve", Form: "/", Problem: command.Unknown, Suggestion: command.Approve},
			{Line: 3, Text: "/approve!", Word: "approve!", Form: "/", Problem: command.Unknown, Suggestion: command.Approve},
		}},
		{name: "not built yet", body: "/retry compile", want: []command.Command{
			{Verb: command.Retry, Line: 1, Args: "compile", Text: "/retry compile", Word: "retry", Form: "/", Problem: command.NotSupported},
		}},
		{name: "everything of a stage", body: "/retry ALL", want: []command.Command{
			{Verb: command.Retry, Line: 1, Args: "ALL", Text: "/retry ALL", Word: "retry", Form: "/", All: true},
		}},
		{name: "rollback", body: "/rollback Production to #41\n/rollback Ship\n/rollback\n/rollback Ship to\n/rollback Ship to #0\n/rollback Ship please", want: []command.Command{
			{Verb: command.Rollback, Line: 1, Args: "Production to #41", Text: "/rollback Production to #41", Word: "rollback", Form: "/", Name: "Production", Run: 41},
			{Verb: command.Rollback, Line: 2, Args: "Ship", Text: "/rollback Ship", Word: "rollback", Form: "/", Name: "Ship"},
			{Verb: command.Rollback, Line: 3, Text: "/rollback", Word: "rollback", Form: "/", Problem: command.Malformed},
			{Verb: command.Rollback, Line: 4, Args: "Ship to", Text: "/rollback Ship to", Word: "rollback", Form: "/", Name: "Ship", Problem: command.Malformed},
			{Verb: command.Rollback, Line: 5, Args: "Ship to #0", Text: "/rollback Ship to #0", Word: "rollback", Form: "/", Name: "Ship", Problem: command.Malformed},
			{Verb: command.Rollback, Line: 6, Args: "Ship please", Text: "/rollback Ship please", Word: "rollback", Form: "/", Name: "Ship", Problem: command.Malformed},
		}},
		{name: "doors", body: "/disable Ship the fair is on\n/disable Ship\n/enable Ship\n/enable Ship now", want: []command.Command{
			{Verb: command.Disable, Line: 1, Args: "Ship the fair is on", Text: "/disable Ship the fair is on", Word: "disable", Form: "/", Name: "Ship", Reason: "the fair is on"},
			{Verb: command.Disable, Line: 2, Args: "Ship", Text: "/disable Ship", Word: "disable", Form: "/", Name: "Ship", Problem: command.Malformed},
			{Verb: command.Enable, Line: 3, Args: "Ship", Text: "/enable Ship", Word: "enable", Form: "/", Name: "Ship"},
			{Verb: command.Enable, Line: 4, Args: "Ship now", Text: "/enable Ship now", Word: "enable", Form: "/", Name: "Ship", Reason: "now", Problem: command.Malformed},
		}},
		{name: "locks", body: "/lock production\tthe fair \u202e is on\n/lock production\n/lock production \u200b\n/lock production <Reason>\n/lock\n/unlock production\n/unlock production now\n/unlock", want: []command.Command{
			{Verb: command.Lock, Line: 1, Args: "production\tthe fair \u202e is on", Text: "/lock production\tthe fair \u202e is on", Word: "lock", Form: "/", Name: "production", Reason: "the fair  is on"},
			{Verb: command.Lock, Line: 2, Args: "production", Text: "/lock production", Word: "lock", Form: "/", Name: "production", Problem: command.Malformed},
			{Verb: command.Lock, Line: 3, Args: "production \u200b", Text: "/lock production \u200b", Word: "lock", Form: "/", Name: "production", Problem: command.Malformed},
			{Verb: command.Lock, Line: 4, Args: "production <Reason>", Text: "/lock production <Reason>", Word: "lock", Form: "/", Name: "production", Problem: command.Malformed},
			{Verb: command.Lock, Line: 5, Text: "/lock", Word: "lock", Form: "/", Problem: command.Malformed},
			{Verb: command.Unlock, Line: 6, Args: "production", Text: "/unlock production", Word: "unlock", Form: "/", Name: "production"},
			{Verb: command.Unlock, Line: 7, Args: "production now", Text: "/unlock production now", Word: "unlock", Form: "/", Name: "production", Reason: "now", Problem: command.Malformed},
			{Verb: command.Unlock, Line: 8, Text: "/unlock", Word: "unlock", Form: "/", Problem: command.Malformed},
		}},
		{name: "about gates", body: "/unapprove production\n/override production it burns\n/status", want: []command.Command{
			{Verb: command.Unapprove, Line: 1, Args: "production", Text: "/unapprove production", Word: "unapprove", Form: "/"},
			{Verb: command.Override, Line: 2, Args: "production it burns", Text: "/override production it burns", Word: "override", Form: "/"},
			{Verb: command.Status, Line: 3, Text: "/status", Word: "status", Form: "/"},
		}},
		{name: "start", body: "/start\n/start release REGION=north X=\n/start A=1 release", want: []command.Command{
			{Verb: command.Start, Line: 1, Text: "/start", Word: "start", Form: "/"},
			{Verb: command.Start, Line: 2, Args: "release REGION=north X=", Text: "/start release REGION=north X=", Word: "start", Form: "/", Pipeline: "release", Variables: map[string]string{"REGION": "north", "X": ""}},
			{Verb: command.Start, Line: 3, Args: "A=1 release", Text: "/start A=1 release", Word: "start", Form: "/", Variables: map[string]string{"A": "1"}, Problem: command.Malformed},
		}},
		{name: "stop with something else", body: "/stop it please", want: []command.Command{
			{Verb: command.Stop, Line: 1, Args: "it please", Text: "/stop it please", Word: "stop", Form: "/", Problem: command.Malformed},
		}},
		{name: "an invisible character is a slip, not a command", body: "/approve\u200b", want: []command.Command{
			{Line: 1, Text: "/approve\u200b", Word: "approve\u200b", Form: "/", Problem: command.Unknown, Suggestion: command.Approve},
		}},
		{name: "a look-alike letter is a slip", body: "/\u0430pprove", want: []command.Command{
			{Line: 1, Text: "/\u0430pprove", Word: "\u0430pprove", Form: "/", Problem: command.Unknown, Suggestion: command.Approve},
		}},
		{name: "letters that only fold to ours", body: "/\u017ftop", want: []command.Command{
			{Line: 1, Text: "/\u017ftop", Word: "\u017ftop", Form: "/", Problem: command.Unknown, Suggestion: command.Stop},
		}},
		{name: "something invisible in front", body: "\u200b/approve\n\ufeff/approve\n\u202e/approve"},
		{name: "a full-width slash", body: "\uff0fapprove"},
		{name: "a path", body: "/approve/me\n/retry.go:12: undefined\n/\n//approve\n/ approve\n/\u00a0approve"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := command.Parse(test.body, command.Options{Prefix: test.prefix})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Parse(%q):\n%s", test.body, diff)
			}
		})
	}
}

// TestParseHears says for lines of a comment whether they are heard: those with
// the words "yes" are, all other commands are not.
func TestParseHears(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body string }{
		{"in a sentence", "please /approve no"},
		{"up to three spaces", " /approve yes\n\n  /approve yes\n\n   /approve yes"},
		{"four spaces are code", "    /approve no\n\n\t/approve no\n\n  \t/approve no"},
		{"fence", "```\n/approve no\n```\n/approve yes"},
		{"fence with a language", "```sh\n/approve no\n```\n/approve yes"},
		{"tildes", "~~~\n/approve no\n```\n/approve no\n~~~\n/approve yes"},
		{"a longer fence needs a longer end", "````\n```\n/approve no\n```\n/approve no\n````\n/approve yes"},
		{"an indented end is none", "```\n    ```\n/approve no\n```\n/approve yes"},
		{"an end with words is none", "```\n``` x\n/approve no"},
		{"a fence that never ends", "/approve yes\n```\n/approve no\n\n/approve no"},
		{"inline code that looks like a fence", "```x```\n/approve yes"},
		{"fence in a list", "- ```\n  /approve no\n  ```\n\n/approve yes"},
		{"fence in a list that ends with its item", "- ```\n  x\n```\n/approve no\n```\n/approve yes"},
		{"fence in a numbered list", "1. first\n   ```\n   /approve no\n   ```\n\n/approve yes"},
		{"fence in a nested list", "- a\n  - b\n    ```\n    /approve no\n    ```\n\n/approve yes"},
		{"inline code over lines", "see `this\n/approve no\nthing` there"},
		{"double backticks over lines", "see ``a ` b\n/approve no\nthing`` there"},
		{"backticks that pair before", "see `this` and `that`\n/approve yes `x`"},
		{"a formula over lines", "$$\n/approve no\n$$\n/approve yes"},
		{"a formula in a sentence", "see $$x\n/approve no\ny$$\n\n/approve yes"},
		{"dollars that pair before, and lonely ones", "$$x$$\n/approve yes\n\nUS$$\n/approve yes"},
		{"a lonely backtick", "don`t\n/approve yes"},
		{"an escaped backtick", "a \\` b\n/approve yes, it`s fine"},
		{"backticks of another paragraph", "don`t\n\n/approve yes\n\nit`s"},
		{"quote", "> /approve no\n\n/approve yes"},
		{"quote without a space", ">/approve no\n\n/approve yes"},
		{"the line after a quote belongs to it", "> well?\n/approve no"},
		{"quote in a list", "- > well?\n/approve no"},
		{"fence in a quote", "> ```\n> /approve no\n\n/approve yes"},
		{"list", "- /approve no\n* /approve no\n1. /approve no"},
		{"the line after a list", "- done\n/approve yes"},
		{"comment on a line", "<!-- /approve no -->\n/approve yes"},
		{"comment over lines", "<!--\n/approve no\n\n/approve no\n-->\n/approve yes"},
		{"comment in a sentence", "well <!-- said\n/approve no\n--> and\n\n/approve yes"},
		{"comment that never ends", "a\n<!-- b\n\n/approve no"},
		{"comment behind the end of one", "<!-- a --> <!-- b\n/approve no\n-->\n\n/approve yes"},
		{"the shortest comments", "<!-->\n/approve yes\n<!--->\n/approve yes"},
		{"a comment's start in inline code", "hide it with `<!--`\n\n/approve yes"},
		{"a comment hides a fence", "<!--\n```\n-->\n```\n/approve no\n```\n/approve yes"},
		{"a fence hides a comment", "```\n<!--\n```\n/approve yes"},
		{"inline code, a fence, a comment", "Use `<!--` here.\n```\n-->\n/approve no\n```"},
		{"details", "<details>\n<summary>log</summary>\n\n/approve no\n\n</details>\n\n/approve yes"},
		{"details with attributes", "<Details open>\n\n/approve no\n\n</DETAILS>\n\n/approve yes"},
		{"details in details", "<details>\n\n<details>\n\n</details>\n\n/approve no\n\n</details>\n\n/approve yes"},
		{"details that never end", "<details>\n\n/approve no"},
		{"details in a fence", "```\n<details>\n```\n/approve yes"},
		{"the end of details in a fence", "<details>\n\n```\n</details>\n```\n\n/approve no"},
		{"the end of details in indented code", "<details>\n\n    </details>\n\n/approve no"},
		{"pre", "<pre>\n\n/approve no\n</pre>\n/approve yes"},
		{"pre in a sentence", "a <pre>\n\n/approve no\n\n</pre>\n\n/approve yes"},
		{"blockquote", "<blockquote>\n\n/approve no\n\n</blockquote>\n\n/approve yes"},
		{"an HTML block ends at a blank line", "<div>\n/approve no\n\n/approve yes"},
		{"a tag over lines", "see <a title=\"\n/approve no\n\">x</a>"},
		{"a link's title over lines", "[a](b \"\n/approve no\n\")"},
		{"a link definition", "[a]:\n/approve no\n\n[a]"},
		{"a footnote", "[^1]: well\n/approve no"},
		{"a picture on its own line", "![x](y.png)\n/approve yes"},
		{"an address", "see <https://example.com>\n/approve yes"},
		{"less than", "a < b\n/approve yes"},
		{"a heading and a rule", "# Title\n/approve yes\n\n---\n/approve yes"},
		{"code in the reason", "/approve yes `x`\n/approve yes"},
		{"a command may open a comment", "/approve yes <!--\n/approve no\n-->"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			heard := map[int]bool{}
			for _, c := range command.Parse(test.body, command.Options{}) {
				heard[c.Line] = true
			}
			for i, line := range strings.Split(test.body, "\n") {
				want := strings.Contains(line, "/approve yes")
				if heard[i+1] != want {
					t.Errorf("line %d %q of\n%s\nheard: %v, want %v", i+1, line, test.body, heard[i+1], want)
				}
			}
			if got, want := command.HasLiveCommand(test.body), strings.Contains(test.body, "/approve yes"); got != want {
				t.Errorf("HasLiveCommand = %v, want %v", got, want)
			}
		})
	}
}

func TestParseBounds(t *testing.T) {
	t.Parallel()
	many := strings.Repeat("/approve\n", 5000)
	if got := len(command.Parse(many, command.Options{})); got != command.MaxCommands {
		t.Errorf("%d commands, want %d", got, command.MaxCommands)
	}
	long := strings.Repeat("x\n", command.MaxBody/2) + "/approve"
	if got := command.Parse(long, command.Options{}); got != nil {
		t.Errorf("a comment above the bound has %v", got)
	}
	fits := strings.Repeat("x\n", command.MaxBody/2-8) + "/approve"
	if got := command.Parse(fits, command.Options{}); len(got) != 1 {
		t.Errorf("a comment at the bound has %v", got)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{"/stop now", "/stop [abandon]"},
		{"/penstock reject", "/penstock reject [gate] [commit] reason"},
		{"/penstock dance", ""},
	} {
		if got := command.Parse(test.body, command.Options{})[0].Usage(); got != test.want {
			t.Errorf("usage of %q = %q, want %q", test.body, got, test.want)
		}
	}
}

// TestVerbs holds every verb to what tables and pages need of it.
func TestVerbs(t *testing.T) {
	t.Parallel()
	page := command.Page()
	for _, s := range command.Verbs() {
		got := command.Parse("/"+string(s.Verb), command.Options{})
		if len(got) != 1 || got[0].Verb != s.Verb || got[0].Problem != "" && got[0].Problem != command.Malformed {
			t.Errorf("/%s is read as %+v", s.Verb, got)
		}
		if s.Does == "" || strings.HasSuffix(s.Does, ".") || !strings.HasSuffix(s.More, ".") || s.Needs == "" {
			t.Errorf("/%s is not described: %+v", s.Verb, s)
		}
		if s.Client != "" && !strings.HasPrefix(s.Client, string(s.Verb)) {
			t.Errorf("/%s is %q on the command line", s.Verb, s.Client)
		}
		if s.Verb.Spec() != s {
			t.Errorf("/%s is described as %+v", s.Verb, s.Verb.Spec())
		}
		if !strings.Contains(page, "| `"+s.Line()+"` |") || !strings.Contains(page, "\n### "+string(s.Verb)+"\n") {
			t.Errorf("the page lacks /%s", s.Verb)
		}
	}
	if command.HasLiveCommand(page) {
		t.Error("a line of the page is a command")
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	if got, want := command.Fold(" one  two\nthree four ", 9), "one two\nthree\nfour"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := command.Fold("a-word-that-is-longer x", 5); got != "a-word-that-is-longer\nx" {
		t.Errorf("%q", got)
	}
}
