package command_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/command"
)

func TestParseSlackCommand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		want    command.SlackCommand
		problem command.Problem
	}{
		{"", command.SlackCommand{Verb: command.Help}, command.None},
		{"  HELP me please", command.SlackCommand{Verb: command.Help, Word: "HELP", Args: "me please"}, command.None},
		{"Approve octo-org/shop production fine", command.SlackCommand{Verb: command.Approve, Word: "Approve", Args: "octo-org/shop production fine"}, command.None},
		{"/reject", command.SlackCommand{Verb: command.Reject, Word: "/reject"}, command.None},
		{"reject &lt;reason&gt; &amp;amp;", command.SlackCommand{Verb: command.Reject, Word: "reject", Args: "<reason> &amp;"}, command.None},
		{"status", command.SlackCommand{Verb: command.Status, Word: "status"}, command.None},
		{"status octo-org/shop", command.SlackCommand{Verb: command.Status, Word: "status", Args: "octo-org/shop", Repository: "octo-org/shop"}, command.None},
		{"status shop", command.SlackCommand{Verb: command.Status, Word: "status", Args: "shop", Repository: "shop"}, command.None},
		{"status #7", command.SlackCommand{Verb: command.Status, Word: "status", Args: "#7"}, command.Malformed},
		{"status a/b/c", command.SlackCommand{Verb: command.Status, Word: "status", Args: "a/b/c"}, command.Malformed},
		{"why octo-org/shop #142", command.SlackCommand{Verb: command.Why, Word: "why", Args: "octo-org/shop #142", Repository: "octo-org/shop", Run: 142}, command.None},
		{"why #142", command.SlackCommand{Verb: command.Why, Word: "why", Args: "#142", Run: 142}, command.None},
		{"why 142", command.SlackCommand{Verb: command.Why, Word: "why", Args: "142", Run: 142}, command.None},
		{"why 0", command.SlackCommand{Verb: command.Why, Word: "why", Args: "0"}, command.Malformed},
		{"why #0", command.SlackCommand{Verb: command.Why, Word: "why", Args: "#0"}, command.Malformed},
		{"why #+1", command.SlackCommand{Verb: command.Why, Word: "why", Args: "#+1"}, command.Malformed},
		{"why shop #1 now", command.SlackCommand{Verb: command.Why, Word: "why", Args: "shop #1 now", Repository: "shop", Run: 1}, command.Malformed},
		{"link", command.SlackCommand{Verb: command.SlackLink, Word: "link"}, command.None},
		{"link monalisa", command.SlackCommand{Verb: command.SlackLink, Word: "link", Args: "monalisa"}, command.Malformed},
		{"unmute", command.SlackCommand{Verb: command.SlackUnmute, Word: "unmute"}, command.None},
		{"aprove production", command.SlackCommand{Word: "aprove", Args: "production", Suggestion: command.Approve}, command.Unknown},
		{"umlink", command.SlackCommand{Word: "umlink", Suggestion: command.SlackUnlink}, command.Unknown},
		{"retry", command.SlackCommand{Word: "retry"}, command.Unknown},
		{"\u017ftatus", command.SlackCommand{Word: "\u017ftatus", Suggestion: command.Status}, command.Unknown},
	}
	for _, test := range tests {
		got, problem := command.ParseSlackCommand(test.text)
		if diff := cmp.Diff(test.want, got); diff != "" || problem != test.problem {
			t.Errorf("%q: %s, %q", test.text, diff, problem)
		}
	}
}

func slackGates() (shop, stage, docs, older command.SlackGate) {
	const one, two = "abcdef0123456789abcdef0123456789abcdef01", "1234567000000000000000000000000000000000"
	shop = command.SlackGate{Gate: command.Gate{ID: "a", Pipeline: "release", Name: "production", SHA: one}, Repository: "octo-org/shop", Run: 142}
	stage = command.SlackGate{Gate: command.Gate{ID: "b", Pipeline: "release", Name: "Release/approve", SHA: two}, Repository: "octo-org/shop", Run: 143}
	docs = command.SlackGate{Gate: command.Gate{ID: "c", Pipeline: "site", Name: "production", SHA: two}, Repository: "octo-org/docs", Run: 7}
	older = command.SlackGate{Gate: command.Gate{ID: "d", Pipeline: "release", Name: "production", SHA: one}, Repository: "octo-org/shop", Run: 141}
	return shop, stage, docs, older
}

func TestResolveSlackVote(t *testing.T) {
	t.Parallel()
	shop, stage, docs, older := slackGates()
	gates := func(g ...command.SlackGate) []command.SlackGate { return g }
	const (
		shopLine  = "/penstock approve octo-org/shop production abcdef0"
		stageLine = "/penstock approve octo-org/shop Release/approve 1234567"
		docsLine  = "/penstock approve octo-org/docs production 1234567"
	)
	tests := []struct {
		name, text string
		open       []command.SlackGate
		want       command.Vote
	}{
		{"only one waits", "approve", gates(shop), command.Vote{Gate: shop.Gate}},
		{"only one waits, with a reason", "approve looks good", gates(shop), command.Vote{Gate: shop.Gate, Reason: "looks good"}},
		{"none waits", "approve shop production", nil, command.Vote{Problem: command.NoGate}},
		{"repository with its owner", "approve Octo-Org/Shop", gates(shop, docs), command.Vote{Gate: shop.Gate}},
		{"repository, gate, commit, reason", "approve shop production ABCDEF0 go", gates(shop, stage, docs), command.Vote{Gate: shop.Gate, SHA: "abcdef0", Reason: "go"}},
		{"gate alone", "approve release/approve go", gates(shop, stage), command.Vote{Gate: stage.Gate, Reason: "go"}},
		{"run", "approve shop #141 go", gates(shop, older, docs), command.Vote{Gate: older.Gate, Reason: "go"}},
		{"run without repository", "approve #7", gates(shop, docs), command.Vote{Gate: docs.Gate}},
		{"run that does not wait", "approve shop #999", gates(shop, docs), command.Vote{Problem: command.NotOpen, Named: "#999", Lines: []string{shopLine}}},
		{"no number", "approve shop #now", gates(shop), command.Vote{Problem: command.NotOpen, Named: "#now", Lines: []string{shopLine}}},
		{"several, none named", "approve", gates(shop, docs), command.Vote{Problem: command.Ambiguous, Lines: []string{shopLine, docsLine}}},
		{"one name in two repositories", "approve production", gates(shop, docs), command.Vote{Problem: command.Ambiguous, Lines: []string{shopLine, docsLine}}},
		{"several of the repository", "approve shop", gates(shop, stage, docs), command.Vote{Problem: command.Ambiguous, Lines: []string{shopLine, stageLine}}},
		{"two runs of one commit", "approve shop production", gates(shop, older), command.Vote{Problem: command.Ambiguous, Lines: []string{
			"/penstock approve octo-org/shop #142 release:production abcdef0", "/penstock approve octo-org/shop #141 release:production abcdef0"}}},
		{"a repository of which nothing waits", "approve octo-org/other fine", gates(shop), command.Vote{Problem: command.NotOpen, Named: "octo-org/other", Lines: []string{shopLine}}},
		{"a stage of which nothing waits", "approve Release/aprove", gates(stage), command.Vote{Problem: command.NotOpen, Named: "Release/aprove", Lines: []string{stageLine}}},
		{"another commit", "approve shop 7654321", gates(shop), command.Vote{Problem: command.WrongCommit, Named: "7654321", Lines: []string{shopLine}}},
		{"reject", "reject shop production too early", gates(shop, docs), command.Vote{Gate: shop.Gate, Reason: "too early"}},
		{"reject without reason", "reject shop production", gates(shop, docs), command.Vote{Gate: shop.Gate, Problem: command.NeedsReason,
			Lines: []string{"/penstock reject octo-org/shop production abcdef0 <reason>"}}},
		{"reject as copied", "reject octo-org/shop production abcdef0 &lt;reason&gt;", gates(shop), command.Vote{Gate: shop.Gate, SHA: "abcdef0", Problem: command.NeedsReason,
			Lines: []string{"/penstock reject octo-org/shop production abcdef0 <reason>"}}},
		{"a gate that is called as a repository", "approve octo-org/shop", gates(shop, command.SlackGate{
			Gate: command.Gate{ID: "e", Pipeline: "site", Name: "octo-org/shop", SHA: docs.SHA}, Repository: "octo-org/docs"}), command.Vote{Gate: shop.Gate}},
		{"a repository that is called as a gate", "approve production", gates(shop, command.SlackGate{Gate: docs.Gate, Repository: "octo-org/production", Run: 7}),
			command.Vote{Problem: command.Ambiguous, Lines: []string{shopLine, "/penstock approve octo-org/production production 1234567"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, problem := command.ParseSlackCommand(test.text)
			if problem != command.None {
				t.Fatal(problem)
			}
			if diff := cmp.Diff(test.want, command.ResolveSlackVote(c, "/penstock", test.open)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzSlackCommand: whatever is typed, it is a verb or a problem, it names an open gate
// or is answered with lines that do.
func FuzzSlackCommand(f *testing.F) {
	for _, s := range append(nasty(), "approve octo-org/shop #142 production abcdef0 go", "reject production &lt;reason&gt;", "why shop #1", "approve production/production", "approve #") {
		f.Add(strings.TrimPrefix(s, "/"))
	}
	shop, stage, docs, older := slackGates()
	f.Fuzz(func(t *testing.T, text string) {
		c, problem := command.ParseSlackCommand(text)
		if (c.Verb == "") != (problem == command.Unknown) || c.Verb != "" && c.Usage("/penstock") == "" {
			t.Fatalf("%q is %+v with %q", text, c, problem)
		}
		if !utf8.ValidString(c.Args) || !utf8.ValidString(c.Word) {
			t.Fatalf("%q is not UTF-8", c.Args)
		}
		if c.Verb != command.Approve && c.Verb != command.Reject {
			return
		}
		for _, open := range [][]command.SlackGate{{shop, stage, docs, older}, {shop, docs}, {stage}, nil} {
			v := command.ResolveSlackVote(c, "/penstock", open, "staging")
			known := slices.ContainsFunc(open, func(g command.SlackGate) bool { return g.Gate == v.Gate })
			if known != (v.Problem == "" || v.Problem == command.NeedsReason) {
				t.Fatalf("%q among %d gates means %+v", text, len(open), v)
			}
			if len(open) > 0 && v.Problem != "" && len(v.Lines) == 0 {
				t.Fatalf("%q is answered with no line: %+v", text, v)
			}
			for _, line := range v.Lines {
				again, problem := command.ParseSlackCommand(strings.TrimPrefix(line, "/penstock "))
				if w := command.ResolveSlackVote(again, "/penstock", open, "staging"); problem != command.None || again.Verb != c.Verb || w.Gate.ID == "" {
					t.Fatalf("%q is answered with %q, which means %+v", text, line, w)
				}
			}
		}
	})
}
