package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline/definition"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

// README and the pages of docs lead nowhere that is not there, README leads to each
// page, the pipelines in them are valid, and their shell lines name only verbs and
// flags that there are.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	check(t, err)
	root := newRootCommand(registry)
	pages, err := filepath.Glob("../../docs/*.md")
	check(t, err)
	readme, err := os.ReadFile("../../README.md")
	check(t, err)
	for _, page := range pages {
		if link := "](docs/" + filepath.Base(page) + ")"; !strings.Contains(string(readme), link) {
			t.Errorf("README.md does not lead to %s", page)
		}
	}
	verbs, pipelines := 0, 0
	for _, page := range append(pages, "../../README.md") {
		content, err := os.ReadFile(page)
		check(t, err)
		leadsSomewhere(t, page, string(content))
		for _, block := range docFence.FindAllStringSubmatch(string(content), -1) {
			switch kind, text := block[1], block[2]; {
			case kind == "sh":
				verbs += namesWhatThereIs(t, page, root, text)
			case kind == "yaml" && strings.HasPrefix(text, "name: "):
				pipelines++
				file := definition.File{Path: ".penstock.yml", Content: []byte(text)}
				if _, problems := definition.ReadAll([]definition.File{file}, definition.Options{Catalog: registry}); len(problems) > 0 {
					t.Errorf("%s: a pipeline has mistakes: %v", page, problems)
				}
			}
		}
	}
	if verbs < 15 || pipelines < 2 {
		t.Errorf("only %d verbs and %d pipelines were found", verbs, pipelines)
	}
}

var (
	docFence   = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```")
	docLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docHeading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	docVerb    = regexp.MustCompile(`^\s*(?:sudo -u penstock )?(?:go run \./cmd/)?penstock ([a-z]+)\b([^\n|]*)`)
	docFlag    = regexp.MustCompile(`(?:^|\s)(--?[a-z][a-z-]*)`)
)

// leadsSomewhere follows the links to files and to headings of a page.
func leadsSomewhere(t *testing.T, page, content string) {
	t.Helper()
	for _, found := range docLink.FindAllStringSubmatch(content, -1) {
		path, anchor, _ := strings.Cut(found[1], "#")
		if strings.Contains(path, "://") {
			continue
		}
		target := content
		if path != "" {
			path = filepath.Join(filepath.Dir(page), path)
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: a link leads nowhere: %v", page, err)
				continue
			}
			if anchor != "" {
				bytes, err := os.ReadFile(path)
				check(t, err)
				target = string(bytes)
			}
		}
		if anchor != "" && !hasHeading(target, anchor) {
			t.Errorf("%s: %s has no such heading", page, found[1])
		}
	}
}

// hasHeading reports whether a heading of the page has the anchor that GitHub gives it.
func hasHeading(content, anchor string) bool {
	for _, found := range docHeading.FindAllStringSubmatch(content, -1) {
		name := strings.ToLower(found[1])
		name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
		if strings.ReplaceAll(name, " ", "-") == anchor {
			return true
		}
	}
	return false
}

// namesWhatThereIs looks up the verbs and flags of shell lines, and counts the verbs.
func namesWhatThereIs(t *testing.T, page string, root *cobra.Command, text string) int {
	t.Helper()
	seen := 0
	for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		line, _, _ = strings.Cut(line, " #")
		for _, found := range docVerb.FindAllStringSubmatch(line, -1) {
			cmd, _, err := root.Find(append([]string{found[1]}, strings.Fields(found[2])...))
			if err != nil || cmd == root {
				t.Errorf("%s: %q: there is no verb %s", page, line, found[1])
				continue
			}
			seen++
			for _, f := range docFlag.FindAllStringSubmatch(found[2], -1) {
				known := f[1] == "--help"
				if name, long := strings.CutPrefix(f[1], "--"); long {
					known = known || cmd.Flags().Lookup(name) != nil
				} else {
					known = len(f[1]) == 2 && cmd.Flags().ShorthandLookup(f[1][1:]) != nil
				}
				if !known {
					t.Errorf("%s: %q: %s has no %s", page, line, cmd.CommandPath(), f[1])
				}
			}
		}
	}
	return seen
}
