package emulator_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// TestMain makes sure that the contract has seen every operation: one that no
// test asks for is held against nothing.
func TestMain(m *testing.M) {
	code := m.Run()
	filtered := false
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			filtered = true
		}
	}
	if code == 0 && !filtered && contractDir() != "" {
		for _, missing := range unseen() {
			fmt.Fprintln(os.Stderr, "no test asks for", missing)
			code = 1
		}
	}
	os.Exit(code)
}

func unseen() []string {
	c, err := contract()
	if err != nil {
		return []string{err.Error()}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// GitHub sends these and the emulator does not.
	unsent := map[string]bool{"check-suite-completed": true, "issue-comment-pinned": true, "issue-comment-unpinned": true}
	var list []string
	for _, pattern := range emulator.Patterns() {
		pattern = strings.Replace(pattern, "...}", "}", 1)
		if strings.HasSuffix(pattern, "/contents") {
			continue // the root without a slash, beside contents/{path}
		}
		if !c.seen[pattern] {
			list = append(list, pattern)
		}
	}
	for name := range c.webhooks {
		if !c.seen["webhook "+name] && !unsent[name] {
			list = append(list, "webhook "+name)
		}
	}
	return list
}
