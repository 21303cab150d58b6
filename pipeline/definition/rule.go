package definition

import (
	"cmp"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// The rules that run here, and those of AWS that are known.
const (
	ruleVariableCheck    = "VariableCheck"
	ruleDeploymentWindow = "DeploymentWindow"
	ruleCommands         = "Commands"
	ruleHTTP             = "HTTP"
	ruleLambdaInvoke     = "LambdaInvoke"
)

// rule reads one rule of a condition.
func (r *reader) rule(n *node, at place) pipeline.Action {
	rule := pipeline.Action{RunOrder: 1}
	values := r.object(n, ruleGrammar())
	if values == nil {
		return rule
	}
	r.missing(n, "name", "")
	if v := values["name"]; v != nil {
		rule.Name, _ = r.word(v, nameCharacters, maxName)
	}
	at.action = rule.Name
	rule.Timeout = r.timeout(n, values)
	rule.InputArtifacts = r.inputs(values["inputArtifacts"], at)
	r.withoutEffect(values, "roleArn", "region")
	info, known := r.ruleType(n, values)
	if !known {
		return rule
	}
	rule.Type = pipeline.ActionType{Category: pipeline.CategoryRule, Owner: info.Owner, Provider: info.Name, Version: defaultVersion}
	r.provided(n, values, info, at, &rule)
	if v := values["configuration"]; v != nil {
		r.checkRule(v, rule)
	}
	return rule
}

// ruleType reads provider or ruleTypeId.
func (r *reader) ruleType(n *node, values map[string]*node) (pipeline.ActionTypeInfo, bool) {
	v := values["provider"]
	if long := values["ruleTypeId"]; long != nil {
		if v != nil {
			r.bad(v, "keep one of the two", "the provider is given twice, here and in `ruleTypeId`")
			return pipeline.ActionTypeInfo{}, false
		}
		id := r.object(long, ruleTypeGrammar())
		r.missing(long, "provider", "")
		if c := id["category"]; c != nil {
			r.enum(c, string(pipeline.CategoryRule))
		}
		if version := id["version"]; version != nil {
			r.enum(version, defaultVersion)
		}
		if v = id["provider"]; v == nil {
			return pipeline.ActionTypeInfo{}, false
		}
	}
	var names []string
	types := ruleTypesOf(r.types)
	for _, info := range types {
		names = append(names, info.Name)
	}
	if v == nil {
		r.missing(n, "provider", "write one of "+list(names, "or"))
		return pipeline.ActionTypeInfo{}, false
	}
	name, ok := r.enum(v, names...)
	for _, info := range types {
		if !ok || info.Name != name {
			continue
		}
		if long := values["ruleTypeId"]; long != nil && long.get("owner") != nil {
			r.enum(long.get("owner"), info.Owner)
		}
		if info.NotYetSupported {
			r.warn(v, "", "%s cannot be asked in this version; a run that reaches this rule fails", info.Name)
		}
		return info, true
	}
	return pipeline.ActionTypeInfo{}, false
}

// ruleTypesOf are the rules of conditions: those of the catalog, Commands if it has
// them, and those of AWS that cannot be asked yet.
func ruleTypesOf(catalog []pipeline.ActionTypeInfo) []pipeline.ActionTypeInfo {
	var types []pipeline.ActionTypeInfo
	for _, t := range catalog {
		t.Owner = cmp.Or(t.Owner, defaultOwner)
		switch {
		case slices.Contains(t.Categories, pipeline.CategoryRule):
			types = append(types, t)
		case t.Name == ruleCommands:
			t.Categories, t.MinOutputs, t.MaxOutputs = []pipeline.Category{pipeline.CategoryRule}, 0, 0
			types = append(types, t)
		}
	}
	for _, t := range awsRules() {
		if !slices.ContainsFunc(types, func(have pipeline.ActionTypeInfo) bool { return have.Name == t.Name }) {
			types = append(types, t)
		}
	}
	return types
}

// awsRules are the rules of CodePipeline, as far as a catalog does not have them.
func awsRules() []pipeline.ActionTypeInfo {
	rule := func(name string, inputs int, properties ...pipeline.ConfigurationProperty) pipeline.ActionTypeInfo {
		return pipeline.ActionTypeInfo{
			Name: name, Owner: defaultOwner, Categories: []pipeline.Category{pipeline.CategoryRule}, Properties: properties,
			MaxInputs: inputs, NotYetSupported: true,
		}
	}
	commands := rule(ruleCommands, 10)
	commands.TakesCommands = true
	check, window := rule(ruleVariableCheck, 0), rule(ruleDeploymentWindow, 0)
	check.AnyProperties, window.AnyProperties = true, true
	return []pipeline.ActionTypeInfo{
		commands, check, window,
		rule(ruleLambdaInvoke, 5, required("FunctionName", "the function"), optional("UserParameters", "what it is given", "")),
		rule("CloudWatchAlarm", 0, required("AlarmName", "the alarm"), optional("AlarmStates", "ALARM, OK and INSUFFICIENT_DATA, with commas between", ""),
			numeric("WaitTime", "minutes to wait for a better state", "")),
		rule("CodeBuild", 5, required("ProjectName", "the project"), optional("PrimarySource", "the artifact that is the working folder", ""),
			boolean("BatchEnabled", "whether it is a batch build", ""), boolean("CombineArtifacts", "whether a batch's artifacts are joined", ""),
			optional("EnvironmentVariables", "a list of {name, value, type}, as JSON", "")),
	}
}

func required(name, about string) pipeline.ConfigurationProperty {
	return pipeline.ConfigurationProperty{Name: name, Type: "String", Required: true, Description: about}
}

func optional(name, about, standard string) pipeline.ConfigurationProperty {
	return pipeline.ConfigurationProperty{Name: name, Type: "String", Description: about, Default: standard}
}

func numeric(name, about, standard string) pipeline.ConfigurationProperty {
	return pipeline.ConfigurationProperty{Name: name, Type: "Number", Description: about, Default: standard}
}

func boolean(name, about, standard string) pipeline.ConfigurationProperty {
	return pipeline.ConfigurationProperty{Name: name, Type: "Boolean", Description: about, Default: standard}
}

// oneOf is a property with a few values.
func oneOf(p pipeline.ConfigurationProperty, values ...string) pipeline.ConfigurationProperty {
	p.Values = values
	return p
}

// isReference reports whether a text is one reference and nothing else.
func isReference(s string) bool {
	found := pipeline.References(s)
	return len(found) == 1 && strings.HasPrefix(s, "#{") && withoutReferences(s, "") == ""
}
