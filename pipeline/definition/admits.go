package definition

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// Admits says why an environment does not let a run in, in a sentence for people;
// empty: it does. An environment that names no branches and no tags is for the
// default branch, one that names tags alone for these. Pull requests enter only if
// it says so, and never those of a fork. Where something is not known, such as the
// default branch, the run is not let in.
func Admits(e pipeline.Environment, defaultBranch string, run *pipeline.Execution) (why string) {
	lane := run.Lane
	switch {
	case run.Revision.Fork:
		return fmt.Sprintf("the environment %s is never for a fork", e.Name)
	case lane.Kind == pipeline.LanePull && e.PullRequests,
		lane.Kind == pipeline.LaneBranch && entersBranch(e, lane.Name, defaultBranch),
		lane.Kind == pipeline.LaneTag && e.Tags != nil && passes(e.Tags, lane.Name):
		return ""
	case lane.Kind == pipeline.LanePull:
		return fmt.Sprintf("the environment %s is not for pull requests, but for %s", e.Name, Refs(e, defaultBranch))
	}
	return fmt.Sprintf("the environment %s is not for the %s %s, but for %s", e.Name, lane.Kind, lane.Name, Refs(e, defaultBranch))
}

func entersBranch(e pipeline.Environment, branch, defaultBranch string) bool {
	if e.Branches == nil {
		return e.Tags == nil && branch != "" && branch == defaultBranch
	}
	return passes(e.Branches, branch)
}

// Refs says which refs an environment lets in, in words. An unknown default branch
// is called that.
func Refs(e pipeline.Environment, defaultBranch string) string {
	var words []string
	switch {
	case e.Branches != nil:
		words = append(words, "branches "+e.Branches.String())
	case e.Tags == nil && defaultBranch == "":
		words = append(words, "the default branch")
	case e.Tags == nil:
		words = append(words, "the branch "+defaultBranch)
	}
	if e.Tags != nil {
		words = append(words, "tags "+e.Tags.String())
	}
	if e.PullRequests {
		words = append(words, "pull requests of the repository")
	}
	return joined(words, "and")
}
