package definition_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	got := definition.Files([]string{
		".penstock/b.yml", "README.md", ".penstock.yml", ".penstock/a.json", ".penstock.yaml", ".penstock/c.yaml", ".penstock/.yml",
		".penstock/sub/d.yml", "sub/.penstock.yml", ".penstock.json", "penstock.yml", ".penstock/notes.md", ".penstock/.yml",
		".penstock.yml", "/.penstock.yml", "./.penstock.yml", ".penstock",
	})
	want := []string{".penstock.json", ".penstock.yml", ".penstock/a.json", ".penstock/b.yml"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for path, want := range map[string]string{
		".penstock.yaml": ".penstock.yml", ".penstock/c.yaml": ".penstock/c.yml", ".penstock.yml": "", "a/.penstock.yaml": "", "x.yaml": "",
	} {
		if got, ok := definition.Misnamed(path); got != want || ok != (want != "") {
			t.Errorf("Misnamed(%q) = %q, %t", path, got, ok)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	filter := func(includes, excludes string) *pipeline.Filter {
		return &pipeline.Filter{Includes: strings.Fields(includes), Excludes: strings.Fields(excludes)}
	}
	for _, test := range []struct {
		name   string
		filter *pipeline.Filter
		branch string
		want   bool
	}{
		{"no filter, default branch", nil, "main", true},
		{"no filter, another branch", nil, "x", false},
		{"literal", filter("main", ""), "main", true},
		{"case counts", filter("main", ""), "Main", false},
		{"star stays within a part", filter("*", ""), "a/b", false},
		{"two stars cross slashes", filter("**", ""), "a/b/c", true},
		{"below", filter("release/**", ""), "release/1/x", true},
		{"below is not itself", filter("release/**", ""), "release", false},
		{"alternatives", filter("{main,dev}", ""), "dev", true},
		{"set", filter("v[0-9]", ""), "v7", true},
		{"escaped", filter(`a\*`, ""), "a*", true},
		{"excludes win", filter("**", "wip/**"), "wip/x", false},
		{"excludes only", filter("", "wip/**"), "main", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			triggers := pipeline.Triggers{Push: []pipeline.PushFilter{{Branches: test.filter}}, PullRequest: []pipeline.PullRequestFilter{{Branches: test.filter}}}
			for _, kind := range []pipeline.TriggerKind{pipeline.TriggerPush, pipeline.TriggerPullRequest} {
				got, why, err := definition.Judge(triggers, definition.Change{Kind: kind, Branch: test.branch, DefaultBranch: "main", PullRequest: pipeline.PullRequestOpened})
				if got != test.want || err != nil || (why == "") != got {
					t.Errorf("%s: got %t, %q, %v", kind, got, why, err)
				}
			}
		})
	}
	if definition.Matches(nil, "", "") {
		t.Error("an unknown branch is not the default branch")
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, content string
		line, column  int
		want          []string
	}{
		{"first line", "name: x\n", 1, 7, []string{"    1 | name: x", "      |       ^"}},
		{"line before", "a: 1\n  b: 2\n", 2, 3, []string{"    1 | a: 1", "    2 |   b: 2", "      |   ^"}},
		{"tabs and wide characters", "{\t\"é\": x}\r\n", 1, 8, []string{"    1 | {  \"é\": x}", "      |         ^"}},
		{"control characters", "a: \x1b[31mred", 1, 4, []string{"    1 | a: ·[31mred", "      |    ^"}},
		{"behind the end", "a", 1, 9, []string{"    1 | a", "      |  ^"}},
		{"no such line", "a\n", 7, 1, nil},
		{"not even a line", "", 0, 0, nil},
		{"long", strings.Repeat("x", 120) + "y" + strings.Repeat("z", 120), 1, 121, []string{
			"    1 | …" + strings.Repeat("x", 50) + "y" + strings.Repeat("z", 48) + "…",
			"      | " + strings.Repeat(" ", 51) + "^",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, definition.Excerpt([]byte(test.content), test.line, test.column)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
