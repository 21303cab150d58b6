package machine_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/penstock-cd/penstock/pipeline"
)

var update = flag.Bool("update", false, "rewrite the expected answers in testdata")

// TestScenarios plays each file of testdata: a pipeline, inputs in order, and the
// events, orders and states that must follow. The words of pipelines are told in
// parsePipeline, those of inputs in scenario.do.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = string(f.Data)
			}
			got := play(t, parts)
			if *update {
				for i := range archive.Files {
					if archive.Files[i].Name == "want" {
						archive.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(parts["want"], got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// scenario is a lane and the names that its file uses: r1, r2 ... are runs.
type scenario struct {
	t           *testing.T
	state       pipeline.State
	definitions map[string]*pipeline.Pipeline
	now         time.Time
	out         strings.Builder
	runs        map[string]string        // id -> r1
	rollbacks   []pipeline.RollbackOrder // that were asked for by failures and not begun
	readings    []pipeline.RulesOrder    // that were asked for and not answered
	hold        bool                     // readings are not answered by themselves
}

func play(t *testing.T, parts map[string]string) string {
	t.Helper()
	lane := pipeline.BranchLane("main")
	definitions := map[string]*pipeline.Pipeline{}
	for name, body := range parts {
		if strings.HasPrefix(name, "pipeline") {
			definitions[name] = parsePipeline(t, body)
		}
	}
	if l := strings.TrimSpace(parts["lane"]); l != "" {
		if err := lane.UnmarshalText([]byte(l)); err != nil {
			t.Fatal(err)
		}
	}
	s := &scenario{
		t: t, definitions: definitions, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), runs: map[string]string{},
		state: pipeline.State{Key: pipeline.StateKey{Host: "github.com", RepositoryID: 1, Pipeline: "release", Lane: lane}},
	}
	for _, line := range strings.Split(strings.TrimSpace(parts["inputs"]), "\n") {
		line, _, _ = strings.Cut(line, "# ")
		if fields := strings.Fields(line); len(fields) > 0 {
			fmt.Fprintf(&s.out, "%s\n", strings.Join(fields, " "))
			s.do(fields)
		}
	}
	return s.out.String()
}
