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
		{pipeline.Requirement{}, "1 with write access"},
		{pipeline.Requirement{Required: 2}, "2 with write access"},
		{pipeline.Requirement{Required: 1, From: []pipeline.Selector{{Permission: pipeline.PermissionAdmin}}}, "1 with admin access"},
		{pipeline.Requirement{Required: 1, From: []pipeline.Selector{{CodeOwners: true}}}, "1 of owners of what has changed"},
		{pipeline.Requirement{Required: 2, From: []pipeline.Selector{team, user}}, "2 of team sre or octocat"},
		{pipeline.Requirement{Required: 2, From: []pipeline.Selector{team, {Permission: pipeline.PermissionAdmin}, user}}, "2 of team sre, admin access or octocat"},
		{pipeline.Filter{Includes: []string{"main"}}, "main"},
		{pipeline.Filter{Includes: []string{"main", "release/**", "x"}, Excludes: []string{"release/old", "y"}}, "main, release/** or x, not release/old, y"},
		{pipeline.Filter{Excludes: []string{"**"}}, "all but **"},
	} {
		if got := test.said.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
