package command_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/command"
)

func TestResolveVote(t *testing.T) {
	t.Parallel()
	const (
		one = "abcdef0123456789abcdef0123456789abcdef01"
		two = "1234567000000000000000000000000000000000"
	)
	release := command.Gate{ID: "a", Pipeline: "shop", Name: "Release/approve", SHA: one}
	production := command.Gate{ID: "b", Pipeline: "shop", Name: "production", SHA: one}
	docs := command.Gate{ID: "c", Pipeline: "docs", Name: "production", SHA: one}
	newer := command.Gate{ID: "d", Pipeline: "shop", Name: "production", SHA: two}
	gates := func(g ...command.Gate) []command.Gate { return g }
	tests := []struct {
		name  string
		line  string
		open  []command.Gate
		known []string
		want  command.Vote
	}{
		{name: "only one waits", line: "/approve", open: gates(release), want: command.Vote{Gate: release}},
		{name: "named", line: "/approve release/APPROVE", open: gates(release, production), want: command.Vote{Gate: release}},
		{name: "reason", line: "/approve looks good to me", open: gates(release), want: command.Vote{Gate: release, Reason: "looks good to me"}},
		{name: "gate, commit, reason", line: "/approve production ABCDEF0 go", open: gates(release, production),
			want: command.Vote{Gate: production, SHA: "abcdef0", Reason: "go"}},
		{name: "commit without gate", line: "/approve abcdef01", open: gates(release), want: command.Vote{Gate: release, SHA: "abcdef01"}},
		{name: "whole commit", line: "/approve " + one, open: gates(release), want: command.Vote{Gate: release, SHA: one}},
		{name: "too short for a commit", line: "/approve abcdef", open: gates(release), want: command.Vote{Gate: release, Reason: "abcdef"}},
		{name: "another commit", line: "/approve production 7654321", open: gates(production),
			want: command.Vote{Problem: command.WrongCommit, Named: "7654321", Lines: []string{"/approve production abcdef0"}}},
		{name: "another commit, no gate", line: "/approve 7654321 was fine", open: gates(production),
			want: command.Vote{Problem: command.WrongCommit, Named: "7654321", Lines: []string{"/approve production abcdef0"}}},
		{name: "the commit tells gates apart", line: "/approve production 1234567", open: gates(production, newer),
			want: command.Vote{Gate: newer, SHA: "1234567"}},
		{name: "several, none named", line: "/approve all of it", open: gates(release, production),
			want: command.Vote{Problem: command.Ambiguous, Lines: []string{"/approve Release/approve abcdef0", "/approve production abcdef0"}}},
		{name: "several, none named, to reject", line: "/penstock reject", open: gates(release, production),
			want: command.Vote{Problem: command.Ambiguous, Lines: []string{"/penstock reject Release/approve abcdef0 <reason>", "/penstock reject production abcdef0 <reason>"}}},
		{name: "one name of two pipelines", line: "/approve production", open: gates(production, docs),
			want: command.Vote{Problem: command.Ambiguous, Lines: []string{"/approve shop:production abcdef0", "/approve docs:production abcdef0"}}},
		{name: "pipeline and name", line: "/approve docs:production", open: gates(production, docs), want: command.Vote{Gate: docs}},
		{name: "one name, two commits", line: "/approve production", open: gates(production, newer),
			want: command.Vote{Problem: command.Ambiguous, Lines: []string{"/approve production abcdef0", "/approve production 1234567"}}},
		{name: "none waits", line: "/approve", want: command.Vote{Problem: command.NoGate}},
		{name: "none waits, and one that did is named", line: "/approve Staging now", known: []string{"staging"},
			want: command.Vote{Problem: command.NoGate, Named: "Staging"}},
		{name: "a gate that does not wait, with its pipeline", line: "/approve docs:production", open: gates(release), known: []string{"production", "docs:production"},
			want: command.Vote{Problem: command.NotOpen, Named: "docs:production", Lines: []string{"/approve Release/approve abcdef0"}}},
		{name: "a gate that does not wait", line: "/approve staging", open: gates(production), known: []string{"Staging"},
			want: command.Vote{Problem: command.NotOpen, Named: "staging", Lines: []string{"/approve production abcdef0"}}},
		{name: "a slip in the name", line: "/approve prodution", open: gates(production),
			want: command.Vote{Problem: command.NotOpen, Named: "prodution", Lines: []string{"/approve production abcdef0"}}},
		{name: "an invisible character in the name", line: "/approve prod\u200buction", open: gates(production),
			want: command.Vote{Problem: command.NotOpen, Named: "production", Lines: []string{"/approve production abcdef0"}}},
		{name: "a look-alike in the name", line: "/approve pr\u043eduction", open: gates(production, release),
			want: command.Vote{Problem: command.NotOpen, Named: "pr\u043eduction", Lines: []string{"/approve production abcdef0", "/approve Release/approve abcdef0"}}},
		{name: "letters that only fold to ours", line: "/approve \u017ftaging", open: gates(command.Gate{ID: "s", Name: "staging", SHA: one}, release),
			want: command.Vote{Problem: command.NotOpen, Named: "\u017ftaging", Lines: []string{"/approve staging abcdef0", "/approve Release/approve abcdef0"}}},
		{name: "a hard space between words", line: "/approve\u00a0production\u00a0go", open: gates(production, release),
			want: command.Vote{Gate: production, Reason: "go"}},
		{name: "reject", line: "/reject production too early", open: gates(production), want: command.Vote{Gate: production, Reason: "too early"}},
		{name: "reject without gate", line: "/reject too early", open: gates(production), want: command.Vote{Gate: production, Reason: "too early"}},
		{name: "reject without reason", line: "/reject production abcdef0", open: gates(production),
			want: command.Vote{Gate: production, SHA: "abcdef0", Problem: command.NeedsReason, Lines: []string{"/reject production abcdef0 <reason>"}}},
		{name: "reject with an invisible reason", line: "/reject \u200b", open: gates(production),
			want: command.Vote{Gate: production, Problem: command.NeedsReason, Lines: []string{"/reject production abcdef0 <reason>"}}},
		{name: "a rejection copied as it stands has no reason", line: "/reject production abcdef0 <reason>", open: gates(production),
			want: command.Vote{Gate: production, SHA: "abcdef0", Problem: command.NeedsReason, Lines: []string{"/reject production abcdef0 <reason>"}}},
		{name: "withdraw", line: "/unapprove", open: gates(production), want: command.Vote{Gate: production}},
		{name: "withdraw with words", line: "/unapprove production I was wrong", open: gates(production, release), want: command.Vote{Gate: production, Reason: "I was wrong"}},
		{name: "withdraw of several", line: "/unapprove", open: gates(production, release),
			want: command.Vote{Problem: command.Ambiguous, Lines: []string{"/unapprove production abcdef0", "/unapprove Release/approve abcdef0"}}},
		{name: "override", line: "/override production abcdef0 it burns", open: gates(production, release), want: command.Vote{Gate: production, SHA: "abcdef0", Reason: "it burns"}},
		{name: "override of the only gate, not named", line: "/override it burns", open: gates(production),
			want: command.Vote{Problem: command.NotNamed, Lines: []string{"/override production abcdef0 <reason>"}}},
		{name: "override by the commit alone", line: "/override abcdef0 it burns", open: gates(production),
			want: command.Vote{Problem: command.NotNamed, Lines: []string{"/override production abcdef0 <reason>"}}},
		{name: "override without a reason", line: "/override production", open: gates(production),
			want: command.Vote{Gate: production, Problem: command.NeedsReason, Lines: []string{"/override production abcdef0 <reason>"}}},
		{name: "override of what does not wait", line: "/override staging it burns", open: gates(production), known: []string{"staging"},
			want: command.Vote{Problem: command.NotOpen, Named: "staging", Lines: []string{"/override production abcdef0 <reason>"}}},
		{name: "direction marks leave the reason", line: "/approve a\u202eb\u2066c", open: gates(production), want: command.Vote{Gate: production, Reason: "abc"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			parsed := command.Parse(test.line, command.Options{})
			if len(parsed) != 1 {
				t.Fatalf("Parse(%q) = %v", test.line, parsed)
			}
			got := command.ResolveVote(parsed[0], test.open, test.known...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("ResolveVote(%q):\n%s", test.line, diff)
			}
		})
	}
}

func TestReasonIsBounded(t *testing.T) {
	t.Parallel()
	cmd := command.Command{Verb: command.Approve, Args: strings.Repeat("é ", 5000)}
	got := command.ResolveVote(cmd, []command.Gate{{Name: "production"}}).Reason
	if n := utf8.RuneCountInString(got); n != command.MaxReason || !utf8.ValidString(got) {
		t.Errorf("%d characters, want %d", n, command.MaxReason)
	}
}
