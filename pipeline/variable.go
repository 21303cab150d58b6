package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits of pipeline variables, as on AWS.
const (
	MaxVariables     = 50
	MaxVariableName  = 128
	MaxVariableValue = 1000
)

// Variable is a pipeline variable: #{variables.NAME}.
type Variable struct {
	Name        string `json:"name"`
	Default     string `json:"default,omitempty"`
	HasDefault  bool   `json:"has_default,omitempty"`
	Description string `json:"description,omitempty"`
}

// ResolveVariables returns the values that a run has: those given, or the
// defaults. Kind Invalid names every variable that is not declared, has no value,
// or has one that is too long.
func (p *Pipeline) ResolveVariables(given map[string]string) (map[string]string, error) {
	var wrong []string
	values := map[string]string{}
	for _, v := range p.Variables {
		value, ok := given[v.Name]
		switch {
		case ok && value == "":
			wrong = append(wrong, fmt.Sprintf("%s is empty: a value has 1 to %d characters", v.Name, MaxVariableValue))
		case ok && len(value) > MaxVariableValue:
			wrong = append(wrong, fmt.Sprintf("%s has %d characters: a value has 1 to %d", v.Name, len(value), MaxVariableValue))
		case ok:
			values[v.Name] = value
		case v.HasDefault:
			values[v.Name] = v.Default
		default:
			wrong = append(wrong, fmt.Sprintf("%s has no default and needs a value", v.Name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(p.Variables, func(v Variable) bool { return v.Name == name }) {
			wrong = append(wrong, fmt.Sprintf("%s is not declared%s", name, p.declared()))
		}
	}
	if len(wrong) > 0 {
		return nil, Errorf(Invalid, "variables of pipeline %s: %s", p.Name, strings.Join(wrong, "; "))
	}
	if len(values) == 0 {
		return nil, nil
	}
	return values, nil
}

func (p *Pipeline) declared() string {
	if len(p.Variables) == 0 {
		return "; the pipeline has no variables"
	}
	var names []string
	for _, v := range p.Variables {
		names = append(names, v.Name)
	}
	return "; there is " + strings.Join(names, ", ")
}
