package definition_test

import (
	"errors"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// The truth table of triggers.
func TestJudge(t *testing.T) {
	t.Parallel()
	in := func(patterns ...string) *pipeline.Filter { return &pipeline.Filter{Includes: patterns} }
	not := func(patterns ...string) *pipeline.Filter { return &pipeline.Filter{Excludes: patterns} }
	yes, no := true, false
	push := func(f ...pipeline.PushFilter) pipeline.Triggers { return pipeline.Triggers{Push: f} }
	pull := func(f ...pipeline.PullRequestFilter) pipeline.Triggers { return pipeline.Triggers{PullRequest: f} }
	files := func(names ...string) func() ([]string, error) {
		return func() ([]string, error) { return append([]string{}, names...), nil }
	}
	branch := func(name string) definition.Change {
		return definition.Change{Kind: pipeline.TriggerPush, Branch: name, DefaultBranch: "main", Files: func() ([]string, error) { return nil, nil }}
	}
	tag := func(name string) definition.Change {
		return definition.Change{Kind: pipeline.TriggerPush, Tag: name, DefaultBranch: "main"}
	}
	opened := definition.Change{Kind: pipeline.TriggerPullRequest, Branch: "main", DefaultBranch: "main", PullRequest: pipeline.PullRequestOpened, Labels: []string{"deploy", "kind/bug"}}
	with := func(c definition.Change, change func(*definition.Change)) definition.Change { change(&c); return c }
	touching := func(c definition.Change, names ...string) definition.Change {
		return with(c, func(c *definition.Change) { c.Files = files(names...) })
	}
	event := func(e pipeline.PullRequestEvent) definition.Change {
		return with(opened, func(c *definition.Change) { c.PullRequest = e })
	}
	for _, test := range []struct {
		name     string
		triggers pipeline.Triggers
		change   definition.Change
		want     string // empty: it starts
	}{
		{"default branch", push(pipeline.PushFilter{}), branch("main"), ""},
		{"other branch", push(pipeline.PushFilter{}), branch("dev"), "pushes to dev do not start it"},
		{"one of two filters", push(pipeline.PushFilter{Branches: in("main")}, pipeline.PushFilter{Branches: in("dev")}), branch("dev"), ""},
		{"a tag is no branch", push(pipeline.PushFilter{Branches: in("**")}), tag("v1"), "tags do not start it"},
		{"a tag", push(pipeline.PushFilter{Tags: in("v*")}), tag("v1"), ""},
		{"another tag", push(pipeline.PushFilter{Tags: in("v*")}), tag("x"), "pushes of the tag x do not start it"},
		{"a branch is no tag", push(pipeline.PushFilter{Tags: in("**")}), branch("main"), "pushes of branches do not start it"},
		{"a file fits", push(pipeline.PushFilter{Branches: in("main"), FilePaths: in("src/**")}), touching(branch("main"), "README.md", "src/a/b.go"), ""},
		{"no file fits", push(pipeline.PushFilter{Branches: in("main"), FilePaths: in("src/**")}), touching(branch("main"), "README.md"), "no changed file fits its filePaths"},
		{"only excluded files", push(pipeline.PushFilter{Branches: in("main"), FilePaths: not("docs/**")}), touching(branch("main"), "docs/a.md"), "no changed file fits its filePaths"},
		{"one file that is not excluded", push(pipeline.PushFilter{Branches: in("main"), FilePaths: not("docs/**")}), touching(branch("main"), "docs/a.md", "b"), ""},
		{"files that are not known fit", push(pipeline.PushFilter{Branches: in("main"), FilePaths: in("src/**")}), branch("main"), ""},
		{"a change of nothing", push(pipeline.PushFilter{Branches: in("main"), FilePaths: in("**")}), touching(branch("main")), "no changed file fits its filePaths"},
		{"no pushes at all", pull(pipeline.PullRequestFilter{}), branch("main"), "pushes do not start it"},

		{"opened", pull(pipeline.PullRequestFilter{}), opened, ""},
		{"updated", pull(pipeline.PullRequestFilter{}), event(pipeline.PullRequestUpdated), ""},
		{"closed is not meant", pull(pipeline.PullRequestFilter{}), event(pipeline.PullRequestClosed), "pull requests that are closed do not start it"},
		{"closed", pull(pipeline.PullRequestFilter{Events: []pipeline.PullRequestEvent{pipeline.PullRequestClosed}}), event(pipeline.PullRequestClosed), ""},
		{"only closed", pull(pipeline.PullRequestFilter{Events: []pipeline.PullRequestEvent{pipeline.PullRequestClosed}}), opened, "pull requests that are opened do not start it"},
		{"target", pull(pipeline.PullRequestFilter{Branches: in("release/**")}), opened, "pull requests against main do not start it"},
		{"label", pull(pipeline.PullRequestFilter{Labels: in("kind/*")}), opened, ""},
		{"label that is not there", pull(pipeline.PullRequestFilter{Labels: in("ship")}), opened, "its labels do not fit"},
		{"label that must not be", pull(pipeline.PullRequestFilter{Labels: not("deploy")}), opened, "its labels do not fit"},
		{"no drafts", pull(pipeline.PullRequestFilter{Drafts: &no}), with(opened, func(c *definition.Change) { c.Draft = true }), "drafts do not start it"},
		{"drafts only", pull(pipeline.PullRequestFilter{Drafts: &yes}), opened, "pull requests that are no drafts do not start it"},
		{"paths of a pull request", pull(pipeline.PullRequestFilter{FilePaths: in("db/**")}), touching(opened, "src/a"), "no changed file fits its filePaths"},
		{"no pull requests", push(pipeline.PushFilter{}), opened, "pull requests do not start it"},

		{"merge group", pipeline.Triggers{MergeGroup: []pipeline.MergeGroupFilter{{}}}, definition.Change{Kind: pipeline.TriggerMergeGroup, Branch: "main", DefaultBranch: "main"}, ""},
		{"merge group of another branch", pipeline.Triggers{MergeGroup: []pipeline.MergeGroupFilter{{}}}, definition.Change{Kind: pipeline.TriggerMergeGroup, Branch: "dev", DefaultBranch: "main"}, "groups bound for dev do not start it"},
		{"manual", push(pipeline.PushFilter{}), definition.Change{Kind: pipeline.TriggerManual}, "this does not start pipelines by itself"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			starts, why, err := definition.Judge(test.triggers, test.change)
			if err != nil || starts != (test.want == "") || why != test.want {
				t.Errorf("got %t, %q, %v", starts, why, err)
			}
		})
	}
	trouble := with(branch("main"), func(c *definition.Change) { c.Files = func() ([]string, error) { return nil, errors.New("no answer") } })
	if _, _, err := definition.Judge(push(pipeline.PushFilter{FilePaths: in("x")}), trouble); err == nil {
		t.Error("files that could not be asked for were judged")
	}
}

func TestNeedsFiles(t *testing.T) {
	t.Parallel()
	stage := func(text string) *pipeline.Pipeline {
		return &pipeline.Pipeline{Stages: []pipeline.Stage{{When: pipeline.When{RunIf: text}}}}
	}
	action := &pipeline.Pipeline{Stages: []pipeline.Stage{{Actions: []pipeline.Action{{When: pipeline.When{SkipIf: `files.exists(f, f == "x")`}}}}}}
	if definition.NeedsFiles(stage(`branch == "main"`)) || definition.NeedsFiles(stage("")) || !definition.NeedsFiles(stage("size(files) > 1")) || !definition.NeedsFiles(action) {
		t.Error("wrong")
	}
}
