package secret

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// ConnectionDeclaration is one connection of the operator's configuration.
type ConnectionDeclaration struct {
	Name, Type string
	Binding
	Settings map[string]string // that may be shown
	Secrets  map[string]Source // that may not
}

// connectionType is what a connection of a type is made of.
type connectionType struct {
	required, optional             []string
	requiredSecret, optionalSecret []string
}

func connectionTypes() map[string]connectionType {
	return map[string]connectionType{
		pipeline.ConnectionAWS: {
			required:       []string{"region"},
			requiredSecret: []string{"accessKeyId", "secretAccessKey"},
			optionalSecret: []string{"sessionToken"},
		},
	}
}

// Check says what is wrong with a declaration, one sentence each.
func (d ConnectionDeclaration) Check() []string {
	var wrong []string
	if why := pipeline.CheckConnectionName(d.Name); why != "" {
		wrong = append(wrong, why)
	}
	types := connectionTypes()
	t, known := types[d.Type]
	if !known {
		return append(wrong, fmt.Sprintf("type %q is not known; there is %s", d.Type, strings.Join(slices.Sorted(maps.Keys(types)), ", ")))
	}
	for _, name := range t.required {
		if d.Settings[name] == "" {
			wrong = append(wrong, name+" is missing")
		}
	}
	for _, name := range t.requiredSecret {
		if d.Secrets[name] == nil {
			wrong = append(wrong, fmt.Sprintf("%s is missing; write %s: {file: ...} or {env: ...}", name, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Settings)) {
		switch {
		case slices.Contains(t.requiredSecret, name) || slices.Contains(t.optionalSecret, name):
			wrong = append(wrong, name+" does not belong to this file; name its file, or its variable as env")
		case !slices.Contains(t.required, name) && !slices.Contains(t.optional, name):
			wrong = append(wrong, fmt.Sprintf("a connection of type %s has no %s", d.Type, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Secrets)) {
		if !slices.Contains(t.requiredSecret, name) && !slices.Contains(t.optionalSecret, name) {
			wrong = append(wrong, fmt.Sprintf("a connection of type %s has no secret %s", d.Type, name))
		}
	}
	return wrong
}
