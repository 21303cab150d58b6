package policy_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// tell writes how far a gate is, a line for each requirement and each of its parts.
func tell(indent string, all []policy.Standing) (lines []string) {
	for _, s := range all {
		text := fmt.Sprintf("%s%s [%d of %d missing]", indent, s.Words, s.Missing, s.Needed)
		for _, vote := range s.By {
			text += " " + vote.Facts.Voter.Login
		}
		lines = append(lines, text)
		for _, trouble := range s.Trouble {
			lines = append(lines, indent+"! "+trouble)
		}
		lines = append(lines, tell(indent+"  ", s.Parts)...)
	}
	return lines
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule string
		gate *pipeline.Approval
		want []string
	}{
		{"a policy without requirements is one", gate(required(1), nil), []string{
			"1 approval by people with write access [1 of 1 missing]",
		}},
		{"each requirement has its people", gate(allOf(ask(2, teamOf("sre"), account("monalisa")), ask(1, teamOf("dba"))), nil, yes(reader("octocat", "sre", "dba")), yes(reader("octocat", "sre")), yes(writer("hubot"))), []string{
			"2 approvals by team sre or monalisa [1 of 2 missing] octocat",
			"1 approval by team dba [0 of 1 missing] octocat",
		}},
		{"more approvals than are needed are told too", gate(required(1), nil, yes(writer("octocat")), yes(writer("hubot"))), []string{
			"1 approval by people with write access [0 of 1 missing] octocat hubot",
		}},
		{"what was taken back and what rejects is not told", gate(required(2), nil, takenBack(yes(writer("octocat"))), no(writer("hubot"))), []string{
			"2 approvals by people with write access [2 of 2 missing]",
		}},
		{"lines of CODEOWNERS are parts", gate(allOf(ask(1, owners(), account("defunkt"))), owned(line("db/**", teamOf("dba")), pipeline.Ownership{Pattern: "docs/**", Others: []string{"docs@example.com"}}), yes(reader("octocat", "dba"))), []string{
			"1 approval by code owners of what has changed or defunkt, for each of 2 lines of CODEOWNERS [1 of 1 missing] octocat",
			"  1 approval for db/** by team dba or defunkt [0 of 1 missing] octocat",
			"  1 approval for docs/** by people with write access or defunkt (docs@example.com is no account here) [1 of 1 missing]",
		}},
		{"one line of CODEOWNERS is told at once", gate(allOf(ask(1, owners())), owned(line("*", teamOf("dba")))), []string{
			"1 approval by code owners of what has changed: * by team dba [1 of 1 missing]",
			"  1 approval for * by team dba [1 of 1 missing]",
		}},
		{"several addresses", gate(allOf(ask(1, owners())), owned(pipeline.Ownership{Pattern: "*", Others: []string{"a@example.com", "b@example.com"}})), []string{
			"1 approval by code owners of what has changed: * by people with write access (a@example.com and b@example.com are no account here) [1 of 1 missing]",
			"  1 approval for * by people with write access (a@example.com and b@example.com are no account here) [1 of 1 missing]",
		}},
		{"nothing is owned", gate(allOf(ask(1, owners())), brief()), []string{
			"1 approval by code owners of what has changed; nothing that has changed has an owner, so people with write access answer [1 of 1 missing]",
		}},
		{"owners are not known", gate(allOf(ask(2, owners())), nil, yes(admin("octocat"))), []string{
			"2 approvals by code owners of what has changed [2 of 2 missing]",
			"! who owns what has changed could not be looked up, and nobody counts as an owner until it is (missing: the code owners of what has changed); vote again in a moment",
		}},
		{"a membership of a voter is not known", gate(allOf(ask(1, teamOf("sre")), ask(1)), nil, yes(doubtful(writer("octocat"), pipeline.UnknownTeam("sre")))), []string{
			"1 approval by team sre [1 of 1 missing]",
			"! the membership in team sre of octocat could not be looked up, and a doubt is never a yes; vote again in a moment",
			"1 approval by people with write access [0 of 1 missing] octocat",
		}},
		{"the permission of a voter is not known any more", gate(required(1), nil, yes(doubtful(writer("octocat"), pipeline.UnknownPermission))), []string{
			"1 approval by people with write access [1 of 1 missing]",
			"! the permission of octocat could not be looked up, and a doubt is never a yes; vote again in a moment",
		}},
		{"authors without an account ask for more votes", gate(fourEyes(required(1)), strange("Mona <m@example.com>", "Lisa <l@example.com>"), yes(writer("octocat"))), []string{
			"3 approvals by people with write access; 2 of them because authors of the change have no account here [2 of 3 missing] octocat",
		}},
		{"authors without an account ask for a vote by name", gate(fourEyes(allOf(ask(1, teamOf("sre"), can(pipeline.PermissionAdmin)))), strange("Mona <m@example.com>"), yes(admin("octocat"))), []string{
			"1 approval by team sre or administrators of the repository [0 of 1 missing] octocat",
			"1 approval by name, of team sre, because an author of the change has no account here: Mona <m@example.com> [1 of 1 missing]",
		}},
		{"one is enough for a rollback", gate(anyOne(allOf(ask(2, teamOf("sre")), ask(1, owners()))), owned(line("db/**", teamOf("dba")))), []string{
			"1 approval by team sre or team dba [1 of 1 missing]",
		}},
		{"an escalation is part of it", escalated(gate(allOf(ask(1, teamOf("sre"))), nil), teamOf("leads")), []string{
			"1 approval by team sre or team leads [1 of 1 missing]",
		}},
		{"a decided gate has its progress still", &pipeline.Approval{Status: pipeline.ApprovalExpired, Policy: required(2), Votes: []pipeline.Vote{yes(writer("octocat"))}}, []string{
			"2 approvals by people with write access [1 of 2 missing] octocat",
		}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, tell("", policy.Progress(test.gate))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A result says how many people have approved, whichever requirements they met.
func TestApprovalsArePeople(t *testing.T) {
	t.Parallel()
	both := allOf(ask(2, teamOf("sre")), ask(2, teamOf("dba")))
	got := policy.Decide(gate(both, nil, yes(reader("octocat", "sre", "dba")), yes(reader("hubot", "sre")), yes(writer("monalisa"))))
	if got.Approvals != 2 || got.Missing != 1 {
		t.Errorf("%d approvals, %d missing; want 2 and 1", got.Approvals, got.Missing)
	}
}
