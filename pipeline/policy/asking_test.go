package policy_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// Who is asked: from.
func TestFrom(t *testing.T) {
	t.Parallel()
	sre, cat := allOf(ask(1, teamOf("sre"))), allOf(ask(1, account("octocat")))
	hold(t, []ruling{
		{"a member of the team counts", gate(sre, nil, yes(writer("octocat", "sre"))), "approved by octocat"},
		{"a member of the team needs no more than read access", gate(sre, nil, yes(reader("octocat", "sre"))), "approved by octocat"},
		{"a member of the team without access to the repository does not count", gate(sre, nil, yes(outsider("octocat", "sre"))), "1 missing"},
		{"a writer does not count where a team is asked", gate(sre, nil, yes(writer("octocat"))), "1 missing"},
		{"an administrator does not count where a team is asked", gate(sre, nil, yes(admin("octocat"))), "1 missing"},
		{"a member of another team does not count", gate(sre, nil, yes(writer("octocat", "sre-interns"))), "1 missing"},
		{"a team's slug is compared whole and in lower case", gate(sre, nil, yes(writer("octocat", "SRE"))), "1 missing"},
		{"a suspended member does not count", gate(sre, nil, yes(suspended(reader("octocat", "sre")))), "1 missing"},
		{"a bot in the team does not count", gate(sre, nil, yes(bot(writer("hubot", "sre")))), "1 missing"},
		{"a listed user counts", gate(cat, nil, yes(writer("octocat"))), "approved by octocat"},
		{"a listed user needs no more than read access", gate(cat, nil, yes(reader("octocat"))), "approved by octocat"},
		{"a listed user without access to the repository does not count", gate(cat, nil, yes(outsider("octocat"))), "1 missing"},
		{"somebody else does not count where a user is asked", gate(cat, nil, yes(admin("hubot"))), "1 missing"},
		{"a listed user who has another login now still counts", gate(cat, nil, yes(pipeline.Facts{Voter: pipeline.Actor{ID: 1, Login: "cat"}, Permission: pipeline.PermissionRead})), "approved by cat"},
		{"a login that was taken over by another account does not count", gate(cat, nil, yes(pipeline.Facts{Voter: pipeline.Actor{ID: 77, Login: "octocat"}, Permission: pipeline.PermissionWrite})), "1 missing"},
		{"a user who was not looked up is nobody", gate(allOf(ask(1, pipeline.Selector{User: "octocat"})), nil, yes(admin("octocat"))), "1 missing"},
		{"an account without its login counts by id", gate(allOf(ask(1, pipeline.Selector{ID: 1})), nil, yes(reader("octocat"))), "approved by octocat"},
		{"permission write lets administrators in", gate(allOf(ask(1, can(pipeline.PermissionWrite))), nil, yes(admin("octocat"))), "approved by octocat"},
		{"permission admin keeps writers out", gate(allOf(ask(1, can(pipeline.PermissionAdmin))), nil, yes(writer("octocat"))), "1 missing"},
		{"permission admin lets administrators in", gate(allOf(ask(1, can(pipeline.PermissionAdmin))), nil, yes(admin("octocat"))), "approved by octocat"},
		{"permission read cannot be asked for and names nobody", gate(allOf(ask(1, can(pipeline.PermissionRead))), nil, yes(admin("octocat"))), "1 missing"},
		{"any of several is enough: the team", gate(allOf(ask(1, teamOf("sre"), account("octocat"))), nil, yes(reader("hubot", "sre"))), "approved by hubot"},
		{"any of several is enough: the user", gate(allOf(ask(1, teamOf("sre"), account("octocat"))), nil, yes(reader("octocat"))), "approved by octocat"},
		{"none of several is not enough", gate(allOf(ask(1, teamOf("sre"), account("octocat"))), nil, yes(admin("hubot"))), "1 missing"},
		{"somebody who fits twice is still one person", gate(allOf(ask(2, teamOf("sre"), account("octocat"))), nil, yes(reader("octocat", "sre"))), "1 missing"},
		{"a requirement without from asks writers", gate(allOf(ask(1)), nil, yes(writer("octocat"))), "approved by octocat"},
		{"a requirement with an empty from asks writers, not everybody", gate(allOf(pipeline.Requirement{Required: 1, From: []pipeline.Selector{}}), nil, yes(reader("octocat"))), "1 missing"},
		{"an empty selector names nobody", gate(allOf(ask(1, pipeline.Selector{})), nil, yes(admin("octocat"))), "1 missing"},
		{"a selector of two sorts names nobody", gate(allOf(ask(1, pipeline.Selector{Team: "sre", Permission: pipeline.PermissionWrite})), nil, yes(writer("octocat", "sre"))), "1 missing"},
		{"a broken selector beside a good one spoils nothing", gate(allOf(ask(1, pipeline.Selector{}, teamOf("sre"))), nil, yes(reader("octocat", "sre"))), "approved by octocat"},
	})
}

// Several requirements.
func TestAllOf(t *testing.T) {
	t.Parallel()
	both := allOf(ask(2, teamOf("sre")), ask(1, teamOf("dba")))
	hold(t, []ruling{
		{"every requirement has to be met", gate(both, nil, yes(reader("octocat", "sre")), yes(reader("hubot", "sre"))), "1 missing"},
		{"one requirement does not stand for another", gate(both, nil, yes(reader("octocat", "dba"))), "2 missing"},
		{"the vote that meets the last requirement decides", gate(both, nil, yes(reader("octocat", "sre")), yes(reader("hubot", "sre")), yes(reader("monalisa", "dba"))), "approved by monalisa"},
		{"one vote serves every requirement that the person fits", gate(both, nil, yes(reader("octocat", "sre", "dba")), yes(reader("hubot", "sre"))), "approved by hubot"},
		{"one person serves several requirements and is not two people for one of them", gate(both, nil, yes(reader("octocat", "sre", "dba"))), "1 missing"},
		{"more votes than one requirement needs do not help the other", gate(both, nil, yes(reader("octocat", "sre")), yes(reader("hubot", "sre")), yes(reader("monalisa", "sre"))), "1 missing"},
		{"the number on top does not count where requirements are listed", gate(pipeline.Policy{Required: 5, AllOf: both.AllOf[1:]}, nil, yes(reader("octocat", "dba"))), "approved by octocat"},
		{"a requirement that asks for nobody asks for one", gate(allOf(ask(0, teamOf("sre"))), nil), "1 missing"},
		{"a requirement below zero asks for one of those it names", gate(allOf(ask(-1, teamOf("sre"))), nil, yes(writer("octocat"))), "1 missing"},
		{"two of three, and nobody says no", gate(allOf(ask(2, account("octocat"), account("hubot"), account("monalisa"))), nil, yes(reader("monalisa")), yes(reader("octocat"))), "approved by octocat"},
		{"two of three, and the third says no first", gate(allOf(ask(2, account("octocat"), account("hubot"), account("monalisa"))), nil, yes(reader("monalisa")), no(reader("hubot")), yes(reader("octocat"))), "rejected by hubot"},
		{"a vote that one of two requirements asks for counts though the other does not", gate(allOf(ask(1, teamOf("sre")), ask(1)), nil, yes(writer("octocat"))), "1 missing"},
	})
}

// A gate that has waited takes more people's votes.
func TestEscalation(t *testing.T) {
	t.Parallel()
	sre := allOf(ask(2, teamOf("sre")))
	leads := teamOf("leads")
	waiting := gate(sre, nil, yes(reader("octocat", "leads")))
	waiting.Policy.Escalate = &pipeline.Escalation{To: []pipeline.Selector{leads}}
	hold(t, []ruling{
		{"those of an escalation do not count before it", waiting, "2 missing"},
		{"those of an escalation count after it", escalated(gate(sre, nil, yes(reader("octocat", "leads")), yes(reader("hubot", "leads"))), leads), "approved by hubot"},
		{"an escalation asks for as many people as before", escalated(gate(sre, nil, yes(reader("octocat", "leads"))), leads), "1 missing"},
		{"those who were asked before an escalation still are", escalated(gate(sre, nil, yes(reader("octocat", "sre")), yes(reader("hubot", "leads"))), leads), "approved by hubot"},
		{"an escalation adds its people to every requirement", escalated(gate(allOf(ask(1, teamOf("sre")), ask(1, teamOf("dba"))), nil, yes(reader("octocat", "leads"))), leads), "approved by octocat"},
		{"an escalation adds readers to a gate that asks writers", escalated(gate(required(1), nil, yes(reader("octocat", "leads"))), leads), "approved by octocat"},
		{"an escalation keeps writers where nobody was named", escalated(gate(required(1), nil, yes(writer("octocat"))), leads), "approved by octocat"},
		{"an escalation to nobody changes nothing", escalated(gate(sre, nil, yes(writer("octocat")))), "2 missing"},
		{"an escalation does not let in whoever has a hand in the change", escalated(gate(fourEyes(sre), made(hand("octocat", pipeline.RoleAuthor)), yes(reader("octocat", "leads")), yes(reader("hubot", "leads"))), leads), "1 missing"},
	})
}
