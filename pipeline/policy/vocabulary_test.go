package policy_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// id is the account of a login in these tests.
func id(login string) int64 {
	return int64(1 + slices.Index([]string{"octocat", "hubot", "monalisa", "defunkt", "mojombo"}, login))
}

func actor(login string) pipeline.Actor { return pipeline.Actor{ID: id(login), Login: login} }

func person(login string, p pipeline.Permission, teams ...string) pipeline.Facts {
	return pipeline.Facts{Voter: actor(login), Permission: p, Teams: teams}
}

func writer(login string, teams ...string) pipeline.Facts {
	return person(login, pipeline.PermissionWrite, teams...)
}

func reader(login string, teams ...string) pipeline.Facts {
	return person(login, pipeline.PermissionRead, teams...)
}

func admin(login string) pipeline.Facts { return person(login, pipeline.PermissionAdmin) }

// outsider has no access to the repository.
func outsider(login string, teams ...string) pipeline.Facts {
	return person(login, pipeline.PermissionNone, teams...)
}

func bot(f pipeline.Facts) pipeline.Facts {
	f.Bot = true
	return f
}

func suspended(f pipeline.Facts) pipeline.Facts {
	f.Suspended = true
	return f
}

// doubtful are facts of which something could not be looked up.
func doubtful(f pipeline.Facts, unknown ...string) pipeline.Facts {
	f.Unknown = unknown
	return f
}

func yes(f pipeline.Facts) pipeline.Vote {
	return pipeline.Vote{Verdict: pipeline.Approve, Facts: f, Door: pipeline.DoorComment}
}

func no(f pipeline.Facts) pipeline.Vote {
	return pipeline.Vote{Verdict: pipeline.Reject, Facts: f, Door: pipeline.DoorComment}
}

func takenBack(v pipeline.Vote) pipeline.Vote {
	v.Withdrawn = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	return v
}

func teamOf(slug string) pipeline.Selector { return pipeline.Selector{Team: slug} }

func account(login string) pipeline.Selector {
	return pipeline.Selector{User: login, ID: id(login)}
}

func can(p pipeline.Permission) pipeline.Selector { return pipeline.Selector{Permission: p} }

func owners() pipeline.Selector { return pipeline.Selector{CodeOwners: true} }

func ask(required int, from ...pipeline.Selector) pipeline.Requirement {
	return pipeline.Requirement{Required: required, From: from}
}

func allOf(all ...pipeline.Requirement) pipeline.Policy { return pipeline.Policy{AllOf: all} }

// fourEyes is the policy with preventSelfApproval.
func fourEyes(p pipeline.Policy) pipeline.Policy {
	p.PreventSelfApproval = true
	return p
}

func anyOne(p pipeline.Policy) pipeline.Policy {
	p.AnyOne = true
	return p
}

func brief() *pipeline.Brief { return &pipeline.Brief{} }

// made is a brief in which people have a hand in the change.
func made(by ...pipeline.Involved) *pipeline.Brief { return &pipeline.Brief{Involved: by} }

func hand(login string, roles ...pipeline.Role) pipeline.Involved {
	return pipeline.Involved{Actor: actor(login), Roles: roles}
}

// strange is a brief with authors of whom no account is known.
func strange(authors ...string) *pipeline.Brief { return &pipeline.Brief{Unresolved: authors} }

// owned is a brief with lines of CODEOWNERS that fit.
func owned(lines ...pipeline.Ownership) *pipeline.Brief { return &pipeline.Brief{Owners: lines} }

func line(pattern string, by ...pipeline.Selector) pipeline.Ownership {
	return pipeline.Ownership{Pattern: pattern, Owners: by}
}

// unread is the brief with look-ups that failed.
func unread(b *pipeline.Brief, what ...string) *pipeline.Brief {
	b.Missing = what
	return b
}

func gate(p pipeline.Policy, b *pipeline.Brief, votes ...pipeline.Vote) *pipeline.Approval {
	return &pipeline.Approval{Name: "production", Policy: p, Brief: b, Votes: votes}
}

// escalated is a gate that has waited so long that others are asked too.
func escalated(g *pipeline.Approval, to ...pipeline.Selector) *pipeline.Approval {
	g.Policy.Escalate = &pipeline.Escalation{After: time.Hour, To: to}
	g.EscalatedAt = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	return g
}

// ruling is a rule in words, a gate to show it, and how the gate stands:
// "approved by octocat", "rejected by octocat", "2 missing".
type ruling struct {
	rule string
	gate *pipeline.Approval
	want string
}

func stands(r policy.Result) string {
	switch r.Status {
	case pipeline.ApprovalApproved:
		return "approved by " + r.By.Facts.Voter.Login
	case pipeline.ApprovalRejected:
		return "rejected by " + r.By.Facts.Voter.Login
	}
	return fmt.Sprintf("%d missing", r.Missing)
}

func hold(t *testing.T, rulings []ruling) {
	t.Helper()
	for _, r := range rulings {
		t.Run(r.rule, func(t *testing.T) {
			t.Parallel()
			if got := stands(policy.Decide(r.gate)); got != r.want {
				t.Errorf("%s, want %s", got, r.want)
			}
		})
	}
}
