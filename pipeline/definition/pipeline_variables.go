package definition

import "github.com/penstock-cd/penstock/pipeline"

const maxDescription = 200

// pipelineVariables reads a map of values or of {default, description}, or AWS's
// list.
func (r *reader) pipelineVariables(n *node) []pipeline.Variable {
	var variables []pipeline.Variable
	lines := map[string]int{}
	before := len(r.problems)
	take := func(name, value *node) {
		s, ok := r.word(name, variableCharacters, pipeline.MaxVariableName)
		if !ok {
			return
		}
		if first, twice := lines[s]; twice {
			r.bad(name, "", "%s is declared in line %d already", quote(s), first)
			return
		}
		lines[s] = name.at.line
		v := pipeline.Variable{Name: s}
		r.pipelineVariable(value, &v)
		variables = append(variables, v)
	}
	switch n.kind {
	case kindMap:
		if len(n.fields) > pipeline.MaxVariables {
			r.bad(n, "", "has %d variables; the limit is %d", len(n.fields), pipeline.MaxVariables)
			return nil
		}
		for _, f := range n.fields {
			take(&node{kind: kindText, at: f.at, text: f.key, parent: n, key: f.key}, f.value)
		}
	case kindList:
		for _, item := range r.elements(n, 0, pipeline.MaxVariables, "") {
			if item.kind == kindText {
				r.bad(item, "write `variables: {"+clean(item.text, 40)+": value}`", "a list has entries with `name` and `defaultValue`, and this is text")
				continue
			}
			r.missing(item, "name", "")
			if values := r.object(item, pipelineVariableGrammar()); values["name"] != nil {
				take(values["name"], item)
			}
		}
	default:
		r.bad(n, "write `variables: {REGION: eu-west-1}`", "must be a map, or a list of {name, defaultValue}, and this is %s", n.kind)
	}
	r.broken = len(r.problems) > before // some of the names may be missing
	return variables
}

// pipelineVariable reads a variable's default and description.
func (r *reader) pipelineVariable(n *node, v *pipeline.Variable) {
	if n.kind == kindNull {
		r.bad(n, "write {} for a variable that needs a value at the start", "has no value")
		v.HasDefault = true
		return
	}
	if n.kind != kindMap {
		v.Default, _ = r.text(n, pipeline.MaxVariableValue)
		v.HasDefault = true // also where the text was wrong: one mistake is enough
		return
	}
	g := pipelineVariableGrammar()
	values := r.object(n, g)
	if name := values["name"]; name != nil && n.parent.kind == kindMap {
		r.bad(name, "remove it: the key is the name", "the name is given twice")
	}
	value, aws := values["default"], values["defaultValue"]
	if value != nil && aws != nil {
		r.bad(aws, "keep one of the two", "the default is given twice")
	}
	if value == nil {
		value = aws
	}
	if value != nil {
		v.Default, _ = r.text(value, pipeline.MaxVariableValue)
		v.HasDefault = true
	}
	if d := values["description"]; d != nil && !(d.kind == kindText && d.text == "") {
		v.Description, _ = r.text(d, maxDescription)
	}
}

// checkStarts reports variables without a default where nobody would give them a
// value.
func (r *reader) checkStarts(n *node, p *pipeline.Pipeline) {
	t := p.Triggers
	if n == nil || len(t.Push)+len(t.PullRequest)+len(t.MergeGroup)+len(t.Schedule) == 0 {
		return
	}
	for _, v := range p.Variables {
		if !v.HasDefault {
			r.add(n.at, n.path(), "give it a default, or write `triggers: {}` so that only people start the pipeline",
				"variables: %s has no default, and a run that starts by itself is given no value", quote(v.Name))
		}
	}
}
