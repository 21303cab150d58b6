package definition

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// The sizes of an action's environment variables.
const (
	maxVariables     = 100
	maxVariableValue = 10_000
)

// environmentVariables reads AWS's list of {name, value}, or a map.
func (r *reader) environmentVariables(n *node, at place, a *pipeline.Action) {
	variables := map[string]string{}
	switch n.kind {
	case kindMap:
		if len(n.fields) == 0 || len(n.fields) > maxVariables {
			r.bad(n, "", "must have 1 to %d variables", maxVariables)
			return
		}
		for _, f := range n.fields {
			name := &node{kind: kindText, at: f.at, text: f.key, parent: n, key: f.key}
			r.variable(variables, name, f.value, at)
		}
	case kindList:
		for _, item := range r.elements(n, 1, maxVariables, "") {
			r.variableEntry(variables, item, at, a)
		}
	default:
		r.bad(n, "write `environmentVariables: {NAME: value}`", "must be a map, or a list of {name, value}, and this is %s", n.kind)
	}
	a.Environment = variables
}

// variableEntry reads one {name, value, type}.
func (r *reader) variableEntry(variables map[string]string, n *node, at place, a *pipeline.Action) {
	values := r.object(n, variableGrammar())
	if values == nil {
		return
	}
	r.missing(n, "name", "")
	r.missing(n, "value", "")
	if t := values["type"]; t != nil {
		if word, ok := r.enum(t, "PLAINTEXT", "SECRETS_MANAGER"); ok && word != "PLAINTEXT" {
			r.secretVariable(n, values["name"], a)
			return
		}
	}
	if name, value := values["name"], values["value"]; name != nil && value != nil {
		r.variable(variables, name, value, at)
	}
}

// secretVariable reads a variable whose value AWS takes from Secrets Manager: here
// it is the operator's secret of the variable's own name.
func (r *reader) secretVariable(entry, name *node, a *pipeline.Action) {
	if name == nil {
		return
	}
	r.note(SeverityNote, entry.at, entry.path(), "", "environmentVariables: %s is the operator's secret of that name, not one of Secrets Manager", quote(name.text))
	list := &node{kind: kindList, at: name.at, parent: entry, key: "name", items: []*node{name}}
	a.Secrets = append(a.Secrets, r.secrets(list, nil)...)
}

// variable checks one variable and takes it over.
func (r *reader) variable(variables map[string]string, name, value *node, at place) {
	refuse := func(hint, format string, args ...any) {
		r.add(name.at, name.path(), hint, "environmentVariables: "+format, args...)
	}
	switch _, twice := variables[name.text]; {
	case !name.scalar() || !shellName(name.text) || len(name.text) > maxVariableName:
		refuse("letters, digits and _, not a digit first", "%s cannot be the name of an environment variable", quote(name.text))
	case twice:
		refuse("", "%s is given twice", quote(name.text))
	case strings.HasPrefix(name.text, "PENSTOCK_"), strings.HasPrefix(name.text, "CODEBUILD_"):
		refuse("choose another name", "%s: names that begin with PENSTOCK_ or CODEBUILD_ are set by the server", quote(name.text))
	case value.kind == kindNull:
		r.bad(value, "an empty value is written as \"\"", "has no value")
	case !value.scalar():
		r.bad(value, "", "must be text, and this is %s", value.kind)
	case r.visible(value, maxVariableValue):
		r.refer(value, at)
		variables[name.text] = value.text
	}
}
