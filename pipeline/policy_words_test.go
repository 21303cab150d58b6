package pipeline_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestPolicyInWords(t *testing.T) {
	t.Parallel()
	team, user := pipeline.Selector{Team: "sre"}, pipeline.Selector{User: "octocat"}
	for _, test := range []struct {
		said interface{ String() string }
		want string
	}{
		{pipeline.Requirement{}, "1 approval by people with write access"},
		{pipeline.Requirement{Required: 2}, "2 approvals by people with write access"},
		{pipeline.Requirement{Required: 1, From: []pipeline.Selector{{Permission: pipeline.PermissionAdmin}}}, "1 approval by administrators of the repository"},
		{pipeline.Requirement{Required: 1, From: []pipeline.Selector{{CodeOwners: true}}}, "1 approval by code owners of what has changed"},
		{pipeline.Requirement{Required: 2, From: []pipeline.Selector{team, user}}, "2 approvals by team sre or octocat"},
		{pipeline.Requirement{Required: 2, From: []pipeline.Selector{team, {Permission: pipeline.PermissionAdmin}, user}}, "2 approvals by team sre, administrators of the repository or octocat"},
		{pipeline.Filter{Includes: []string{"main"}}, "main"},
		{pipeline.Filter{Includes: []string{"main", "release/**", "x"}, Excludes: []string{"release/old", "y"}}, "main, release/** or x, not release/old, y"},
		{pipeline.Filter{Excludes: []string{"**"}}, "all but **"},
	} {
		if got := test.said.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
