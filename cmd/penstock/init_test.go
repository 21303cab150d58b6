package main

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline/definition"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

// TestFirstFileSaysWhatItWasGiven holds that whatever stands in a command or a
// variable of a buildspec is the same text in the file that is written.
func TestFirstFileSaysWhatItWasGiven(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	if err != nil {
		t.Fatal(err)
	}
	text := rapid.StringOfN(rapid.RuneFrom([]rune("ab 1:#'\"\\|-[]{}&*!%@`,?~\n\téẞ$y=<>")), 1, 40, -1).
		Filter(func(s string) bool { return strings.TrimSpace(s) != "" && strings.TrimRight(s, "\n") == s })
	rapid.Check(t, func(t *rapid.T) {
		command := text.Draw(t, "command")
		value := strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, text.Draw(t, "value"))
		content := firstFile("x", toolkit{actions: []firstAction{{name: "a", variables: [][2]string{{"V", value}}, commands: []string{command}}}})
		p, problems := definition.Read(".penstock.yml", []byte(content), definition.Options{Catalog: registry})
		if p == nil {
			t.Fatalf("not valid: %v\n%s", problems, content)
		}
		a := p.Stages[0].Actions[0]
		if a.Commands[0] != command || a.Environment["V"] != value {
			t.Fatalf("%q became %q, and %q became %q:\n%s", command, a.Commands[0], value, a.Environment["V"], content)
		}
	})
}
