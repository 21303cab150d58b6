package definition

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// use is a reference that stands somewhere.
type use struct {
	pipeline.Reference
	n  *node
	at place
}

// maker is an action with a namespace.
type maker struct {
	n       *node // its namespace
	at      place
	outputs []string // the variables it makes
	open    bool     // it may make others
}

// withReferences reads text in which references may stand, and notes them for
// checkReferences.
func (r *reader) withReferences(n *node, limit int, at place) (string, bool) {
	s, ok := r.anyText(n, limit)
	if ok {
		r.refer(n, at)
	}
	return s, ok
}

func (r *reader) refer(n *node, at place) {
	for _, ref := range pipeline.References(n.text) {
		r.uses = append(r.uses, use{ref, n, at})
	}
}

// namespace reads the name of an action's variables.
func (r *reader) namespace(n *node, at place, outputs []string, open bool) string {
	name, ok := r.word(n, variableCharacters, maxName)
	if !ok {
		return ""
	}
	switch first, twice := r.makers[name]; {
	case name == pipeline.NamespacePipeline, name == pipeline.NamespaceVariables, name == pipeline.NamespacePenstock:
		r.bad(n, "choose another name", "%s is a namespace of the pipeline itself", quote(name))
		return ""
	case twice:
		r.bad(n, "give each action a namespace of its own", "%s is the namespace of an action in line %d already", quote(name), first.n.at.line)
		return ""
	}
	r.makers[name] = maker{n, at, outputs, open}
	return name
}

// checkReferences checks, once everything is read, that each reference names
// something that has a value by then.
func (r *reader) checkReferences(variables []pipeline.Variable) {
	for _, m := range r.made {
		if owner, taken := r.makers[m.name]; taken {
			r.bad(owner.n, "choose another name", "%s is the name of an artifact (line %d), too", quote(m.name), m.n.at.line)
		}
	}
	var declared []string
	for _, v := range variables {
		declared = append(declared, v.Name)
	}
	for _, u := range r.uses {
		switch u.Namespace {
		case pipeline.NamespacePipeline:
			r.checkKey(u, []string{"PipelineExecutionId"})
		case pipeline.NamespacePenstock:
			r.checkKey(u, pipeline.PenstockKeys())
		case pipeline.NamespaceVariables:
			if !r.broken {
				r.checkKey(u, declared)
			}
		default:
			r.checkMaker(u)
		}
	}
}

// shown is a reference in a sentence.
func shown(r pipeline.Reference) string { return clean(r.String(), 120) }

// withoutReferences puts a text in the place of each reference.
func withoutReferences(text, by string) string {
	return pipeline.ReplaceReferences(text, func(pipeline.Reference) string { return by })
}

// checkKey checks a reference into a namespace with known keys.
func (r *reader) checkKey(u use, keys []string) {
	if slices.Contains(keys, u.Key) {
		return
	}
	hint := ""
	if near := nearest(u.Key, keys); near != "" {
		hint = "did you mean `#{" + u.Namespace + "." + near + "}`?"
	} else if len(keys) > 0 {
		hint = "there is " + list(keys, "and")
	} else if u.Namespace == pipeline.NamespaceVariables {
		hint = "declare it under `variables`, at the top of the file"
	}
	r.bad(u.n, hint, "%s: there is no variable %s", shown(u.Reference), quote(u.Key))
}

// checkMaker checks a reference to a variable of an action.
func (r *reader) checkMaker(u use) {
	m, ok := r.makers[u.Namespace]
	if !ok {
		names := []string{pipeline.NamespacePenstock, pipeline.NamespaceVariables, pipeline.NamespacePipeline}
		for name := range r.makers {
			names = append(names, name)
		}
		slices.Sort(names)
		hint := "give the action that makes it a `namespace`"
		if near := nearest(u.Namespace, names); near != "" {
			hint = "did you mean `" + near + "`?"
		}
		r.bad(u.n, hint, "%s: no action has the namespace %s", shown(u.Reference), quote(u.Namespace))
		return
	}
	switch {
	case !m.at.before(u.at):
		r.bad(u.n, "use it in a later stage, or with a greater `runOrder`", "%s: the action %s of the stage %s is not over before this is asked for",
			shown(u.Reference), quote(m.at.action), quote(m.at.stageName))
	case !m.open && !slices.Contains(m.outputs, u.Key):
		hint := "add it to the action's `outputVariables`"
		if near := nearest(u.Key, m.outputs); near != "" {
			hint = "did you mean `#{" + u.Namespace + "." + near + "}`?"
		}
		r.bad(u.n, hint, "%s: the action %s makes no variable %s", shown(u.Reference), quote(m.at.action), quote(u.Key))
	case m.n.parent == r.sources.n && !slices.Contains(pipeline.SourceKeys(), u.Key):
		r.warn(u.n, "there is "+list(pipeline.SourceKeys(), "and"), "%s: has no value here; a run that reaches this fails", shown(u.Reference))
	case m.at.skippable(u.at):
		r.warn(u.n, "skip this one under the same condition", "%s: the action %s may be skipped, and then this fails", shown(u.Reference), quote(m.at.action))
	}
}
