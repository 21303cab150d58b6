package definition

import (
	"regexp"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// reference is #{namespace.key}.
type reference struct{ namespace, key string }

func (r reference) String() string { return clean("#{"+r.namespace+"."+r.key+"}", 120) }

// The namespaces that are not an action's.
const (
	namespacePipeline  = "codepipeline"
	namespaceVariables = "variables"
	namespacePenstock  = "penstock"
)

// referenceForm is what a reference looks like; anything else is plain text.
func referenceForm() *regexp.Regexp {
	return regexp.MustCompile(`#\{([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)\}`)
}

// findReferences returns the references of a text, in order.
func findReferences(text string) []reference {
	if !strings.Contains(text, "#{") {
		return nil
	}
	var found []reference
	for _, m := range referenceForm().FindAllStringSubmatch(text, -1) {
		found = append(found, reference{m[1], m[2]})
	}
	return found
}

func replaceReferences(text, by string) string {
	return referenceForm().ReplaceAllLiteralString(text, by)
}

// use is a reference that stands somewhere.
type use struct {
	reference
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
	for _, ref := range findReferences(n.text) {
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
	case name == namespacePipeline, name == namespaceVariables, name == namespacePenstock:
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
		switch u.namespace {
		case namespacePipeline:
			r.checkKey(u, []string{"PipelineExecutionId"})
		case namespacePenstock:
			r.checkKey(u, penstockKeys())
		case namespaceVariables:
			if !r.broken {
				r.checkKey(u, declared)
			}
		default:
			r.checkMaker(u)
		}
	}
}

func penstockKeys() []string {
	return []string{"Commit", "ShortCommit", "Branch", "Tag", "PullRequest", "Actor", "Number", "Url", "Pipeline", "Repository", "Message"}
}

// checkKey checks a reference into a namespace with known keys.
func (r *reader) checkKey(u use, keys []string) {
	if slices.Contains(keys, u.key) {
		return
	}
	hint := ""
	if near := nearest(u.key, keys); near != "" {
		hint = "did you mean `#{" + u.namespace + "." + near + "}`?"
	} else if len(keys) > 0 {
		hint = "there is " + list(keys, "and")
	} else if u.namespace == namespaceVariables {
		hint = "declare it under `variables`, at the top of the file"
	}
	r.bad(u.n, hint, "%s: there is no variable %s", u.reference, quote(u.key))
}

// checkMaker checks a reference to a variable of an action.
func (r *reader) checkMaker(u use) {
	m, ok := r.makers[u.namespace]
	if !ok {
		names := []string{namespacePenstock, namespaceVariables, namespacePipeline}
		for name := range r.makers {
			names = append(names, name)
		}
		slices.Sort(names)
		hint := "give the action that makes it a `namespace`"
		if near := nearest(u.namespace, names); near != "" {
			hint = "did you mean `" + near + "`?"
		}
		r.bad(u.n, hint, "%s: no action has the namespace %s", u.reference, quote(u.namespace))
		return
	}
	switch {
	case !m.at.before(u.at):
		r.bad(u.n, "use it in a later stage, or with a greater `runOrder`", "%s: the action %s of the stage %s is not over before this is asked for",
			u.reference, quote(m.at.action), quote(m.at.stageName))
	case !m.open && !slices.Contains(m.outputs, u.key):
		hint := "add it to the action's `outputVariables`"
		if near := nearest(u.key, m.outputs); near != "" {
			hint = "did you mean `#{" + u.namespace + "." + near + "}`?"
		}
		r.bad(u.n, hint, "%s: the action %s makes no variable %s", u.reference, quote(m.at.action), quote(u.key))
	case m.at.skippable(u.at):
		r.warn(u.n, "skip this one under the same condition", "%s: the action %s may be skipped, and then this fails", u.reference, quote(m.at.action))
	}
}
