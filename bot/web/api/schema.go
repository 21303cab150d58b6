package api

import (
	"reflect"
	"strings"
	"time"
)

// schemas describes types by their fields and tags: json names them, doc and enum
// say what they mean.
type schemas struct {
	named map[string]any
}

// of is the schema of a value's type; that of a struct is kept under its name.
func (s *schemas) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "format": "binary"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		if t.Elem().Kind() == reflect.Interface {
			return map[string]any{"type": "object"}
		}
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		return s.object(t)
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int64:
		return map[string]any{"type": "integer", "format": "int64"}
	}
	return map[string]any{"type": "integer"}
}

// object keeps the schema of a struct and refers to it.
func (s *schemas) object(t reflect.Type) map[string]any {
	if _, known := s.named[t.Name()]; !known {
		s.named[t.Name()] = nil // a type may hold itself
		properties, required := map[string]any{}, []string{}
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			properties[name] = s.property(f)
			if options == "" {
				required = append(required, name)
			}
		}
		object := map[string]any{"type": "object", "properties": properties}
		if len(required) > 0 {
			object["required"] = required
		}
		s.named[t.Name()] = object
	}
	return map[string]any{"$ref": "#/components/schemas/" + t.Name()}
}

func (s *schemas) property(f reflect.StructField) map[string]any {
	p := s.of(f.Type)
	if _, reference := p["$ref"]; reference && f.Tag.Get("doc") != "" { // nothing may stand beside a reference
		p = map[string]any{"allOf": []any{p}}
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		p["description"] = doc
	}
	if enum := f.Tag.Get("enum"); enum != "" {
		p["enum"] = strings.Split(enum, ",")
	}
	return p
}
