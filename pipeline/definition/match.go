package definition

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// StartsOnPush reports whether a push to the branch starts a pipeline with
// these triggers.
func StartsOnPush(t pipeline.Triggers, branch, defaultBranch string) bool {
	return slices.ContainsFunc(t.Push, func(f pipeline.PushFilter) bool {
		return f.Tags == nil && Matches(f.Branches, branch, defaultBranch)
	})
}

// StartsOnPullRequest reports whether a pull request against the base branch
// starts a pipeline with these triggers.
func StartsOnPullRequest(t pipeline.Triggers, base, defaultBranch string) bool {
	return slices.ContainsFunc(t.PullRequest, func(f pipeline.PullRequestFilter) bool {
		return Matches(f.Branches, base, defaultBranch)
	})
}

// Matches reports whether a filter lets a branch through. No filter means the
// default branch. `*` stays within one part of a name, `**` crosses slashes;
// release/** is every branch below release/, not release itself.
func Matches(f *pipeline.Filter, branch, defaultBranch string) bool {
	if f == nil {
		return branch != "" && branch == defaultBranch
	}
	return (len(f.Includes) == 0 || matchesAny(f.Includes, branch)) && !matchesAny(f.Excludes, branch)
}

func matchesAny(patterns []string, branch string) bool {
	for _, p := range patterns {
		if below, ok := strings.CutSuffix(p, "/**"); ok {
			p = below + "/**/*"
		}
		if ok, err := doublestar.Match(p, branch); ok && err == nil {
			return true
		}
	}
	return false
}
