package definition

import "strings"

// The sizes of an action's environment variables.
const (
	maxVariables     = 100
	maxVariableValue = 10_000
)

// environmentVariables reads AWS's list of {name, value}, or a map.
func (r *reader) environmentVariables(n *node) map[string]string {
	variables := map[string]string{}
	switch n.kind {
	case kindMap:
		if len(n.fields) == 0 || len(n.fields) > maxVariables {
			r.bad(n, "", "must have 1 to %d variables", maxVariables)
			return nil
		}
		for _, f := range n.fields {
			name := &node{kind: kindText, at: f.at, text: f.key, parent: n, key: f.key}
			r.variable(variables, name, f.value)
		}
	case kindList:
		for _, item := range r.elements(n, 1, maxVariables, "") {
			r.variableEntry(variables, item)
		}
	default:
		r.bad(n, "write `environmentVariables: {NAME: value}`", "must be a map, or a list of {name, value}, and this is %s", n.kind)
	}
	return variables
}

// variableEntry reads one {name, value, type}.
func (r *reader) variableEntry(variables map[string]string, n *node) {
	values := r.object(n, variableGrammar())
	if values == nil {
		return
	}
	r.missing(n, "name", "")
	r.missing(n, "value", "")
	if t := values["type"]; t != nil {
		if word, ok := r.enum(t, "PLAINTEXT", "SECRETS_MANAGER"); ok && word != "PLAINTEXT" {
			r.bad(t, "only plain values can be given", "%s: not supported in this version", word)
		}
	}
	if name, value := values["name"], values["value"]; name != nil && value != nil {
		r.variable(variables, name, value)
	}
}

// variable checks one variable and takes it over.
func (r *reader) variable(variables map[string]string, name, value *node) {
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
		r.references(value)
		variables[name.text] = value.text
	}
}
