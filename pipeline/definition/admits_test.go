package definition_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

func TestAdmits(t *testing.T) {
	t.Parallel()
	plain := pipeline.Environment{Name: "production"}
	branches := pipeline.Environment{Name: "production", Branches: &pipeline.Filter{Includes: []string{"main", "release/**"}, Excludes: []string{"release/old"}}}
	tags := pipeline.Environment{Name: "production", Tags: include("v*")}
	both := pipeline.Environment{Name: "production", Branches: include("main"), Tags: include("v*")}
	pulls := pipeline.Environment{Name: "preview", PullRequests: true}
	branch, tag, pull := pipeline.BranchLane, pipeline.TagLane, pipeline.PullLane
	for _, test := range []struct {
		name          string
		environment   pipeline.Environment
		defaultBranch string
		lane          pipeline.Lane
		fork          bool
		why           string // empty: it is let in
	}{
		{"the default branch", plain, "trunk", branch("trunk"), false, ""},
		{"another branch", plain, "trunk", branch("dev"), false, "the environment production is not for the branch dev, but for the branch trunk"},
		{"a branch named like it", plain, "trunk", branch("Trunk"), false, "the environment production is not for the branch Trunk, but for the branch trunk"},
		{"a branch below it", plain, "trunk", branch("trunk/x"), false, "the environment production is not for the branch trunk/x, but for the branch trunk"},
		{"a tag with its name", plain, "trunk", tag("trunk"), false, "the environment production is not for the tag trunk, but for the branch trunk"},
		{"an unknown default branch", plain, "", branch("main"), false, "the environment production is not for the branch main, but for the default branch"},
		{"no branch and an unknown default branch", plain, "", branch(""), false, "the environment production is not for the branch , but for the default branch"},
		{"a listed branch", branches, "trunk", branch("release/2"), false, ""},
		{"the default branch, not listed", branches, "trunk", branch("trunk"), false, "the environment production is not for the branch trunk, but for branches main or release/**, not release/old"},
		{"an excluded branch", branches, "trunk", branch("release/old"), false, "the environment production is not for the branch release/old, but for branches main or release/**, not release/old"},
		{"a listed tag", tags, "trunk", tag("v1"), false, ""},
		{"another tag", tags, "trunk", tag("w1"), false, "the environment production is not for the tag w1, but for tags v*"},
		{"the default branch where only tags are named", tags, "trunk", branch("trunk"), false, "the environment production is not for the branch trunk, but for tags v*"},
		{"a branch named like a tag", tags, "trunk", branch("v1"), false, "the environment production is not for the branch v1, but for tags v*"},
		{"a branch of both", both, "trunk", branch("main"), false, ""},
		{"a tag of both", both, "trunk", tag("v1"), false, ""},
		{"a pull request", pulls, "trunk", pull(7), false, ""},
		{"a pull request of a fork", pulls, "trunk", pull(7), true, "the environment preview is never for a fork"},
		{"a branch that holds a fork's commit", plain, "trunk", branch("trunk"), true, "the environment production is never for a fork"},
		{"the default branch, beside pull requests", pulls, "trunk", branch("trunk"), false, ""},
		{"another branch, beside pull requests", pulls, "trunk", branch("x"), false, "the environment preview is not for the branch x, but for the branch trunk and pull requests of the repository"},
		{"a pull request that is not asked in", branches, "trunk", pull(7), false, "the environment production is not for pull requests, but for branches main or release/**, not release/old"},
		{"a lane of no known sort", pulls, "trunk", pipeline.Lane{Kind: "group", Name: "trunk"}, false, "the environment preview is not for the group trunk, but for the branch trunk and pull requests of the repository"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := pipeline.Execution{Lane: test.lane, Revision: pipeline.Revision{Fork: test.fork}}
			if got := definition.Admits(test.environment, test.defaultBranch, &run); got != test.why {
				t.Errorf("got  %q\nwant %q", got, test.why)
			}
		})
	}
}
