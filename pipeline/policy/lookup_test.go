package policy_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// A look-up that failed is never a yes.
func TestFailedLookUps(t *testing.T) {
	t.Parallel()
	one := fourEyes(required(1))
	sre, own := allOf(ask(1, teamOf("sre"))), allOf(ask(1, owners()))
	noTeam := pipeline.UnknownTeam("sre")
	hold(t, []ruling{
		{"an unknown permission keeps a writer from counting", gate(required(1), nil, yes(doubtful(writer("octocat"), pipeline.UnknownPermission))), "1 missing"},
		{"an unknown permission keeps a member from counting", gate(sre, nil, yes(doubtful(reader("octocat", "sre"), pipeline.UnknownPermission))), "1 missing"},
		{"an unknown thing of a name nobody knows keeps from counting", gate(required(1), nil, yes(doubtful(writer("octocat"), "age"))), "1 missing"},
		{"an unknown membership in the team that is asked keeps from counting", gate(sre, nil, yes(doubtful(writer("octocat"), noTeam))), "1 missing"},
		{"an unknown membership outweighs what was known of it", gate(sre, nil, yes(doubtful(writer("octocat", "sre"), noTeam))), "1 missing"},
		{"an unknown membership in a team that nobody asks for does not matter", gate(required(1), nil, yes(doubtful(writer("octocat"), noTeam))), "approved by octocat"},
		{"an unknown membership does not matter to somebody who is asked otherwise", gate(allOf(ask(1, teamOf("sre"), account("octocat"))), nil, yes(doubtful(reader("octocat"), noTeam))), "approved by octocat"},
		{"an unknown membership counts for the other requirement only", gate(allOf(ask(1, teamOf("sre")), ask(1)), nil, yes(doubtful(writer("octocat"), noTeam))), "1 missing"},
		{"an unknown membership in an owning team keeps from counting", gate(own, owned(line("*", teamOf("sre"))), yes(doubtful(writer("octocat"), noTeam))), "1 missing"},
		{"no brief: nobody is known to have no hand in the change", gate(one, nil, yes(writer("octocat"))), "1 missing"},
		{"people of the change missing: nobody is known to have no hand in it", gate(one, unread(brief(), pipeline.MissingPeople), yes(writer("octocat"))), "1 missing"},
		{"something missing in words of its own: nobody is known to have no hand in it", gate(one, unread(brief(), "commits of pull request 4"), yes(writer("octocat"))), "1 missing"},
		{"the second of two missing things matters too", gate(one, unread(brief(), pipeline.MissingDetails, pipeline.MissingPeople), yes(writer("octocat"))), "1 missing"},
		{"missing code owners do not matter to whether somebody has a hand in the change", gate(one, unread(brief(), pipeline.MissingOwners), yes(writer("octocat"))), "approved by octocat"},
		{"missing details do not matter", gate(one, unread(brief(), pipeline.MissingDetails), yes(writer("octocat"))), "approved by octocat"},
		{"missing people do not matter where self-approval is not prevented", gate(required(1), unread(brief(), pipeline.MissingPeople), yes(writer("octocat"))), "approved by octocat"},
		{"whoever is not known to have no hand in the change may reject it", gate(one, nil, no(writer("octocat"))), "rejected by octocat"},
		{"no brief: nobody counts as an owner, and writers do not answer instead", gate(own, nil, yes(admin("octocat"))), "1 missing"},
		{"code owners missing: writers do not answer instead", gate(own, unread(brief(), pipeline.MissingOwners), yes(admin("octocat"))), "1 missing"},
		{"code owners missing: those who were found do not count either", gate(own, unread(owned(line("*", teamOf("dba"))), pipeline.MissingOwners), yes(writer("octocat", "dba"))), "1 missing"},
		{"something missing in words of its own: nobody counts as an owner", gate(own, unread(owned(line("*", teamOf("dba"))), "the tree"), yes(writer("octocat", "dba"))), "1 missing"},
		{"missing people do not matter to owners", gate(own, unread(owned(line("*", teamOf("dba"))), pipeline.MissingPeople), yes(writer("octocat", "dba"))), "approved by octocat"},
		{"missing details do not matter to owners", gate(own, unread(owned(line("*", teamOf("dba"))), pipeline.MissingDetails), yes(writer("octocat", "dba"))), "approved by octocat"},
		{"no brief: others of a from with owners do not count for it", gate(allOf(ask(1, owners(), teamOf("sre"))), nil, yes(writer("octocat", "sre"))), "1 missing"},
		{"no brief: others of a from with owners may reject", gate(allOf(ask(1, owners(), teamOf("sre"))), nil, no(writer("octocat", "sre"))), "rejected by octocat"},
		{"no brief: a requirement without owners is still met, the other not", gate(allOf(ask(1, owners()), ask(1, teamOf("sre"))), nil, yes(writer("octocat", "sre"))), "1 missing"},
	})
}

// A rollback has to get through at night.
func TestAnyOne(t *testing.T) {
	t.Parallel()
	strict := fourEyes(allOf(ask(2, teamOf("sre")), ask(1, account("monalisa"))))
	withOwners := anyOne(fourEyes(allOf(ask(2, owners()), ask(1, teamOf("sre")))))
	hold(t, []ruling{
		{"one of those who are named is enough", gate(anyOne(strict), brief(), yes(reader("octocat", "sre"))), "approved by octocat"},
		{"one of any requirement is enough", gate(anyOne(strict), brief(), yes(reader("monalisa"))), "approved by monalisa"},
		{"whoever is not named is not enough", gate(anyOne(strict), brief(), yes(admin("hubot"))), "1 missing"},
		{"whoever has a hand in the change counts", gate(anyOne(strict), made(hand("monalisa", pipeline.RoleStarter)), yes(reader("monalisa"))), "approved by monalisa"},
		{"authors without an account do not matter", gate(anyOne(strict), strange("Mona <mona@example.com>"), yes(reader("octocat", "sre"))), "approved by octocat"},
		{"where nobody is named, one writer is enough", gate(anyOne(fourEyes(required(3))), nil, yes(writer("octocat"))), "approved by octocat"},
		{"where nobody is named, a reader is not enough", gate(anyOne(required(3)), nil, yes(reader("octocat"))), "1 missing"},
		{"what is missing about people does not matter", gate(anyOne(strict), nil, yes(reader("octocat", "sre"))), "approved by octocat"},
		{"one no still rejects", gate(anyOne(strict), nil, no(reader("octocat", "sre")), yes(reader("monalisa"))), "rejected by octocat"},
		{"a failed look-up of the voter is no yes at night either", gate(anyOne(strict), nil, yes(doubtful(reader("octocat"), pipeline.UnknownTeam("sre")))), "1 missing"},
		{"a bot does not count at night either", gate(anyOne(strict), nil, yes(bot(writer("hubot", "sre")))), "1 missing"},
		{"any owner of any line is enough", gate(withOwners, owned(line("db/**", teamOf("dba")), line("web/**", account("hubot"))), yes(reader("hubot"))), "approved by hubot"},
		{"owners that nobody knows do not keep others from counting", gate(withOwners, nil, yes(reader("octocat", "sre"))), "approved by octocat"},
		{"where only owners are named and nobody knows them, nobody counts", gate(anyOne(allOf(ask(1, owners()))), nil, yes(admin("octocat"))), "1 missing"},
		{"where only owners are named and nothing is owned, a writer counts", gate(anyOne(allOf(ask(1, owners()))), brief(), yes(writer("octocat"))), "approved by octocat"},
		{"whoever may only override is not named", gate(anyOne(pipeline.Policy{AllOf: strict.AllOf, Override: []pipeline.Selector{teamOf("oncall")}}), nil, yes(reader("hubot", "oncall"))), "1 missing"},
		{"a vote that was taken back does not count", gate(anyOne(strict), nil, takenBack(yes(reader("octocat", "sre")))), "1 missing"},
	})
}
