package definition

import (
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// requirements reads who must agree: the list allOf, or required and from, which
// stand for a list of one.
func (r *reader) requirements(values map[string]*node, policy *pipeline.Policy) {
	all, required, from := values["allOf"], values["required"], values["from"]
	switch {
	case all != nil && (required != nil || from != nil):
		r.bad(all, "keep one of the two: `required` and `from` are an entry of `allOf`", "stands beside `required` or `from`")
	case all != nil:
		for _, item := range r.elements(all, 1, maxRequirements, "write `allOf: [{required: 1, from: [{team: ...}]}]`") {
			if q, ok := r.requirement(item); ok {
				r.canBeMet(item, q, policy)
				policy.AllOf = append(policy.AllOf, q)
			}
		}
	case from != nil:
		q := pipeline.Requirement{Required: r.required(required), From: r.selectors(from, true)}
		r.canBeMet(from.parent, q, policy)
		policy.AllOf = []pipeline.Requirement{q}
	default:
		policy.Required = r.required(required)
	}
}

// required reads a number of votes: 1 if it is left out.
func (r *reader) required(n *node) int {
	if n == nil {
		return 1
	}
	count, ok := r.integer(n, 1, maxRequired)
	if !ok {
		return 1
	}
	return count
}

func (r *reader) requirement(n *node) (pipeline.Requirement, bool) {
	values := r.object(n, requirementGrammar())
	if values == nil {
		return pipeline.Requirement{}, false
	}
	if len(n.fields) == 0 {
		r.bad(n, "write `{required: 1, from: [{team: ...}]}`", "an entry asks for nothing")
	}
	q := pipeline.Requirement{Required: r.required(values["required"])}
	if v := values["from"]; v != nil {
		q.From = r.selectors(v, true)
	}
	if v := values["when"]; v != nil {
		q.When = r.appliesTo(v)
	}
	return q, true
}

// appliesTo reads for which changes a requirement is asked.
func (r *reader) appliesTo(n *node) *pipeline.AppliesTo {
	values := r.object(n, whenGrammar())
	if n.kind == kindMap && len(n.fields) == 0 {
		r.bad(n, "write `branches`, `paths` or `labels`, or leave it out", "says nothing")
	}
	when := &pipeline.AppliesTo{}
	for key, target := range map[string]**pipeline.Filter{"branches": &when.Branches, "paths": &when.Paths, "labels": &when.Labels} {
		if v := values[key]; v != nil {
			*target = r.filter(v)
		}
	}
	return when
}

// canBeMet warns of a requirement that too few people are named for, and notes one
// that nobody who is named can meet for a change of their own.
func (r *reader) canBeMet(n *node, q pipeline.Requirement, policy *pipeline.Policy) {
	people, closed := named(q.From)
	if policy.Escalate != nil {
		more, onlyUsers := named(policy.Escalate.To)
		closed = closed && onlyUsers
		for _, login := range more {
			if !slices.Contains(people, login) {
				people = append(people, login)
			}
		}
	}
	switch {
	case !closed || len(people) == 0:
	case len(people) < q.Required:
		r.warn(n, "name more people, or a team", "asks for %d approvals, and names only %d who can give one: it is never met", q.Required, len(people))
	case len(people) == q.Required && policy.PreventSelfApproval && len(policy.Override) == 0:
		r.note(SeverityNote, n.at, n.path(), "name more people, or a team",
			"%s: a change that one of %s has a hand in can never be approved", label(n), strings.Join(people, ", "))
	}
}

// named are the logins that selectors name, in lower case, and whether they name
// nobody else.
func named(from []pipeline.Selector) (logins []string, all bool) {
	for _, s := range from {
		if s.User == "" {
			return nil, false
		}
		logins = append(logins, strings.ToLower(s.User))
	}
	return logins, len(from) > 0
}
