package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

var updateDocs = flag.Bool("update-docs", false, "rewrite the pages in docs that are made from tables")

// TestReferencePages holds the pages in docs against the tables and constants that
// pipeline files are read with.
func TestReferencePages(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	if err != nil {
		t.Fatal(err)
	}
	for file, args := range map[string][]string{
		"../../docs/pipeline.md": {}, "../../docs/limits.md": {"limits"}, "../../docs/commands.md": {"commands"},
	} {
		var out bytes.Buffer
		cmd := newReferenceCommand(registry)
		cmd.SetArgs(args)
		cmd.SetOut(&out)
		if err := cmd.Execute(); err != nil {
			t.Fatal(err)
		}
		if *updateDocs {
			if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(page), out.String()); diff != "" {
			t.Errorf("%s is out of date: go test ./cmd/penstock -run TestReferencePages -update-docs\n%s", file, diff)
		}
	}
}
