package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline/definition"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

// The installation guide names only verbs and flags that there are, and its pipeline
// is valid.
func TestInstallationGuide(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../docs/install.md")
	check(t, err)
	guide := strings.ReplaceAll(string(content), "\\\n", "")
	registry, err := provider.NewRegistry(standard.Providers()...)
	check(t, err)
	yaml := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(guide)
	if yaml == nil {
		t.Fatal("the guide has no pipeline")
	}
	pipelines, problems := definition.ReadAll([]definition.File{{Path: ".penstock.yml", Content: []byte(yaml[1])}}, definition.Options{Catalog: registry})
	if len(problems) > 0 || len(pipelines) != 1 || pipelines[0].Name != "release" {
		t.Errorf("the guide's pipeline: %v", problems)
	}
	root, seen := newRootCommand(registry), 0
	verb := regexp.MustCompile(`\bpenstock (setup|doctor|serve|validate|backup|version)\b([^\n` + "`" + `]*)|^\s+(setup) ([^\n]*)`)
	flag := regexp.MustCompile(`--[a-z][a-z-]*`)
	for _, line := range strings.Split(guide, "\n") {
		for _, found := range verb.FindAllStringSubmatch(line, -1) {
			name, rest := found[1]+found[3], found[2]+found[4]
			cmd, _, err := root.Find([]string{name})
			if err != nil {
				t.Errorf("%q: %v", line, err)
				continue
			}
			for _, f := range flag.FindAllString(rest, -1) {
				seen++
				if name := strings.TrimPrefix(f, "--"); name != "help" && cmd.Flags().Lookup(name) == nil {
					t.Errorf("%q: penstock %s has no %s", line, cmd.Name(), f)
				}
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d flags were found in the guide", seen)
	}
}
