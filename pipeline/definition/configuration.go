package definition

import (
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// The sizes of an action's configuration, as on AWS.
const (
	maxConfiguration      = 200
	maxConfigurationValue = 50_000
)

// configuration reads the keys that the provider declares, and fills in its
// defaults.
func (r *reader) configuration(action, n *node, info pipeline.ActionTypeInfo, at place) map[string]string {
	if n != nil && n.kind != kindMap {
		r.bad(n, "", "must be a map, and this is %s", n.kind)
		return nil
	}
	values := map[string]string{}
	holder := n
	if n != nil {
		if len(n.fields) > maxConfiguration {
			r.bad(n, "", "has %d entries; the limit is %d", len(n.fields), maxConfiguration)
			return nil
		}
		for _, f := range n.fields {
			r.property(values, n, f, info, at)
		}
	} else {
		holder = &node{kind: kindMap, at: action.at, parent: action, key: "configuration"}
	}
	for _, p := range info.Properties {
		if holder.has(p.Name) {
			continue
		}
		if p.Required {
			hint := ""
			if p.Description != "" {
				hint = p.Name + ": " + p.Description
			}
			r.add(holder.at, holder.pathOf(p.Name), hint, "configuration: %s needs %s", info.Name, p.Name)
		} else if p.Default != "" {
			values[p.Name] = p.Default
		}
	}
	if len(values) == 0 {
		return nil
	}
	return values
}

// property reads one entry of the configuration.
func (r *reader) property(values map[string]string, n *node, f field, info pipeline.ActionTypeInfo, at place) {
	i := slices.IndexFunc(info.Properties, func(p pipeline.ConfigurationProperty) bool { return p.Name == f.key })
	if i < 0 && info.AnyProperties {
		if s, ok := r.withReferences(f.value, maxConfigurationValue, at); ok {
			values[f.key] = s
		}
		return
	}
	if i < 0 {
		var names []string
		for _, p := range info.Properties {
			names = append(names, p.Name)
		}
		hint := info.Name + " takes no configuration"
		if near := nearest(f.key, names); near != "" {
			hint = "did you mean `" + near + "`?"
		} else if len(names) > 0 {
			hint = info.Name + " knows " + list(names, "and")
		}
		r.add(f.at, n.pathOf(f.key), hint, "configuration: %s is not a key of %s", quote(f.key), info.Name)
		return
	}
	s, ok := r.withReferences(f.value, maxConfigurationValue, at)
	if !ok {
		return
	}
	switch p := info.Properties[i]; {
	case p.Secret:
		values[f.key] = r.secretProperty(f.value, s)
	case len(pipeline.References(s)) > 0:
		values[f.key] = s
	case len(p.Values) > 0:
		if word, ok := r.enum(f.value, p.Values...); ok {
			values[f.key] = word
		}
	case p.Type == "Boolean" && !strings.EqualFold(s, "true") && !strings.EqualFold(s, "false"):
		r.bad(f.value, "", "must be true or false")
	case p.Type == "Boolean":
		values[f.key] = strings.ToLower(s)
	case p.Type == "Number" && !number(s):
		r.bad(f.value, "", "must be a number")
	default:
		values[f.key] = s
	}
}

// maskedSecret is what AWS prints in the place of a secret.
const maskedSecret = "****"

// secretProperty keeps a secret that stands in the file from going any further.
func (r *reader) secretProperty(n *node, s string) string {
	if s != maskedSecret && len(pipeline.References(s)) == 0 && !strings.HasPrefix(s, "{{resolve:") {
		r.warn(n, "take it out of the file and of the history, and make a new one", "is a secret, and everybody who can read the repository can read it")
	}
	return maskedSecret
}

func number(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && strings.Trim(s, "0123456789.-") == ""
}
