package api

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// Document is the OpenAPI description of the API, as indented JSON. version is that
// of the program, url where it answers.
func Document(version, url string) []byte {
	s := &schemas{named: map[string]any{}}
	paths := map[string]map[string]any{}
	for _, e := range Endpoints() {
		if paths[e.Path] == nil {
			paths[e.Path] = map[string]any{}
		}
		paths[e.Path][strings.ToLower(e.Method)] = s.operation(e)
	}
	s.of(reflect.TypeFor[Problem]())
	document, err := json.MarshalIndent(map[string]any{
		"openapi": "3.0.3",
		"info": map[string]any{
			"title": "Penstock", "version": version,
			"description": "Continuous delivery that lives where the change lives. Reading takes permission to read the repository on GitHub, " +
				"everything else permission to write to it, asked there at each call. What does not exist and what one may not see get the same answer.",
		},
		"servers":    []any{map[string]any{"url": url + Prefix}},
		"security":   []any{map[string]any{"token": []any{}}},
		"paths":      paths,
		"components": map[string]any{"schemas": s.named, "securitySchemes": map[string]any{"token": map[string]any{"type": "http", "scheme": "bearer", "description": "An API token: pst_..."}}},
	}, "", "  ")
	if err != nil {
		panic(err) // maps of strings are always JSON
	}
	return append(document, '\n')
}

func (s *schemas) operation(e Endpoint) map[string]any {
	content := func(kind string, value any) map[string]any {
		return map[string]any{kind: map[string]any{"schema": s.of(reflect.TypeOf(value))}}
	}
	answers := map[string]any{
		strconv.Itoa(e.Status): map[string]any{"description": "What was asked for.", "content": content(e.Type, e.Answer)},
		"default":              map[string]any{"description": "What went wrong.", "content": content(ProblemType, Problem{})},
	}
	if e.ID == "getRun" {
		answers["304"] = map[string]any{"description": "It has not changed."}
	}
	operation := map[string]any{"operationId": e.ID, "summary": e.Summary, "responses": answers}
	if e.Detail != "" {
		operation["description"] = e.Detail
	}
	if parameters := e.parameters(); len(parameters) > 0 {
		operation["parameters"] = parameters
	}
	if e.Body != nil {
		operation["requestBody"] = map[string]any{"required": true, "content": content(jsonType, e.Body)}
	}
	return operation
}

func (e Endpoint) parameters() []any {
	var list []any
	for part := range strings.SplitSeq(e.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			kind := "string"
			if name == "number" {
				kind = "integer"
			}
			list = append(list, map[string]any{"name": name, "in": "path", "required": true, "schema": map[string]any{"type": kind}})
		}
	}
	for _, p := range e.Query {
		schema := map[string]any{"type": p.Type}
		if p.Enum != nil {
			schema["enum"] = p.Enum
		}
		list = append(list, map[string]any{"name": p.Name, "in": "query", "description": p.Doc, "schema": schema})
	}
	if e.Writes() {
		list = append(list, map[string]any{
			"name": "Idempotency-Key", "in": "header", "schema": map[string]any{"type": "string", "maxLength": MaxKey},
			"description": "The same call with the same key has its effect once.",
		})
	}
	return list
}

// MaxKey is how long an Idempotency-Key may be.
const MaxKey = 200
