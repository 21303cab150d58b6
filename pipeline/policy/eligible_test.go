package policy_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// What people are told whose approval does not count.
func TestEligibleSaysWhy(t *testing.T) {
	t.Parallel()
	one := fourEyes(required(1))
	sre := allOf(ask(1, teamOf("sre")))
	own := allOf(ask(1, owners()))
	for _, test := range []struct {
		rule  string
		gate  *pipeline.Approval
		facts pipeline.Facts
		why   string // empty: eligible
	}{
		{"a writer is eligible", gate(required(1), nil), writer("octocat"), ""},
		{"a reader is told what is needed", gate(required(1), nil), reader("hubot"), "hubot has no write access to this repository"},
		{"somebody unknown", gate(required(1), nil), admin("stranger"), "it is not known who gave this vote"},
		{"a bot", gate(required(1), nil), bot(admin("hubot")), "hubot is a bot; people decide"},
		{"a suspended account", gate(required(1), nil), suspended(writer("hubot")), "the account of hubot is suspended or gone; somebody else has to decide"},
		{"a voter without a login is called by the account", gate(required(1), nil), pipeline.Facts{Voter: pipeline.Actor{ID: 7}}, "account 7 has no write access to this repository"},
		{"an unknown permission is named", gate(required(1), nil), doubtful(writer("hubot"), pipeline.UnknownPermission), "the permission of hubot could not be looked up, and a doubt is never a yes; vote again in a moment"},
		{"an unknown membership is named", gate(sre, nil), doubtful(writer("hubot"), pipeline.UnknownTeam("dba"), pipeline.UnknownTeam("sre")), "the membership in team sre of hubot could not be looked up, and a doubt is never a yes; vote again in a moment"},
		{"an administrator is asked", gate(allOf(ask(1, can(pipeline.PermissionAdmin))), nil), writer("hubot"), "hubot is no administrator of this repository"},
		{"those who are asked are named", gate(allOf(ask(2, teamOf("sre"), account("octocat")), ask(1, teamOf("dba"))), nil), admin("hubot"), "hubot is none of those who are asked: team sre, octocat or team dba"},
		{"those who are asked are named with writers", gate(allOf(ask(1), ask(1, teamOf("dba"))), nil), reader("hubot"), "hubot is none of those who are asked: people with write access or team dba"},
		{"those who were added are named", escalated(gate(sre, nil), teamOf("leads")), writer("hubot"), "hubot is none of those who are asked: team sre or team leads"},
		{"a user who was not found is named as such", gate(allOf(ask(1, pipeline.Selector{User: "gone"})), nil), writer("hubot"), "hubot is none of those who are asked: gone (no such account)"},
		{"a broken selector names nobody", gate(allOf(ask(1, pipeline.Selector{})), nil), writer("hubot"), "hubot is none of those who are asked: nobody"},
		{"a list that is too long is counted", gate(allOf(ask(1, teamOf("a"), teamOf("b"), teamOf("c"), teamOf("d"), teamOf("e"), teamOf("f"), teamOf("g"), teamOf("h"), teamOf("i"), teamOf("j"), teamOf("k"), teamOf("l"))), nil), writer("hubot"), "hubot is none of those who are asked: team a, team b, team c, team d, team e, team f, team g, team h, team i, team j or 2 others"},
		{"a listed user has lost access", gate(allOf(ask(1, account("hubot"))), nil), outsider("hubot"), "hubot has no access to this repository; whoever is listed needs read access at least"},
		{"a member has lost access", gate(sre, nil), outsider("hubot", "sre"), "hubot has no access to this repository; whoever is listed needs read access at least"},
		{"the merger", gate(one, made(hand("octocat", pipeline.RoleMerger))), writer("octocat"), "octocat is the merger of this change; whoever has a hand in it cannot approve it"},
		{"the author", gate(one, made(hand("octocat", pipeline.RoleAuthor))), writer("octocat"), "octocat is the author of the pull request; whoever has a hand in it cannot approve it"},
		{"every role is told", gate(one, made(hand("octocat", pipeline.RolePusher, pipeline.RoleStarter, pipeline.RoleCommitter))), writer("octocat"), "octocat is the pusher of this change, the starter of the run and the author of a commit; whoever has a hand in it cannot approve it"},
		{"a hand without a role", gate(one, made(hand("octocat"))), writer("octocat"), "octocat has a hand in this change; whoever has a hand in it cannot approve it"},
		{"whoever is not asked is told that first", gate(one, made(hand("octocat", pipeline.RoleMerger))), reader("octocat"), "octocat has no write access to this repository"},
		{"a hand that is known is told though others are not known", gate(one, unread(made(hand("octocat", pipeline.RoleMerger)), pipeline.MissingPeople)), writer("octocat"), "octocat is the merger of this change; whoever has a hand in it cannot approve it"},
		{"what is missing about people is named", gate(one, unread(brief(), "commits of pull request 4")), writer("octocat"), "it could not be looked up whether octocat has a hand in the change, and whoever has cannot approve it (missing: commits of pull request 4); vote again in a moment"},
		{"no brief", gate(one, nil), writer("octocat"), "it could not be looked up whether octocat has a hand in the change, and whoever has cannot approve it (missing: the people with a hand in the change); vote again in a moment"},
		{"what is missing about owners is named", gate(own, unread(brief(), "the tree")), writer("octocat"), "who owns what has changed could not be looked up, and nobody counts as an owner until it is (missing: the tree); vote again in a moment"},
		{"owners without a brief", gate(own, nil), writer("octocat"), "who owns what has changed could not be looked up, and nobody counts as an owner until it is (missing: the code owners of what has changed); vote again in a moment"},
		{"owners are named", gate(own, owned(line("db/**", teamOf("dba")), line("web/**", account("octocat"), teamOf("dba")))), writer("hubot"), "hubot is none of those who are asked: team dba or octocat"},
		{"where nothing is owned, writers are asked", gate(own, brief()), reader("hubot"), "hubot has no write access to this repository"},
		{"whoever is eligible for one of two requirements is eligible", gate(allOf(ask(1, teamOf("sre")), ask(1)), nil), doubtful(writer("hubot"), pipeline.UnknownTeam("sre")), ""},
		{"authors without an account make nobody ineligible", gate(one, strange("Mona <mona@example.com>")), writer("hubot"), ""},
		{"a rollback lets those with a hand in the change approve", gate(anyOne(one), made(hand("octocat", pipeline.RoleMerger))), writer("octocat"), ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			ok, why := policy.Eligible(test.gate, test.facts)
			if ok != (test.why == "") || why != test.why {
				t.Errorf("%v: %q\nwant %q", ok, why, test.why)
			}
		})
	}
}

// A vote is judged by what it says.
func TestCounts(t *testing.T) {
	t.Parallel()
	mine := gate(fourEyes(required(1)), made(hand("octocat", pipeline.RoleAuthor)))
	for _, test := range []struct {
		rule string
		vote pipeline.Vote
		why  string
	}{
		{"an approval needs clean hands", yes(writer("octocat")), "octocat is the author of the pull request; whoever has a hand in it cannot approve it"},
		{"a rejection does not", no(writer("octocat")), ""},
		{"a rejection needs somebody who is asked", no(reader("octocat")), "octocat has no write access to this repository"},
		{"a rejection needs a person", no(bot(writer("hubot"))), "hubot is a bot; people decide"},
		{"what was taken back does not count", takenBack(yes(writer("hubot"))), "hubot has taken this vote back"},
		{"what is neither is not counted", pipeline.Vote{Verdict: "Maybe", Facts: writer("hubot")}, `"Maybe" is neither Approve nor Reject`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			if ok, why := policy.Counts(mine, test.vote); ok != (test.why == "") || why != test.why {
				t.Errorf("%v: %q\nwant %q", ok, why, test.why)
			}
		})
	}
}
