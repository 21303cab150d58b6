package policy_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func required(n int) pipeline.Policy { return pipeline.Policy{Required: n} }

// How votes are counted when nobody is named.
func TestCounting(t *testing.T) {
	t.Parallel()
	hold(t, []ruling{
		{"a gate without votes waits", gate(required(1), nil), "1 missing"},
		{"one writer approves", gate(required(1), nil, yes(writer("octocat"))), "approved by octocat"},
		{"an administrator can write too", gate(required(1), nil, yes(admin("octocat"))), "approved by octocat"},
		{"a reader does not count where nobody is named", gate(required(1), nil, yes(reader("octocat"))), "1 missing"},
		{"somebody without access does not count", gate(required(1), nil, yes(outsider("octocat"))), "1 missing"},
		{"a permission of an unknown name is none", gate(required(1), nil, yes(person("octocat", "maintain"))), "1 missing"},
		{"no permission at all is none", gate(required(1), nil, yes(person("octocat", ""))), "1 missing"},
		{"membership of a team that nobody asks for is no right", gate(required(1), nil, yes(reader("octocat", "sre"))), "1 missing"},
		{"nobody known does not count", gate(required(1), nil, yes(person("stranger", pipeline.PermissionAdmin))), "1 missing"},
		{"an account below zero is nobody", gate(required(1), nil, yes(pipeline.Facts{Voter: pipeline.Actor{ID: -4}, Permission: pipeline.PermissionAdmin})), "1 missing"},
		{"a bot does not count, whatever it may do", gate(required(1), nil, yes(bot(admin("hubot")))), "1 missing"},
		{"a suspended account does not count", gate(required(1), nil, yes(suspended(writer("octocat")))), "1 missing"},
		{"one of two is not enough", gate(required(2), nil, yes(writer("octocat"))), "1 missing"},
		{"two of two are enough, and the second decides", gate(required(2), nil, yes(writer("octocat")), yes(writer("hubot"))), "approved by hubot"},
		{"one person counts once", gate(required(2), nil, yes(writer("octocat")), yes(writer("octocat"))), "1 missing"},
		{"one person counts once at two doors", gate(required(2), nil, yes(writer("octocat")), pipeline.Vote{Verdict: pipeline.Approve, Door: pipeline.DoorCheck, Facts: writer("octocat")}), "1 missing"},
		{"one person counts once under two logins", gate(required(2), nil, yes(writer("octocat")), yes(pipeline.Facts{Voter: pipeline.Actor{ID: 1, Login: "cat"}, Permission: pipeline.PermissionWrite})), "1 missing"},
		{"two accounts of one login are two people", gate(required(2), nil, yes(writer("octocat")), yes(pipeline.Facts{Voter: pipeline.Actor{ID: 9, Login: "octocat"}, Permission: pipeline.PermissionWrite})), "approved by octocat"},
		{"the first that settles it decides", gate(required(1), nil, yes(writer("octocat")), yes(writer("hubot"))), "approved by octocat"},
		{"a rejection after the decision is late", gate(required(1), nil, yes(writer("octocat")), no(writer("hubot"))), "approved by octocat"},
		{"a policy that asks for nobody still asks for one", gate(required(0), nil), "1 missing"},
		{"a number below one asks for one", gate(required(-3), nil, yes(writer("octocat"))), "approved by octocat"},
		{"a word that is no verdict is no vote", gate(required(1), nil, pipeline.Vote{Verdict: "maybe", Facts: writer("octocat")}), "1 missing"},
		{"a vote that was taken back does not count", gate(required(1), nil, takenBack(yes(writer("octocat")))), "1 missing"},
		{"whoever took a vote back may vote again", gate(required(1), nil, takenBack(yes(writer("octocat"))), yes(writer("octocat"))), "approved by octocat"},
		{"votes that do not count do not stand in the way of those that do", gate(required(1), nil, yes(reader("hubot")), yes(bot(admin("monalisa"))), yes(writer("octocat"))), "approved by octocat"},
	})
}

// One no of anybody who is asked.
func TestVeto(t *testing.T) {
	t.Parallel()
	sre := allOf(ask(2, teamOf("sre")))
	hold(t, []ruling{
		{"one writer rejects", gate(required(1), nil, no(writer("octocat"))), "rejected by octocat"},
		{"a veto between two approvals", gate(required(2), nil, yes(writer("octocat")), no(writer("hubot")), yes(writer("monalisa"))), "rejected by hubot"},
		{"whoever approved may still reject", gate(required(2), nil, yes(writer("octocat")), no(writer("octocat"))), "rejected by octocat"},
		{"an approval does not undo one's rejection", gate(required(1), nil, no(writer("octocat")), yes(writer("octocat"))), "rejected by octocat"},
		{"a rejection that was taken back does not count", gate(required(1), nil, takenBack(no(writer("hubot"))), yes(writer("octocat"))), "approved by octocat"},
		{"a reader cannot reject where writers are asked", gate(required(1), nil, no(reader("hubot"))), "1 missing"},
		{"a bot cannot reject", gate(required(1), nil, no(bot(writer("hubot")))), "1 missing"},
		{"a suspended account cannot reject", gate(required(1), nil, no(suspended(writer("hubot")))), "1 missing"},
		{"a writer who is not asked cannot reject", gate(sre, nil, no(writer("octocat"))), "2 missing"},
		{"a listed reader can reject", gate(sre, nil, no(reader("octocat", "sre"))), "rejected by octocat"},
		{"whoever is asked by any requirement can reject", gate(allOf(ask(1, teamOf("sre")), ask(1, teamOf("dba"))), nil, yes(reader("hubot", "sre")), no(reader("octocat", "dba"))), "rejected by octocat"},
		{"those who were added by escalation can reject", escalated(gate(sre, nil, no(reader("octocat", "leads"))), teamOf("leads")), "rejected by octocat"},
		{"whoever may only override cannot reject", gate(pipeline.Policy{Override: []pipeline.Selector{teamOf("oncall")}}, nil, no(reader("octocat", "oncall"))), "1 missing"},
		{"a rejection by somebody whose permission is not known does not count", gate(required(1), nil, no(doubtful(writer("octocat"), pipeline.UnknownPermission))), "1 missing"},
	})
}
