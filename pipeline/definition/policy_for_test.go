package definition_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

func TestPolicyFor(t *testing.T) {
	t.Parallel()
	sre := pipeline.Requirement{Required: 2, From: []pipeline.Selector{{Team: "sre"}, {User: "octocat"}}}
	dba := func(when pipeline.AppliesTo) pipeline.Requirement {
		return pipeline.Requirement{Required: 1, From: []pipeline.Selector{{Team: "dba"}}, When: &when}
	}
	paths := dba(pipeline.AppliesTo{Paths: include("db/**")})
	code := dba(pipeline.AppliesTo{Paths: &pipeline.Filter{Excludes: []string{"docs/**"}}})
	branches := dba(pipeline.AppliesTo{Branches: include("main", "release/**")})
	labels := dba(pipeline.AppliesTo{Labels: &pipeline.Filter{Includes: []string{"database"}, Excludes: []string{"trivial"}}})
	all := dba(pipeline.AppliesTo{Branches: include("main"), Paths: include("db/**"), Labels: include("database")})
	for _, test := range []struct {
		name    string
		asked   pipeline.Requirement
		subject definition.Subject
		waived  string // empty: it is asked for
	}{
		{"always", sre, definition.Subject{Branch: "x", Paths: []string{}, Labels: []string{}}, ""},
		{"a path fits", paths, definition.Subject{Paths: []string{"a", "db/x.sql"}}, ""},
		{"no path fits", paths, definition.Subject{Paths: []string{"a", "x/db/x.sql"}}, "1 approval by team dba: only where paths change that fit db/**"},
		{"no path has changed", paths, definition.Subject{Paths: []string{}}, "1 approval by team dba: only where paths change that fit db/**"},
		{"the paths are not known", paths, definition.Subject{}, ""},
		{"one path is not excluded", code, definition.Subject{Paths: []string{"docs/a.md", "main.go"}}, ""},
		{"all paths are excluded", code, definition.Subject{Paths: []string{"docs/a.md"}}, "1 approval by team dba: only where paths change that fit all but docs/**"},
		{"the branch fits", branches, definition.Subject{Branch: "release/1"}, ""},
		{"the branch does not fit", branches, definition.Subject{Branch: "dev"}, "1 approval by team dba: only for branches main or release/**"},
		{"the branch is not known", branches, definition.Subject{}, ""},
		{"a label fits", labels, definition.Subject{Labels: []string{"x", "database"}}, ""},
		{"no label fits", labels, definition.Subject{Labels: []string{"x"}}, "1 approval by team dba: only with labels database, not trivial"},
		{"no labels", labels, definition.Subject{Labels: []string{}}, "1 approval by team dba: only with labels database, not trivial"},
		{"a label is excluded", labels, definition.Subject{Labels: []string{"trivial", "database"}}, "1 approval by team dba: only with labels database, not trivial"},
		{"the labels are not known", labels, definition.Subject{}, ""},
		{"everything fits", all, definition.Subject{Branch: "main", Paths: []string{"db/x"}, Labels: []string{"database"}}, ""},
		{"one of three does not fit", all, definition.Subject{Branch: "main", Paths: []string{"x"}, Labels: []string{"database"}}, "1 approval by team dba: only where paths change that fit db/**"},
		{"nothing is known", all, definition.Subject{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := pipeline.Policy{AllOf: []pipeline.Requirement{sre, test.asked}, Required: 1, PreventSelfApproval: true}
			want := p
			if test.waived != "" {
				want.AllOf, want.Waived = p.AllOf[:1:1], []string{test.waived}
			}
			got := definition.PolicyFor(p, test.subject)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if again := definition.PolicyFor(got, test.subject); !cmp.Equal(got, again) {
				t.Errorf("applied twice it is %+v", again)
			}
		})
	}
	alone := definition.PolicyFor(pipeline.Policy{Required: 3, AllOf: []pipeline.Requirement{paths}}, definition.Subject{Paths: []string{}})
	if want := []pipeline.Requirement{{Required: 1}}; len(alone.Waived) != 1 || !cmp.Equal(alone.Requirements(), want) {
		t.Errorf("a gate whose only requirement is waived asks for %v", alone.Requirements())
	}
	shared := pipeline.Policy{AllOf: []pipeline.Requirement{paths, labels}, Waived: make([]string, 0, 4)}
	one := definition.PolicyFor(shared, definition.Subject{Paths: []string{}})
	definition.PolicyFor(shared, definition.Subject{Labels: []string{}})
	if one.Waived[0] != "1 approval by team dba: only where paths change that fit db/**" {
		t.Error("what was waived is overwritten")
	}
	if p := (pipeline.Policy{Required: 3}); !cmp.Equal(definition.PolicyFor(p, definition.Subject{}), p) {
		t.Error("a policy without conditions is changed")
	}
}

func TestHostilePathsFit(t *testing.T) {
	t.Parallel()
	p := pipeline.Policy{AllOf: []pipeline.Requirement{{Required: 2, When: &pipeline.AppliesTo{Paths: include("db/**")}}}}
	for _, path := range []string{"db/a\nb", "db/\xff", "db/.hidden", "db/ ", "db/[x]", "db/{a,b}", `db/a\b`, "db/\u202egnp.sql", "db/..x/y", "db/" + strings.Repeat("a/", 2000) + "x"} {
		if got := definition.PolicyFor(p, definition.Subject{Paths: []string{path}}); len(got.AllOf) != 1 {
			t.Errorf("%.40q does not fit", path)
		}
	}
}

// TestLessKnownIsNeverLess holds that not knowing something of a change never takes
// a requirement away, and that the policy that is given stays as it is.
func TestLessKnownIsNeverLess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", "a/c", "d"})
		filter := rapid.Custom(func(t *rapid.T) *pipeline.Filter {
			if rapid.Bool().Draw(t, "none") {
				return nil
			}
			return &pipeline.Filter{Includes: rapid.SliceOfN(word, 0, 2).Draw(t, "includes"), Excludes: rapid.SliceOfN(word, 0, 2).Draw(t, "excludes")}
		})
		var p pipeline.Policy
		for i := range rapid.IntRange(1, 4).Draw(t, "requirements") {
			p.AllOf = append(p.AllOf, pipeline.Requirement{Required: i + 1, When: &pipeline.AppliesTo{
				Branches: filter.Draw(t, "branches"), Paths: filter.Draw(t, "paths"), Labels: filter.Draw(t, "labels"),
			}})
		}
		before := append([]pipeline.Requirement{}, p.AllOf...)
		words := rapid.SliceOfN(word, 0, 3)
		known := definition.Subject{Branch: word.Draw(t, "branch"), Paths: words.Draw(t, "changed"), Labels: words.Draw(t, "labels")}
		less := known
		if rapid.Bool().Draw(t, "no branch") {
			less.Branch = ""
		}
		if rapid.Bool().Draw(t, "no paths") {
			less.Paths = nil
		}
		if rapid.Bool().Draw(t, "no labels") {
			less.Labels = nil
		}
		asked, more := definition.PolicyFor(p, known), definition.PolicyFor(p, less)
		if len(more.AllOf) < len(asked.AllOf) || len(asked.AllOf)+len(asked.Waived) != len(p.AllOf) || !cmp.Equal(before, p.AllOf) {
			t.Fatalf("%+v asks for %v, %+v for %v", known, asked.AllOf, less, more.AllOf)
		}
	})
}
