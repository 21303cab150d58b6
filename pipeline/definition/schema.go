package definition

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// Schema returns the JSON Schema (draft 2020-12) of pipeline files on an
// installation with these providers, for editors. It refuses most of what Read
// refuses; what needs the whole file, such as references and artifacts, it does
// not see.
func Schema(catalog Catalog) ([]byte, error) {
	defs := map[string]any{}
	for _, g := range append(grammars(), envelopeGrammar()) {
		defs[g.id] = g.schema()
	}
	types := actionTypes(catalog)
	action := defs["action"].(map[string]any)
	action["oneOf"] = []any{map[string]any{"required": []string{"provider"}}, map[string]any{"required": []string{"actionTypeId"}}}
	action["allOf"] = typeSchemas(types, "actionTypeId", defs)
	action["properties"].(map[string]any)["provider"] = enumForm(typeNames(types)...).schema
	rule := defs["rule"].(map[string]any)
	rule["oneOf"] = []any{map[string]any{"required": []string{"provider"}}, map[string]any{"required": []string{"ruleTypeId"}}}
	rules := ruleTypesOf(typesOf(catalog))
	rule["allOf"] = typeSchemas(rules, "ruleTypeId", defs)
	rule["properties"].(map[string]any)["provider"] = enumForm(typeNames(rules)...).schema
	b, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "Penstock pipeline file",
		"if":      map[string]any{"type": "object", "required": []string{"pipeline"}},
		"then":    map[string]any{"$ref": "#/$defs/envelope"},
		"else":    map[string]any{"$ref": "#/$defs/pipeline"},
		"$defs":   defs,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	return append(b, '\n'), nil
}

// schema is the schema of one table.
func (g grammar) schema() map[string]any {
	properties, need := map[string]any{}, []string{}
	for _, k := range g.keys {
		s := maps.Clone(k.form.schema)
		s["description"] = k.about
		properties[k.name] = s
		if k.required {
			need = append(need, k.name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(need) > 0 {
		s["required"] = need
	}
	return s
}

// actionTypes are the types of a catalog, those of AWS that it lacks, and Manual.
func actionTypes(catalog Catalog) []pipeline.ActionTypeInfo {
	types := slices.DeleteFunc(typesOf(catalog), isRule)
	types = append(types, pipeline.ActionTypeInfo{Name: manualName, Owner: defaultOwner, Categories: []pipeline.Category{pipeline.CategoryApproval}, Properties: manualProperties()})
	own := len(types)
	for _, t := range awsActionTypes() {
		covered := slices.ContainsFunc(types[:own], func(have pipeline.ActionTypeInfo) bool {
			return have.Name == t.Name && slices.Contains(have.Categories, t.Categories[0])
		})
		if !covered {
			types = append(types, t)
		}
	}
	return types
}

// typesOf returns a copy of what a catalog has; nil has nothing.
func typesOf(catalog Catalog) []pipeline.ActionTypeInfo {
	if catalog == nil {
		return nil
	}
	return slices.Clone(catalog.ActionTypes())
}

// isRule reports whether a type is for conditions only.
func isRule(t pipeline.ActionTypeInfo) bool {
	return len(t.Categories) == 1 && t.Categories[0] == pipeline.CategoryRule
}

// manualProperties are the configuration of Manual, as its table has it.
func manualProperties() []pipeline.ConfigurationProperty {
	var properties []pipeline.ConfigurationProperty
	for _, k := range manualGrammar().keys {
		properties = append(properties, optional(k.name, k.about, ""))
	}
	return properties
}

func typeNames(types []pipeline.ActionTypeInfo) []string {
	var names []string
	for _, t := range types {
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return names
}

// typeSchemas say what follows from a provider: its configuration, its artifacts,
// and whether it has commands.
func typeSchemas(types []pipeline.ActionTypeInfo, long string, defs map[string]any) []any {
	var rules []any
	seen := map[string]bool{}
	for _, t := range types {
		if t.AnyProperties {
			continue
		}
		name := map[string]any{"type": "string", "pattern": "^" + anyCase(t.Name) + "$"}
		var categories []string
		for _, c := range t.Categories {
			categories = append(categories, string(c))
		}
		id := map[string]any{"properties": map[string]any{"provider": name, "category": enumForm(categories...).schema}, "required": []string{"provider"}}
		cases := []any{map[string]any{"required": []string{long}, "properties": map[string]any{long: id}}}
		if !seen[t.Name] { // what the name alone means
			cases = append(cases, map[string]any{"required": []string{"provider"}, "properties": map[string]any{"provider": name}})
		}
		seen[t.Name] = true
		def := long + "." + t.Name + "." + categories[0]
		defs[def] = configurationSchema(t)
		rules = append(rules, map[string]any{"if": map[string]any{"anyOf": cases}, "then": thenSchema(t, def)})
	}
	return rules
}

// thenSchema is what an action of one type must have besides.
func thenSchema(t pipeline.ActionTypeInfo, def string) map[string]any {
	properties := map[string]any{"configuration": map[string]any{"$ref": "#/$defs/" + def}}
	var need []string
	if slices.ContainsFunc(t.Properties, func(p pipeline.ConfigurationProperty) bool { return p.Required }) {
		need = append(need, "configuration")
	}
	count := func(key string, low, high int) {
		properties[key] = map[string]any{"minItems": low, "maxItems": high}
		if low > 0 {
			need = append(need, key)
		}
	}
	count("inputArtifacts", t.MinInputs, t.MaxInputs)
	count("outputArtifacts", t.MinOutputs, t.MaxOutputs)
	if t.TakesCommands {
		need = append(need, "commands")
	} else {
		properties["commands"] = false
	}
	then := map[string]any{"properties": properties}
	if len(need) > 0 {
		then["required"] = need
	}
	return then
}

// configurationSchema is the configuration of one type.
func configurationSchema(t pipeline.ActionTypeInfo) map[string]any {
	properties, need := map[string]any{}, []string{}
	reference := map[string]any{"type": "string", "pattern": `#\{`}
	for _, p := range t.Properties {
		s := textForm(maxConfigurationValue).schema
		switch {
		case len(p.Values) > 0:
			s = anyOf(enumForm(p.Values...).schema, reference)
		case p.Type == "Boolean":
			s = anyOf(boolForm().schema, reference)
		case p.Type == "Number":
			s = anyOf(map[string]any{"type": "number"}, map[string]any{"type": "string", "pattern": `^[0-9.-]+$`}, reference)
		}
		if p.Description != "" {
			s["description"] = p.Description
		}
		if p.Default != "" {
			s["default"] = p.Default
		}
		properties[p.Name] = s
		if p.Required {
			need = append(need, p.Name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(need) > 0 {
		s["required"] = need
	}
	return s
}
