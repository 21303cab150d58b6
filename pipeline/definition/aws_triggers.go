package definition

import "github.com/penstock-cd/penstock/pipeline"

// awsTriggers reads AWS's list of triggers. Those of the source action that stands
// for the commit count; an empty list means that nothing but people starts the
// pipeline.
func (r *reader) awsTriggers(n *node) pipeline.Triggers {
	var t pipeline.Triggers
	lines := map[string]int{}
	for _, item := range r.elements(n, 0, maxTriggers, "") {
		values := r.object(item, awsTriggerGrammar())
		r.missing(item, "providerType", "")
		r.missing(item, "gitConfiguration", "")
		if v := values["providerType"]; v != nil {
			r.enum(v, "CodeStarSourceConnection")
		}
		v := values["gitConfiguration"]
		if v == nil {
			continue
		}
		configuration := r.object(v, gitConfigurationGrammar())
		r.missing(v, "sourceActionName", "")
		source := configuration["sourceActionName"]
		if source == nil {
			continue
		}
		if !r.isTrigger(source, lines) {
			continue
		}
		r.gitConfiguration(configuration, &t)
	}
	return t
}

// isTrigger checks the source action that a trigger names, and reports whether it
// is the one that stands for the commit.
func (r *reader) isTrigger(n *node, lines map[string]int) bool {
	name, ok := r.word(n, nameCharacters, maxName)
	if !ok {
		return false
	}
	if first, twice := lines[name]; twice {
		r.bad(n, "join them: a trigger has up to 10 filters", "the source action %s has a trigger in line %d already", quote(name), first)
		return false
	}
	lines[name] = n.at.line
	provider, known := r.sources.actions[name]
	switch {
	case !known:
		hint := ""
		if near := nearest(name, r.sources.names()); near != "" {
			hint = "did you mean `" + near + "`?"
		}
		r.bad(n, hint, "there is no Source action %s", quote(name))
	case provider != "CodeStarSourceConnection":
		r.bad(n, "", "%s is of the provider %s, and a trigger needs CodeStarSourceConnection", quote(name), provider)
	case name != r.sources.commit.Action:
		r.warn(n, "", "%s is not the source that stands for the commit; its trigger has no effect", quote(name))
	default:
		return true
	}
	return false
}

// gitConfiguration reads the filters of one trigger.
func (r *reader) gitConfiguration(values map[string]*node, t *pipeline.Triggers) {
	push, pull := values["push"], values["pullRequest"]
	if push != nil {
		for _, item := range r.elements(push, 1, maxTriggerFilters, "") {
			f := r.pushFilter(item, nil)
			if item.kind == kindMap && item.has("filePaths") && !item.has("branches") && !item.has("tags") {
				r.bad(item, "add `branches`", "`filePaths` stands without `branches`")
			}
			if f.Branches == nil && f.Tags == nil {
				f.Branches = r.sources.branch()
			}
			t.Push = append(t.Push, f)
		}
	}
	if pull != nil {
		for _, item := range r.elements(pull, 1, maxTriggerFilters, "") {
			t.PullRequest = append(t.PullRequest, r.pullRequestFilter(item))
		}
	}
	if push == nil && pull == nil {
		t.Push = append(t.Push, pipeline.PushFilter{Branches: r.sources.branch()})
	}
}
