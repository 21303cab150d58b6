package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// The pages about the API and the command line name every endpoint and every verb
// that asks a server, with flags that there are.
func TestClientPages(t *testing.T) {
	t.Parallel()
	page := func(name string) string {
		content, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	endpoints, verbs := page("api.md"), page("cli.md")
	for _, end := range api.Endpoints() {
		if line := "`" + end.Method + " " + end.Path + "`"; !strings.Contains(endpoints, line) {
			t.Errorf("docs/api.md lacks %s", line)
		}
	}
	registry, err := provider.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	flag := regexp.MustCompile(`--([a-z][a-z-]*)`)
	flags, asking := map[string]bool{}, 0
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			look(sub)
		}
		if !strings.Contains(c.Long, remoteHelp) {
			return
		}
		asking++
		if !strings.Contains(verbs, "`"+c.CommandPath()+" ") && !strings.Contains(verbs, "`"+c.CommandPath()+"`") {
			t.Errorf("docs/cli.md lacks %s", c.CommandPath())
		}
		for _, named := range flag.FindAllStringSubmatch(verbs, -1) {
			if c.Flags().Lookup(named[1]) != nil {
				flags[named[1]] = true
			}
		}
	}
	look(newRootCommand(registry))
	if asking < 15 {
		t.Errorf("only %d verbs ask a server", asking)
	}
	for _, named := range flag.FindAllStringSubmatch(verbs, -1) {
		if name := named[1]; !flags[name] && name != "user" && name != "scope" && name != "help" {
			t.Errorf("docs/cli.md names --%s, which no verb has", name)
		}
	}
}
