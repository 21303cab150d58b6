package definition_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/penstock-cd/penstock/pipeline/definition"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := definition.Schema(catalog{})
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// document reads a file as an editor does. It returns false for what is no YAML.
func document(t *testing.T, file string) (any, bool) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(bytes.TrimPrefix(content, []byte("\uFEFF")), &value); err != nil {
		return nil, false
	}
	b, err := json.Marshal(value)
	if err != nil {
		return nil, false
	}
	value, err = jsonschema.UnmarshalJSON(bytes.NewReader(b))
	return value, err == nil
}

func TestSchemaAllowsWhatIsValid(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for _, dir := range []string{"valid", "aws/valid"} {
		for _, file := range sources(t, dir) {
			value, ok := document(t, file)
			if !ok {
				t.Errorf("%s cannot be read", file)
				continue
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// TestSchemaRefusesMostOfWhatIsNot names what an editor cannot see: mistakes for
// which the whole of the file is needed, or a language inside a text.
func TestSchemaRefusesMostOfWhatIsNot(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	refused, all := 0, 0
	var missed []string
	for _, dir := range []string{"invalid", "aws/invalid"} {
		for _, file := range sources(t, dir) {
			if strings.Contains(file, "bomb") {
				continue // an ordinary parser takes minutes
			}
			value, ok := document(t, file)
			if !ok {
				continue
			}
			all++
			if schema.Validate(value) != nil {
				refused++
			} else {
				missed = append(missed, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
			}
		}
	}
	t.Logf("%d of %d; not: %s", refused, all, strings.Join(missed, " "))
	if refused*10 < all*6 {
		t.Errorf("the schema refuses %d of %d", refused, all)
	}
}
