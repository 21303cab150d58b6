package definition

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
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
	for _, info := range ruleTypes() {
		names = append(names, info.Name)
	}
	if v == nil {
		r.missing(n, "provider", "write one of "+list(names, "or"))
		return pipeline.ActionTypeInfo{}, false
	}
	name, ok := r.enum(v, names...)
	for _, info := range ruleTypes() {
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

// ruleTypes are the rules of conditions.
func ruleTypes() []pipeline.ActionTypeInfo {
	rule := func(name string, properties ...pipeline.ConfigurationProperty) pipeline.ActionTypeInfo {
		return pipeline.ActionTypeInfo{Name: name, Owner: defaultOwner, Categories: []pipeline.Category{pipeline.CategoryRule}, Properties: properties}
	}
	later := func(info pipeline.ActionTypeInfo, inputs int) pipeline.ActionTypeInfo {
		info.NotYetSupported, info.MaxInputs = true, inputs
		return info
	}
	commands := rule(ruleCommands)
	commands.TakesCommands, commands.MaxInputs, commands.Connections = true, 10, []string{"aws"}
	http := rule(ruleHTTP,
		required("Url", "the address that is asked, of http or https"),
		oneOf(optional("Method", "GET or HEAD", "GET"), "GET", "HEAD"),
		numeric("Status", "the status of the answer that is expected", "200"),
		optional("Body", "a regular expression that fits somewhere in the answer's body", ""),
		optional("For", "how long every answer must be so, a duration; left out, one answer is enough", ""),
		optional("Interval", "the time between two questions, a duration", "10s"),
	)
	http.Owner = "Custom"
	return []pipeline.ActionTypeInfo{
		rule(ruleVariableCheck,
			required("Variable", "a reference, such as #{build.VERSION}"),
			oneOf(required("Operator", "EQ, NE, CONTAINS or MATCHES, a regular expression that the whole variable fits"), condition.Operators()...),
			required("Value", "what the variable is compared with"),
		),
		rule(ruleDeploymentWindow,
			required("Cron", "seconds (0 or *), minutes, hours, day of month, month, day of week and, if wanted, year"),
			optional("TimeZone", "Region/City, UTC or UTC+05:30", "UTC"),
		),
		commands,
		http,
		later(rule(ruleLambdaInvoke, required("FunctionName", "the function"), optional("UserParameters", "what it is given", "")), 5),
		later(rule("CloudWatchAlarm", required("AlarmName", "the alarm"), optional("AlarmStates", "ALARM, OK and INSUFFICIENT_DATA, with commas between", ""),
			numeric("WaitTime", "minutes to wait for a better state", "")), 0),
		later(rule("CodeBuild", required("ProjectName", "the project"), optional("PrimarySource", "the artifact that is the working folder", ""),
			boolean("BatchEnabled", "whether it is a batch build", ""), boolean("CombineArtifacts", "whether a batch's artifacts are joined", ""),
			optional("EnvironmentVariables", "a list of {name, value, type}, as JSON", "")), 5),
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
