package main

import (
	"fmt"
	"regexp"
	"strings"
)

// firstFile is the text of a first pipeline file.
func firstFile(name string, f toolkit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The pipeline of this repository; `penstock reference` has every key.\nname: %s\n\n", yamlText(name))
	b.WriteString("# Left out, these are what starts it:\n# triggers:\n#   push: {branches: [main]}          # the default branch\n#   pullRequest: {branches: [main]}   # and pull requests against it\n\n")
	b.WriteString("stages:\n  - name: Build\n    actions:\n")
	if len(f.actions) == 0 {
		b.WriteString("      # Write the commands that build and test this repository.\n")
		f.actions = []firstAction{{name: "build", commands: []string{`echo "nothing to build yet"`}}}
	}
	for _, a := range f.actions {
		writeAction(&b, a)
	}
	b.WriteString(`
  # Somebody says /approve, then it goes out.
  # - name: Release
  #   environment: production             # its gate; one run at a time
  #   actions:
  #     - name: ship
  #       provider: Commands
  #       commands: [./deploy.sh]
  #       secrets: [DEPLOY_TOKEN]         # of the operator

# Who is asked there. The file of the default branch counts; nobody approves what
# they have written, pushed or merged.
# environments:
#   production:
#     approval: {required: 1}             # of whoever has write access
`)
	return b.String()
}

func writeAction(b *strings.Builder, a firstAction) {
	if a.about != "" {
		fmt.Fprintf(b, "      # %s\n", a.about)
	}
	fmt.Fprintf(b, "      - name: %s\n        provider: Commands\n", a.name)
	if a.runOrder > 1 {
		fmt.Fprintf(b, "        runOrder: %d\n", a.runOrder)
	}
	if len(a.variables) > 0 {
		b.WriteString("        environmentVariables:\n")
		for _, v := range a.variables {
			fmt.Fprintf(b, "          %s: %s\n", yamlText(v[0]), yamlText(v[1]))
		}
	}
	b.WriteString("        commands:\n")
	for _, c := range a.commands {
		c = strings.TrimRight(c, "\n")
		if strings.Contains(c, "\n") {
			const indent = "\n            "
			fmt.Fprintf(b, "          - |%s%s%s\n", indentation(c), indent, strings.ReplaceAll(c, "\n", indent))
			continue
		}
		fmt.Fprintf(b, "          - %s\n", yamlText(c))
	}
	if a.artifact == "" {
		return
	}
	var files []string
	for _, file := range a.files {
		files = append(files, yamlText(file))
	}
	if len(files) == 0 {
		fmt.Fprintf(b, "        outputArtifacts: [%s]\n", a.artifact)
		return
	}
	fmt.Fprintf(b, "        outputArtifacts:\n          - {name: %s, files: [%s]}\n", a.artifact, strings.Join(files, ", "))
}

// indentation is what a block of text needs to be told if its first line that is not
// empty begins with a space or tab.
func indentation(s string) string {
	s = strings.TrimLeft(s, "\n")
	if strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\t") {
		return "2"
	}
	return ""
}

// yamlText writes a text on one line so that YAML reads the same again.
func yamlText(s string) string {
	plain := regexp.MustCompile(`^[A-Za-z./][A-Za-z0-9 ./_=@+$"-]*$`)
	if plain.MatchString(s) && strings.TrimSpace(s) == s && !regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|\.inf|\.nan|~)$`).MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
