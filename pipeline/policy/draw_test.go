package policy_test

import (
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
)

// rarely draws true once in a while: small numbers are drawn more often than others.
func rarely(t *rapid.T, label string) bool { return rapid.IntRange(0, 9).Draw(t, label) == 9 }

// some draws each of the values, or not.
func some[T any](t *rapid.T, label string, values ...T) []T {
	var all []T
	for _, value := range values {
		if rapid.Bool().Draw(t, label) {
			all = append(all, value)
		}
	}
	return all
}

func drawFacts(t *rapid.T) pipeline.Facts {
	f := pipeline.Facts{
		Voter:      actor(rapid.SampledFrom([]string{"octocat", "hubot", "monalisa", "defunkt", "mojombo", "stranger"}).Draw(t, "voter")),
		Permission: rapid.SampledFrom([]pipeline.Permission{"none", "read", "write", "write", "write", "admin"}).Draw(t, "permission"),
		Teams:      some(t, "teams", "sre", "dba", "leads"),
		Bot:        rarely(t, "bot"),
		Suspended:  rarely(t, "suspended"),
	}
	if rarely(t, "doubt") {
		f.Unknown = some(t, "unknown", pipeline.UnknownPermission, pipeline.UnknownTeam("sre"), "else")
	}
	return f
}

func drawVote(t *rapid.T) pipeline.Vote {
	v := yes(drawFacts(t))
	if rarely(t, "reject") {
		v.Verdict = pipeline.Reject
	}
	if rarely(t, "withdrawn") {
		v.Withdrawn = time.Unix(1, 0)
	}
	return v
}

func drawSelectors(t *rapid.T) []pipeline.Selector {
	return some(t, "from", teamOf("sre"), teamOf("dba"), account("octocat"), account("monalisa"),
		can(pipeline.PermissionWrite), can(pipeline.PermissionAdmin), owners(), pipeline.Selector{})
}

func drawPolicy(t *rapid.T) pipeline.Policy {
	p := pipeline.Policy{
		Required:            rapid.IntRange(0, 3).Draw(t, "required"),
		PreventSelfApproval: rapid.Bool().Draw(t, "four eyes"),
		AnyOne:              rarely(t, "any one"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "requirements") {
		p.AllOf = append(p.AllOf, ask(rapid.IntRange(0, 2).Draw(t, "of"), drawSelectors(t)...))
	}
	return p
}

func drawBrief(t *rapid.T) *pipeline.Brief {
	if rarely(t, "no brief") {
		return nil
	}
	b := &pipeline.Brief{
		Involved: some(t, "involved", hand("hubot", pipeline.RoleAuthor), hand("defunkt", pipeline.RoleMerger)),
		Owners: some(t, "owned", line("db/**", teamOf("dba")), line("web/**", account("octocat"), teamOf("sre")),
			pipeline.Ownership{Pattern: "docs/**", Others: []string{"docs@example.com"}}),
	}
	if rarely(t, "strange") {
		b.Unresolved = some(t, "unresolved", "Mona <m@example.com>", "Lisa <l@example.com>")
	}
	if rarely(t, "unread") {
		b.Missing = some(t, "missing", pipeline.MissingDetails, pipeline.MissingPeople, pipeline.MissingOwners, "else")
	}
	return b
}

func drawGate(t *rapid.T) *pipeline.Approval {
	g := gate(drawPolicy(t), drawBrief(t), rapid.SliceOfN(rapid.Custom(drawVote), 0, 9).Draw(t, "votes")...)
	if rarely(t, "escalated") {
		g = escalated(g, some(t, "to", teamOf("leads"), account("mojombo"))...)
	}
	return g
}
