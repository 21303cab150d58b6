package report_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// foreignBrief fills everything that others write of a change and its rules in.
func foreignBrief(t *rapid.T, run report.Run, gate *pipeline.Approval) {
	foreignBriefOf(t, hostile(), run, gate)
}

func foreignBriefOf(t *rapid.T, words *rapid.Generator[string], run report.Run, gate *pipeline.Approval) {
	word := func(label string) string { return words.Draw(t, label) }
	gate.Brief = &pipeline.Brief{
		Base: sha, BaseNumber: 41, Files: 3, More: rapid.IntRange(-1, 2).Draw(t, "more"), CompareURL: word("compare"),
		Commits:    []pipeline.BriefCommit{{SHA: sha, Title: word("title"), Author: word("author"), PullRequest: 7, PullTitle: word("pull title")}},
		Flagged:    []string{word("path"), word("path two")},
		Involved:   []pipeline.Involved{{Actor: pipeline.Actor{ID: 9, Login: word("involved")}, Roles: []pipeline.Role{pipeline.RoleAuthor, pipeline.Role(word("role"))}}},
		Unresolved: []string{word("unresolved")}, Missing: []string{word("missing")},
		Owners: []pipeline.Ownership{{Pattern: word("pattern"), Owners: []pipeline.Selector{{Team: word("owner")}}, Others: []string{word("other")}},
			{Pattern: word("pattern two"), Owners: []pipeline.Selector{{User: word("user"), ID: 3}}}},
	}
	gate.Policy.PreventSelfApproval, gate.Policy.Waived = true, []string{word("waived")}
	gate.Policy.AllOf = []pipeline.Requirement{{Required: 2, From: []pipeline.Selector{{CodeOwners: true}, {Team: word("team")}, {User: word("listed"), ID: 5}}}, {Required: 1}}
	gate.Policy.Escalate = &pipeline.Escalation{To: []pipeline.Selector{{Team: word("leads")}}}
	if rapid.Bool().Draw(t, "escalated") {
		gate.EscalatedAt = at(900)
	}
	if rapid.Bool().Draw(t, "overridden") {
		gate.Overridden = &pipeline.Override{By: pipeline.Actor{Login: word("by")}, Reason: word("override")}
	}
	gate.Reopened = rapid.IntRange(0, 2).Draw(t, "reopened")
	for i := range gate.Votes {
		gate.Votes[i].Facts.Unknown = []string{pipeline.UnknownTeam(word("unknown"))}
	}
	if s := run.Execution.Stage("Release"); s != nil {
		gate.Stage = "Release"
		s.Entry = &pipeline.Entry{Trouble: word("trouble"), Frozen: &pipeline.Frozen{Until: at(1), Reason: word("frozen")}}
	}
	run.Execution.Stages[0].Actions[0].Name = word("an action")
}

// fullBrief is as large as a brief gets.
func fullBrief(run report.Run, gate *pipeline.Approval, long string) {
	b := &pipeline.Brief{Base: sha, More: 100000, Files: -1, MoreFlagged: 7}
	for range pipeline.MaxBriefCommits {
		b.Commits = append(b.Commits, pipeline.BriefCommit{SHA: sha, Title: long, Author: long, PullRequest: 123456, PullTitle: long[3:]})
	}
	for range pipeline.MaxBriefPaths {
		b.Flagged = append(b.Flagged, "`"+long)
		b.Owners = append(b.Owners, pipeline.Ownership{Pattern: long[:1000], Owners: []pipeline.Selector{{Team: long[:100]}}})
	}
	for i := range pipeline.MaxBriefPeople {
		b.Involved = append(b.Involved, pipeline.Involved{Actor: pipeline.Actor{ID: int64(1000 + i), Login: long[:200]}, Roles: []pipeline.Role{pipeline.RoleAuthor}})
		b.Unresolved = append(b.Unresolved, long)
		b.Missing = append(b.Missing, long[:2000])
	}
	for range 10 {
		gate.Policy.AllOf = append(gate.Policy.AllOf, pipeline.Requirement{Required: 3, From: []pipeline.Selector{{CodeOwners: true}, {Team: long[:100]}}})
		gate.Policy.Waived = append(gate.Policy.Waived, long)
	}
	gate.Policy.PreventSelfApproval, gate.Brief = true, b
	for i := range 500 {
		a := attempt(long[:200], 1, pipeline.ActionSucceeded, 1, 2)
		a.Name += time.Duration(i).String()
		run.Execution.Stages[0].Actions = append(run.Execution.Stages[0].Actions, a)
	}
}

// However long some of it is, what is cut off is whole sections, and what matters
// most is there.
func TestSectionsAreCutWhole(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	gate.Brief.Commits = nil
	for range 100 {
		gate.Brief.Commits = append(gate.Brief.Commits, pipeline.BriefCommit{SHA: sha, Title: "Add a cart", Author: "octocat"})
	}
	for i := range 3000 {
		a := attempt("a", 1, pipeline.ActionSucceeded, 1, 2)
		a.Name += time.Duration(i).String()
		run.Execution.Stages[0].Actions = append(run.Execution.Stages[0].Actions, a)
	}
	summary := renderer().GateCheck(run, gate).Summary
	for _, has := range []string{"**Who has to agree**", "**What goes out**", "and 50 more.", "The rest is on [the page of the run]("} {
		if !strings.Contains(summary, has) {
			t.Errorf("no %q", has)
		}
	}
	if strings.Contains(summary, "So far in this run") {
		t.Error("a section was cut in its middle")
	}
}
