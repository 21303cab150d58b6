package definition_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
	"github.com/penstock-cd/penstock/pipeline/provider/deploymentwindow"
	"github.com/penstock-cd/penstock/pipeline/provider/http"
	"github.com/penstock-cd/penstock/pipeline/provider/variablecheck"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// catalog is a small set of providers with every trait that the reader knows.
type catalog struct{}

func (catalog) ActionTypes() []pipeline.ActionTypeInfo {
	return []pipeline.ActionTypeInfo{
		variablecheck.Info().ActionTypeInfo, deploymentwindow.Info().ActionTypeInfo, http.Info().ActionTypeInfo,
		{Name: "Commands", Categories: []pipeline.Category{"Compute"}, MaxInputs: 10, MaxOutputs: 10, TakesCommands: true, RunsOnThisHost: true, Connections: []string{"aws"}},
		{Name: "Pack", Owner: "Custom", Categories: []pipeline.Category{"Build", "Test"}, MinInputs: 1, MaxInputs: 2, MaxOutputs: 1},
		{Name: "Ship", Categories: []pipeline.Category{"Deploy"}, MaxInputs: 1, Properties: []pipeline.ConfigurationProperty{
			{Name: "Target", Type: "String", Required: true, Description: "where to ship to"},
			{Name: "Retries", Type: "Number"},
			{Name: "Force", Type: "Boolean"},
			{Name: "Note", Type: "String", Default: "none"},
		}},
		{Name: "Later", Categories: []pipeline.Category{"Build", "Test"}, NotYetSupported: true, MinInputs: 1, MaxInputs: 5},
	}
}

func options() definition.Options {
	return definition.Options{Catalog: catalog{}, DefaultBranch: "main"}
}

// sources returns the pipeline files of a folder.
func sources(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.yml", "*.json"} {
		found, err := filepath.Glob(filepath.Join("testdata", dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// golden compares with the file beside the source.
func golden(t *testing.T, source, got string) {
	t.Helper()
	file := strings.TrimSuffix(source, filepath.Ext(source)) + ".golden"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// told writes problems one per line: position, path, severity, sentence, hint.
func told(problems definition.Problems) string {
	var b strings.Builder
	for _, p := range problems {
		path := p.Path
		if path == "" {
			path = "."
		}
		fmt.Fprintf(&b, "%d:%d %s %s: %s\n", p.Line, p.Column, path, p.Severity, p.Message)
		if p.Hint != "" {
			fmt.Fprintf(&b, "    %s\n", p.Hint)
		}
	}
	return b.String()
}

func TestReadValid(t *testing.T) {
	t.Parallel()
	for _, file := range sources(t, "valid") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			readValid(t, file, options())
		})
	}
}

// readValid reads a valid file and compares what it says with its golden file.
func readValid(t *testing.T, file string, o definition.Options) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := definition.Read(filepath.Base(file), content, o)
	if p == nil {
		t.Fatalf("not valid:\n%s", told(problems))
	}
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, file, told(problems)+string(b)+"\n")
}

func TestReadInvalid(t *testing.T) {
	t.Parallel()
	for _, file := range sources(t, "invalid") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, problems := definition.Read(filepath.Base(file), content, options())
			if p != nil || !problems.HasErrors() {
				t.Fatal("read as valid")
			}
			golden(t, file, told(problems))
		})
	}
}
