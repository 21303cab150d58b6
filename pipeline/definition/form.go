package definition

import (
	"fmt"
	"strings"
	"unicode"
)

// form is what a value may look like, for the JSON Schema and the reference page.
// It allows whatever the readers accept, and leaves to them what a schema cannot
// say.
type form struct {
	word   string // for people
	schema map[string]any
}

// textForm is text; numbers, true and false are taken as they were written.
func textForm(limit int) form {
	return form{"text", map[string]any{"type": []string{"string", "number", "boolean"}, "minLength": 1, "maxLength": limit}}
}

// emptyForm is text that may be empty.
func emptyForm(limit int) form {
	return form{"text", map[string]any{"type": []string{"string", "number", "boolean"}, "maxLength": limit}}
}

// wordForm is a name of letters, digits and some others.
func wordForm(others string, limit int) form {
	f := textForm(limit)
	f.word = "name"
	f.schema["pattern"] = `^[A-Za-z0-9` + escapeClass(others) + `]+$`
	return f
}

// patternForm is text that fits a regular expression.
func patternForm(word, pattern string, limit int) form {
	f := textForm(limit)
	f.word, f.schema["pattern"] = word, pattern
	return f
}

// numberForm is a whole number, as a number or in quotes.
func numberForm(low, high int) form {
	return form{fmt.Sprintf("%d to %d", low, high), anyOf(
		map[string]any{"type": "integer", "minimum": low, "maximum": high},
		map[string]any{"type": "string", "pattern": `^[0-9]+$`},
	)}
}

func boolForm() form {
	return form{"`true`, `false`", anyOf(map[string]any{"type": "boolean"}, map[string]any{"type": "string", "pattern": "^" + anyCase("true") + "$|^" + anyCase("false") + "$"})}
}

// enumForm is one of some words, in any case of letters.
func enumForm(words ...string) form {
	var cases []string
	for _, w := range words {
		cases = append(cases, anyCase(w))
	}
	shown := list(words, "or")
	if len(words) == 1 {
		shown = "`" + words[0] + "`"
	}
	return form{shown, anyOf(
		map[string]any{"enum": words},
		map[string]any{"type": []string{"string", "number"}, "pattern": "^(" + strings.Join(cases, "|") + ")$"},
	)}
}

func durationForm() form {
	f := patternForm("duration", `^([0-9]+d)?([0-9.]+(h|m|s|ms|us|ns))*$`, 40)
	f.schema["type"] = "string"
	return f
}

// listForm is a list of low to high values of one form.
func listForm(of form, low, high int) form {
	s := map[string]any{"type": "array", "items": of.schema, "maxItems": high}
	if low > 0 {
		s["minItems"] = low
	}
	return form{"list of " + of.word, s}
}

// mapForm is a map of names to values of one form.
func mapForm(of form) form {
	return form{"map to " + of.word, map[string]any{"type": "object", "additionalProperties": of.schema}}
}

// either is one of some forms.
func either(forms ...form) form {
	var words []string
	var schemas []any
	for _, f := range forms {
		words = append(words, f.word)
		schemas = append(schemas, f.schema)
	}
	return form{strings.Join(words, ", or "), map[string]any{"anyOf": schemas}}
}

// tableForm is a map that has a table of its own.
func tableForm(id string) form {
	return form{"[" + id + "](#" + strings.ToLower(id) + ")", map[string]any{"$ref": "#/$defs/" + id}}
}

func anyOf(schemas ...any) map[string]any { return map[string]any{"anyOf": schemas} }

// anyCase is a regular expression for a word in any case of letters; JSON Schema
// has no flag for it.
func anyCase(word string) string {
	var b strings.Builder
	for _, c := range word {
		if lower, upper := unicode.ToLower(c), unicode.ToUpper(c); lower != upper {
			fmt.Fprintf(&b, "[%c%c]", upper, lower)
		} else if strings.ContainsRune(`.+*?()|[]{}^$\`, c) {
			fmt.Fprintf(&b, `\%c`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// escapeClass writes characters for the inside of brackets.
func escapeClass(s string) string {
	return strings.NewReplacer(`\`, `\\`, "-", `\-`, "]", `\]`, "^", `\^`).Replace(s)
}
