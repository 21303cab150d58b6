package definition

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

// when reads runIf and skipIf of a stage or an action.
func (r *reader) when(values map[string]*node) pipeline.When {
	var w pipeline.When
	run, skip := values["runIf"], values["skipIf"]
	if run != nil && skip != nil {
		r.bad(skip, "keep one of the two, and join them: `a && !(b)`", "`runIf` and `skipIf` stand together")
		return w
	}
	if run != nil {
		w.RunIf = r.expression(run)
	}
	if skip != nil {
		w.SkipIf = r.expression(skip)
	}
	return w
}

// expression reads an expression and checks it as far as that can be done without
// a run.
func (r *reader) expression(n *node) string {
	s, ok := r.anyText(n, condition.MaxExpression)
	if !ok {
		return ""
	}
	if found := pipeline.References(s); len(found) > 0 {
		hint := "an expression knows the run's facts by name: see the reference"
		if found[0].Namespace == pipeline.NamespaceVariables {
			hint = "write `variables." + found[0].Key + "`"
		}
		r.bad(n, hint, "%s: a reference cannot stand in an expression", shown(found[0]))
		return ""
	}
	if err := r.checkExpression(s); err != nil {
		hint := ""
		if singleEquals(s) {
			hint = "two values are compared with `==`"
		}
		r.bad(n, hint, "%s", clean(err.Error(), 300))
		return ""
	}
	return s
}

// singleEquals reports whether an expression has an = that is no part of ==, !=, <=
// or >=.
func singleEquals(s string) bool {
	for i := range len(s) {
		if s[i] == '=' && (i == 0 || !strings.ContainsRune("=!<>", rune(s[i-1]))) && (i+1 == len(s) || s[i+1] != '=') {
			return true
		}
	}
	return false
}
