package policy_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// The owners of what has changed.
func TestCodeOwners(t *testing.T) {
	t.Parallel()
	own := allOf(ask(1, owners()))
	orSRE := allOf(ask(1, owners(), teamOf("sre")))
	db, web := line("db/**", teamOf("dba")), line("web/**", account("octocat"))
	mail := pipeline.Ownership{Pattern: "docs/**", Others: []string{"docs@example.com"}}
	hold(t, []ruling{
		{"an owner by name answers for the line", gate(own, owned(web), yes(reader("octocat"))), "approved by octocat"},
		{"a member of the owning team answers for the line", gate(own, owned(db), yes(reader("hubot", "dba"))), "approved by hubot"},
		{"a writer who owns nothing does not count", gate(own, owned(db), yes(writer("octocat"))), "1 missing"},
		{"an owner of what has not changed does not count", gate(own, owned(db), yes(reader("octocat", "web"))), "1 missing"},
		{"an owner without access to the repository does not count", gate(own, owned(web), yes(outsider("octocat"))), "1 missing"},
		{"an owner whose login was taken over does not count", gate(own, owned(web), yes(pipeline.Facts{Voter: pipeline.Actor{ID: 77, Login: "octocat"}, Permission: pipeline.PermissionWrite})), "1 missing"},
		{"an owner who was not looked up is nobody, and nobody answers instead", gate(own, owned(line("web/**", pipeline.Selector{User: "octocat"})), yes(admin("octocat"))), "1 missing"},
		{"every line has to be answered for", gate(own, owned(db, web), yes(reader("octocat"))), "1 missing"},
		{"the owner of the last line decides", gate(own, owned(db, web), yes(reader("octocat")), yes(reader("hubot", "dba"))), "approved by hubot"},
		{"one person who owns two lines answers for both", gate(own, owned(db, web), yes(reader("octocat", "dba"))), "approved by octocat"},
		{"any owner of a line is enough", gate(own, owned(line("*", teamOf("dba"), account("octocat"))), yes(reader("octocat"))), "approved by octocat"},
		{"two are asked for each line", gate(allOf(ask(2, owners())), owned(db), yes(reader("octocat", "dba"))), "1 missing"},
		{"two of each line", gate(allOf(ask(2, owners())), owned(db, line("sql/**", teamOf("dba"))), yes(reader("octocat", "dba")), yes(reader("hubot", "dba"))), "approved by hubot"},
		{"two of one line are not one of each", gate(own, owned(db, web), yes(reader("hubot", "dba")), yes(reader("monalisa", "dba"))), "1 missing"},
		{"somebody else of the same from answers for any line", gate(orSRE, owned(db, web), yes(reader("hubot", "sre"))), "approved by hubot"},
		{"an owner still counts beside the others of the same from", gate(orSRE, owned(db), yes(reader("hubot", "dba"))), "approved by hubot"},
		{"people with write access answer for what nobody owns", gate(own, brief(), yes(writer("octocat"))), "approved by octocat"},
		{"readers do not answer for what nobody owns", gate(own, brief(), yes(reader("octocat"))), "1 missing"},
		{"others of the same from answer for what nobody owns too", gate(orSRE, brief(), yes(reader("octocat", "sre"))), "approved by octocat"},
		{"people with write access answer for a line of e-mail addresses", gate(own, owned(mail), yes(writer("octocat"))), "approved by octocat"},
		{"readers do not answer for a line of e-mail addresses", gate(own, owned(mail), yes(reader("octocat"))), "1 missing"},
		{"people with write access do not answer for a line that has an owner beside an address", gate(own, owned(pipeline.Ownership{Pattern: "*", Owners: []pipeline.Selector{teamOf("dba")}, Others: mail.Others}), yes(writer("octocat"))), "1 missing"},
		{"the answer for a line of addresses is none for another line", gate(own, owned(mail, db), yes(writer("octocat"))), "1 missing"},
		{"a line is owned by teams and users only", gate(own, owned(line("*", can(pipeline.PermissionWrite))), yes(writer("octocat"))), "1 missing"},
		{"a line does not own by owning", gate(own, owned(line("*", owners())), yes(admin("octocat"))), "1 missing"},
		{"an owner can reject", gate(own, owned(db, web), no(reader("octocat"))), "rejected by octocat"},
		{"a writer who owns nothing cannot reject", gate(own, owned(db), no(writer("octocat"))), "1 missing"},
		{"owners are one requirement among others", gate(allOf(ask(1, owners()), ask(1, teamOf("sre"))), owned(web), yes(reader("octocat"))), "1 missing"},
		{"an owner with a hand in the change does not answer for it", gate(fourEyes(own), &pipeline.Brief{Owners: []pipeline.Ownership{web}, Involved: []pipeline.Involved{hand("octocat", pipeline.RoleAuthor)}}, yes(writer("octocat"))), "1 missing"},
		{"after an escalation its people answer for every line", escalated(gate(own, owned(db, web), yes(reader("hubot", "leads"))), teamOf("leads")), "approved by hubot"},
	})
}
