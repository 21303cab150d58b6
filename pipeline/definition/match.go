package definition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

// Change is what happened in a repository, as far as triggers look at it.
type Change struct {
	Kind          pipeline.TriggerKind // Push, PullRequest or MergeGroup; others start nothing by themselves
	Branch        string               // that was pushed, or that a pull request or group is bound for; empty for a tag
	Tag           string
	DefaultBranch string
	PullRequest   pipeline.PullRequestEvent
	Labels        []string
	Draft         bool
	// Files lists the paths that the change touches; nil means that they are not
	// known, and then every filter of paths fits. It is asked only where a filter
	// needs it.
	Files func() ([]string, error)
}

// Judge decides whether a change starts a pipeline with these triggers. If not,
// why says in words which filter does not fit. An error is one of Files.
func Judge(t pipeline.Triggers, c Change) (starts bool, why string, err error) {
	j := judge{Change: c}
	switch c.Kind {
	case pipeline.TriggerPush:
		for _, f := range t.Push {
			j.filter(func() bool { return j.push(f) }, f.FilePaths)
		}
		j.none(len(t.Push), "pushes do not start it")
	case pipeline.TriggerPullRequest:
		for _, f := range t.PullRequest {
			j.filter(func() bool { return j.pullRequest(f) }, f.FilePaths)
		}
		j.none(len(t.PullRequest), "pull requests do not start it")
	case pipeline.TriggerMergeGroup:
		for _, f := range t.MergeGroup {
			j.filter(func() bool {
				return j.fits(Matches(f.Branches, c.Branch, c.DefaultBranch), "groups bound for %s do not start it", c.Branch)
			}, nil)
		}
		j.none(len(t.MergeGroup), "merge groups do not start it")
	default:
		j.why = "this does not start pipelines by itself"
	}
	return j.starts, j.why, j.err
}

// judge collects why no filter fits; the last filter's reason is told.
type judge struct {
	Change
	starts bool
	why    string
	err    error
}

func (j *judge) none(filters int, why string) {
	if filters == 0 {
		j.why = why
	}
}

func (j *judge) fits(ok bool, why string, args ...any) bool {
	if !ok {
		j.why = fmt.Sprintf(why, args...)
	}
	return ok
}

func (j *judge) filter(rest func() bool, paths *pipeline.Filter) {
	if j.starts || j.err != nil || !rest() {
		return
	}
	if paths == nil {
		j.starts, j.why = true, ""
		return
	}
	files, err := j.Files()
	if err != nil {
		j.err = err
		return
	}
	ok := files == nil || slices.ContainsFunc(files, func(file string) bool { return passes(paths, file) })
	if j.fits(ok, "no changed file fits its filePaths") {
		j.starts, j.why = true, ""
	}
}

func (j *judge) push(f pipeline.PushFilter) bool {
	switch {
	case f.Tags != nil:
		return j.fits(j.Tag != "" && passes(f.Tags, j.Tag), "pushes of %s do not start it", j.what())
	case j.Tag != "":
		return j.fits(false, "tags do not start it")
	}
	return j.fits(Matches(f.Branches, j.Branch, j.DefaultBranch), "pushes to %s do not start it", j.Branch)
}

func (j *judge) what() string {
	if j.Tag != "" {
		return "the tag " + j.Tag
	}
	return "branches"
}

func (j *judge) pullRequest(f pipeline.PullRequestFilter) bool {
	events := f.Events
	if len(events) == 0 {
		events = []pipeline.PullRequestEvent{pipeline.PullRequestOpened, pipeline.PullRequestUpdated}
	}
	return j.fits(slices.Contains(events, j.PullRequest), "pull requests that are %s do not start it", pullWord(j.PullRequest)) &&
		j.fits(Matches(f.Branches, j.Branch, j.DefaultBranch), "pull requests against %s do not start it", j.Branch) &&
		j.fits(f.Drafts == nil || *f.Drafts == j.Draft, "%s do not start it", map[bool]string{true: "drafts", false: "pull requests that are no drafts"}[j.Draft]) &&
		j.fits(labelled(f.Labels, j.Labels), "its labels do not fit")
}

func pullWord(e pipeline.PullRequestEvent) string {
	switch e {
	case pipeline.PullRequestOpened:
		return "opened"
	case pipeline.PullRequestClosed:
		return "closed"
	}
	return "updated"
}

func labelled(f *pipeline.Filter, labels []string) bool {
	if f == nil {
		return true
	}
	any := func(patterns []string) bool {
		return slices.ContainsFunc(labels, func(label string) bool { return matchesAny(patterns, label) })
	}
	return (len(f.Includes) == 0 || any(f.Includes)) && !any(f.Excludes)
}

// NeedsFiles reports whether a run of the pipeline may ask for the paths that its
// change touches.
func NeedsFiles(p *pipeline.Pipeline) bool {
	asks := func(w pipeline.When) bool {
		e, err := condition.Compile(w.RunIf + w.SkipIf) // one of them is empty
		return err == nil && e.UsesFiles()
	}
	return slices.ContainsFunc(p.Stages, func(s pipeline.Stage) bool {
		return asks(s.When) || slices.ContainsFunc(s.Actions, func(a pipeline.Action) bool { return asks(a.When) })
	})
}

// Matches reports whether a filter lets a branch through. No filter means the
// default branch. `*` stays within one part of a name, `**` crosses slashes;
// release/** is every branch below release/, not release itself.
func Matches(f *pipeline.Filter, branch, defaultBranch string) bool {
	if f == nil {
		return branch != "" && branch == defaultBranch
	}
	return passes(f, branch)
}

func passes(f *pipeline.Filter, name string) bool {
	return (len(f.Includes) == 0 || matchesAny(f.Includes, name)) && !matchesAny(f.Excludes, name)
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

// MatchesPath reports whether a path fits one of these globs.
func MatchesPath(globs []string, path string) bool { return matchesAny(globs, path) }

// SkipWord is the word of a commit's message that asks for no run: those that
// GitHub's own actions know.
func SkipWord(message string) string {
	lower := strings.ToLower(message)
	for _, word := range []string{"[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"} {
		if strings.Contains(lower, word) {
			return word
		}
	}
	return ""
}
