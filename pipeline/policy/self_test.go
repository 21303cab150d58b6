package policy_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// Whoever has a hand in the change.
func TestSelfApproval(t *testing.T) {
	t.Parallel()
	one := fourEyes(required(1))
	by := func(role pipeline.Role) *pipeline.Brief { return made(hand("octocat", role)) }
	hold(t, []ruling{
		{"the author of the pull request cannot approve it", gate(one, by(pipeline.RoleAuthor), yes(writer("octocat"))), "1 missing"},
		{"a pusher cannot approve", gate(one, by(pipeline.RolePusher), yes(writer("octocat"))), "1 missing"},
		{"the merger cannot approve", gate(one, by(pipeline.RoleMerger), yes(writer("octocat"))), "1 missing"},
		{"whoever started the run cannot approve", gate(one, by(pipeline.RoleStarter), yes(writer("octocat"))), "1 missing"},
		{"the author of a commit cannot approve", gate(one, by(pipeline.RoleCommitter), yes(writer("octocat"))), "1 missing"},
		{"a co-author of a commit cannot approve", gate(one, by(pipeline.RoleCoAuthor), yes(writer("octocat"))), "1 missing"},
		{"a hand without a role is a hand", gate(one, made(hand("octocat")), yes(writer("octocat"))), "1 missing"},
		{"an administrator with a hand in the change cannot approve", gate(one, by(pipeline.RoleMerger), yes(admin("octocat"))), "1 missing"},
		{"somebody else approves", gate(one, by(pipeline.RoleAuthor), yes(writer("octocat")), yes(writer("hubot"))), "approved by hubot"},
		{"whoever has a hand in the change may reject it", gate(one, by(pipeline.RoleAuthor), no(writer("octocat"))), "rejected by octocat"},
		{"a hand in the change gives nobody a right to reject", gate(fourEyes(allOf(ask(1, teamOf("sre")))), by(pipeline.RoleAuthor), no(writer("octocat"))), "1 missing"},
		{"a listed user with a hand in the change cannot approve", gate(fourEyes(allOf(ask(1, account("octocat")))), by(pipeline.RolePusher), yes(writer("octocat"))), "1 missing"},
		{"people are known by id: another login is the same hand", gate(one, by(pipeline.RoleAuthor), yes(pipeline.Facts{Voter: pipeline.Actor{ID: 1, Login: "cat"}, Permission: pipeline.PermissionWrite})), "1 missing"},
		{"people are known by id: the same login is another hand", gate(one, by(pipeline.RoleAuthor), yes(pipeline.Facts{Voter: pipeline.Actor{ID: 77, Login: "octocat"}, Permission: pipeline.PermissionWrite})), "approved by octocat"},
		{"one of two without a hand is not enough", gate(fourEyes(required(2)), by(pipeline.RoleAuthor), yes(writer("octocat")), yes(writer("hubot"))), "1 missing"},
		{"where self-approval is not prevented, the author approves", gate(required(1), by(pipeline.RoleAuthor), yes(writer("octocat"))), "approved by octocat"},
	})
}

// Authors of whom no account is known.
func TestStrangers(t *testing.T) {
	t.Parallel()
	one, two := strange("Mona <mona@example.com>"), strange("Mona <mona@example.com>", "Lisa <lisa@example.com>")
	writers := fourEyes(required(1))
	mixed := fourEyes(allOf(ask(1), ask(1, teamOf("sre"), can(pipeline.PermissionAdmin))))
	shadow := pipeline.Involved{Actor: pipeline.Actor{Login: "Mona"}, Roles: []pipeline.Role{pipeline.RoleUnresolved}}
	both := strange("Mona <mona@example.com>")
	both.Involved = []pipeline.Involved{shadow}
	hold(t, []ruling{
		{"one author without an account: one vote more, the voter may be that author", gate(writers, one, yes(writer("octocat"))), "1 missing"},
		{"one author without an account: two people cannot both be that author", gate(writers, one, yes(writer("octocat")), yes(writer("hubot"))), "approved by hubot"},
		{"two authors without an account: two votes more", gate(writers, two, yes(writer("octocat")), yes(writer("hubot"))), "1 missing"},
		{"two authors without an account: three people", gate(writers, two, yes(writer("octocat")), yes(writer("hubot")), yes(writer("monalisa"))), "approved by monalisa"},
		{"every requirement asks for the votes more", gate(fourEyes(allOf(ask(1), ask(2, can(pipeline.PermissionAdmin)))), one, yes(admin("octocat")), yes(admin("hubot"))), "1 missing"},
		{"where people are listed, one of them has to approve", gate(mixed, one, yes(writer("octocat")), yes(admin("hubot"))), "1 missing"},
		{"where people are listed, one of them is enough", gate(mixed, one, yes(writer("octocat")), yes(reader("hubot", "sre"))), "approved by hubot"},
		{"where people are listed, many others are not enough", gate(mixed, two, yes(writer("octocat")), yes(admin("hubot")), yes(admin("monalisa")), yes(admin("defunkt"))), "1 missing"},
		{"where people are listed, any requirement's list will do", gate(fourEyes(allOf(ask(1), ask(1, account("octocat"), can(pipeline.PermissionAdmin)))), one, yes(admin("octocat"))), "approved by octocat"},
		{"somebody listed with a hand in the change is not that one", gate(mixed, &pipeline.Brief{Unresolved: one.Unresolved, Involved: []pipeline.Involved{hand("octocat", pipeline.RoleMerger)}}, yes(writer("octocat", "sre")), yes(admin("hubot"))), "1 missing"},
		{"a listed user who was not found still is a list", gate(fourEyes(allOf(ask(1, pipeline.Selector{User: "gone"}, can(pipeline.PermissionWrite)))), one, yes(writer("octocat")), yes(writer("hubot"))), "1 missing"},
		{"owners of CODEOWNERS are not listed by the policy", gate(fourEyes(allOf(ask(1, owners()))), &pipeline.Brief{Unresolved: one.Unresolved, Owners: []pipeline.Ownership{line("*", teamOf("dba"))}}, yes(reader("octocat", "dba"))), "1 missing"},
		{"somebody involved without an id is an author without an account", gate(writers, made(shadow), yes(writer("octocat"))), "1 missing"},
		{"an author without an account is not counted twice", gate(writers, both, yes(writer("octocat")), yes(writer("hubot"))), "approved by hubot"},
		{"an author without an account may be anybody and still cannot keep people from rejecting", gate(writers, one, no(writer("octocat"))), "rejected by octocat"},
		{"where self-approval is not prevented, unknown authors do not matter", gate(required(1), two, yes(writer("octocat"))), "approved by octocat"},
		{"an escalation lists people", escalated(gate(writers, one, yes(reader("octocat", "leads"))), teamOf("leads")), "approved by octocat"},
	})
}
