package definition_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline/definition"
)

func TestRulesInWords(t *testing.T) {
	t.Parallel()
	const file = "testdata/valid/environments.yml"
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	environments, err := definition.Environments([]definition.File{{Path: file, Content: content}}, options())
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, e := range environments {
		got.WriteString(e.Name + "\n  " + strings.Join(definition.RulesInWords(e, "main"), "\n  ") + "\n")
	}
	want := `production
  for branches main or release/** and tags v*, not *-rc*
  2 approvals by team sre or octocat
  1 approval by team dba, for branches main, where paths change that fit db/**, with labels all but trivial
  1 approval by code owners of what has changed
  1 approval by administrators of the repository
  expires after 3d, reminds after 4h, after 1d also by team leads or people with write access
  may be overridden by team oncall or hubot
  frozen (weekend) for 2d15h from 0 18 * * FRI, Europe/Zurich
  frozen (holidays) from 2026-12-24 11:00 UTC to 2027-01-04 05:00 UTC: pipelines release
  frozen (the second of two) from 2026-10-25 00:30 UTC to 2026-10-25 01:30 UTC
  frozen (an offset) from 2026-12-24 11:00 UTC to 2026-12-24 12:00 UTC
Staging.eu-1
  for the branch main
  2 approvals by people with write access
  not by whoever has a hand in the change
  expires after 7d
preview
  for the branch main and pull requests of the repository
  1 approval by people with write access
  not by whoever has a hand in the change
  expires after 7d
test
  for the branch main
  no approval
integration
  for tags v*
  no approval
qa
  for the branch main
  1 approval by octocat or hubot
  not by whoever has a hand in the change
  expires after 7d
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}
