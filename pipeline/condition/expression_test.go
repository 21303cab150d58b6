package condition_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

func facts() condition.Facts {
	return condition.Facts{
		Event: "pull_request", Branch: "topic", Ref: "refs/pull/7/head", SHA: strings.Repeat("a", 40), Message: "fix: a thing\n\nbody",
		Author: "octocat", Actor: "hubot", Pipeline: "release", Stage: "Build",
		PullRequest: condition.PullRequest{Number: 7, Base: "main", Head: "topic", Title: "Fix a thing", Labels: []string{"deploy"}, Draft: true},
		Variables:   map[string]string{"REGION": "eu-west-1"},
		Files:       []string{"db/1.sql", "docs/a.md"},
	}
}

func TestEval(t *testing.T) {
	t.Parallel()
	none := condition.Facts{Files: []string{}}
	for _, test := range []struct {
		text  string
		facts condition.Facts
		want  bool
	}{
		{`event == "pull_request" && branch == "topic" && tag == ""`, facts(), true},
		{`branch.startsWith("release/")`, facts(), false},
		{`"deploy" in pullRequest.labels && pullRequest.draft`, facts(), true},
		{`pullRequest.number == 7 && pullRequest.base == "main" && pullRequest.head == "topic"`, facts(), true},
		{`pullRequest.title.matches("(?i)^fix")`, facts(), true},
		{`variables.REGION == "eu-west-1"`, facts(), true},
		{`variables["REGION"] == "eu-west-1"`, facts(), true},
		{`has(variables.STAGE) && variables.STAGE == "x"`, facts(), false},
		{`files.exists(f, f.startsWith("db/"))`, facts(), true},
		{`files.all(f, f.startsWith("docs/"))`, facts(), false},
		{`files.size() == 2 && sha.size() == 40 && ref == "refs/pull/7/head"`, facts(), true},
		{`author == "octocat" || actor == "octocat" || message.contains("x")`, facts(), true},
		{`event in ["push", "schedule"]`, facts(), false},
		{`pipeline == "release" && stage == "Build"`, facts(), true},
		{`pullRequest.number == 0 && !("deploy" in pullRequest.labels) && pullRequest.title == ""`, none, true},
		{`files.all(f, f.startsWith("docs/"))`, none, true},
		{`true`, condition.Facts{}, true},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			e, err := condition.Compile(test.text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(test.facts)
			if err != nil || got != test.want {
				t.Errorf("got %t, %v", got, err)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{``, "is empty"},
		{` `, "is empty"},
		{`branch == `, "(at character"},
		{`brunch == "main"`, "undeclared reference to 'brunch' (did you mean 'branch'?) (at character 1)"},
		{`branch`, "must be true or false, and this is text"},
		{`files`, "this is a list"},
		{`1 + 1`, "this is a number"},
		{`branch == 1`, "no matching overload"},
		{`pullRequest.labls == []`, "undefined field 'labls'"},
		{`pullRequest != null`, "nothing is null"},
		{`branch.matches("[")`, "invalid matches argument"},
		{`event == "pull-request"`, `event is never "pull-request"`},
		{`"tag" != event`, `event is never "tag"`},
		{`event in ["push", "Push"]`, `event is never "Push"`},
		{`variables.X == 1`, "no matching overload"},
		{`now() > 1`, "undeclared reference to 'now'"},
		{`files.exists(a, files.exists(b, files.exists(c, a == c)))`, "nesting"},
		{strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200), "recursion"},
		{strings.Repeat("!", 999) + "x", ""},
		{"true" + strings.Repeat(" ", 1000), "the limit is 1000"},
		{"true || 'a\x00' == \"b", "(at"},
	} {
		t.Run(fmt.Sprintf("%.40s", test.text), func(t *testing.T) {
			t.Parallel()
			_, err := condition.Compile(test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) || pipeline.KindOf(err) != pipeline.Invalid {
				t.Fatalf("got %v", err)
			}
			if strings.ContainsAny(err.Error(), "\n\x00") || len(err.Error()) > 4000 {
				t.Errorf("not a sentence: %q", err)
			}
		})
	}
}

func TestEvalHasNoAnswer(t *testing.T) {
	t.Parallel()
	many := facts()
	many.Files = make([]string, 20_000)
	for i := range many.Files {
		many.Files[i] = fmt.Sprintf("some/folder/of/a/large/repository/file%d.go", i)
	}
	unknown := facts()
	unknown.Files = nil
	for _, test := range []struct {
		text  string
		facts condition.Facts
		kind  pipeline.Kind
		want  string
	}{
		{`variables.MISSING == "x"`, facts(), pipeline.Invalid, "no such key"},
		{`size(branch) / 0 == 1`, facts(), pipeline.Invalid, "zero"},
		{`files.exists(a, files.exists(b, a == b + "x"))`, many, pipeline.Invalid, "more work than is allowed"},
		{`files.size() == 0`, unknown, pipeline.Unavailable, "not known"},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			e, err := condition.Compile(test.text)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			got, err := e.Eval(test.facts)
			if got || err == nil || pipeline.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %t, %v", got, err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	if ok, err := (condition.Expression{}).Eval(facts()); ok || err == nil {
		t.Error("the zero value has an answer")
	}
}

func TestEvalOfALargeChange(t *testing.T) {
	t.Parallel()
	f := facts()
	f.Files = make([]string, 5_000)
	for i := range f.Files {
		f.Files[i] = fmt.Sprintf("some/folder/of/a/large/repository/file%d.go", i)
	}
	e, err := condition.Compile(`!files.exists(f, f.startsWith("db/") || f.endsWith(".sql"))`)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := e.Eval(f); !ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
}

func TestUsesFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`branch == "files"`: false, `files.size() > 0`: true, `true || files == []`: true, `variables.files == ""`: false,
	} {
		e, err := condition.Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if e.UsesFiles() != want {
			t.Errorf("%s: got %t", text, e.UsesFiles())
		}
	}
}

func TestEventWords(t *testing.T) {
	t.Parallel()
	words := map[string]bool{}
	for _, kind := range []pipeline.TriggerKind{
		pipeline.TriggerPush, pipeline.TriggerPullRequest, pipeline.TriggerMergeGroup, pipeline.TriggerManual, pipeline.TriggerSchedule,
		pipeline.TriggerComment, pipeline.TriggerRetry, pipeline.TriggerRollback, pipeline.TriggerAPI,
	} {
		word := condition.Event(kind)
		words[word] = true
		if _, err := condition.Compile(fmt.Sprintf("event == %q", word)); err != nil {
			t.Error(err)
		}
	}
	if len(words) != len(condition.Events()) {
		t.Errorf("%d words for %d events", len(words), len(condition.Events()))
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := condition.Compile(`event == "push" && branch.startsWith("release/")`); err != nil {
			b.Fatal(err)
		}
	}
}
