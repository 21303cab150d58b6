package definition_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

const small = "stages: [{name: Build, actions: [{name: test, provider: Commands, commands: [make]}]}]\n"

func TestReadName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, content, want string }{
		{"said", ".penstock.yml", "name: x\n" + small, "x"},
		{"the root file", ".penstock.yml", small, "pipeline"},
		{"the root file as JSON", ".penstock.json", `{"stages": [{"name": "B", "actions": [{"name": "t", "provider": "Commands", "commands": ["x"]}]}]}`, "pipeline"},
		{"one of several", ".penstock/deploy.yml", small, "deploy"},
		{"standard input", "stdin", small, "pipeline"},
		{"a number", ".penstock.yml", "name: 1.10\n" + small, "1.10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, problems := definition.Read(test.file, []byte(test.content), options())
			if p == nil || len(problems) > 0 {
				t.Fatal(told(problems))
			}
			if p.Name != test.want || p.File != test.file || p.V != definition.Version {
				t.Errorf("got name %q file %q v %d", p.Name, p.File, p.V)
			}
		})
	}
	if p, problems := definition.Read(".penstock/my file.yml", []byte(small), options()); p != nil || problems[0].Path != "name" {
		t.Errorf("a file name that cannot be a pipeline's: %s", told(problems))
	}
}

func TestReadTriggersLeftOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, content, branch string
		push, pull            *pipeline.Filter
		hasPush, hasPull      bool
	}{
		{"no default branch known", small, "", nil, nil, true, true},
		{"default branch", small, "trunk", include("trunk"), include("trunk"), true, true},
		{"a default branch that looks like a pattern", small, "a[b]{c}*", include(`a\[b\]\{c\}\*`), include(`a\[b\]\{c\}\*`), true, true},
		{"push only", "triggers: {push: {}}\n" + small, "trunk", include("trunk"), nil, true, false},
		{"pull requests only", "triggers: {pullRequest: {branches: [x]}}\n" + small, "trunk", nil, include("x"), false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.DefaultBranch = test.branch
			p, problems := definition.Read("x.yml", []byte(test.content), o)
			if p == nil {
				t.Fatal(told(problems))
			}
			var want pipeline.Triggers
			if test.hasPush {
				want.Push = []pipeline.PushFilter{{Branches: test.push}}
			}
			if test.hasPull {
				want.PullRequest = []pipeline.PullRequestFilter{{Branches: test.pull}}
			}
			if diff := cmp.Diff(want, p.Triggers); diff != "" {
				t.Error(diff)
			}
			trunk := definition.Change{Kind: pipeline.TriggerPush, Branch: cmpOr(test.branch, "trunk"), DefaultBranch: cmpOr(test.branch, "trunk")}
			if starts, why, _ := definition.Judge(p.Triggers, trunk); starts != test.hasPush {
				t.Error("the default branch itself: " + why)
			}
		})
	}
}

func include(patterns ...string) *pipeline.Filter { return &pipeline.Filter{Includes: patterns} }

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestReadLocal(t *testing.T) {
	t.Parallel()
	content := []byte(`
environments:
  production:
    branches: [main]
    approval: {allOf: [{required: 2, from: [{team: sre}]}], timeout: 2h, remindAfter: 1h, override: [{team: sre}]}
  test:
stages:
- {name: Test, environment: test, actions: [{name: test, provider: Commands, commands: [make]}]}
- {name: Ship, environment: production, actions: [{name: ship, provider: CodeDeploy, inputArtifacts: [source], configuration: {ApplicationName: x, DeploymentGroupName: y}}]}
- {name: Else, environment: elsewhere, actions: [{name: test, provider: Commands, commands: [make]}]}
- {name: Last, actions: [{name: approve, provider: Manual, approval: {required: 2, from: [{team: sre}]}}]}
`)
	o := options()
	o.Local = true
	p, problems := definition.Read("x.yml", content, o)
	if p == nil {
		t.Fatal(told(problems))
	}
	if len(problems) != 1 || problems[0].Severity != definition.SeverityWarning {
		t.Errorf("want one warning of the action that is skipped, got:\n%s", told(problems))
	}
	if a := p.Stages[3].Actions[0].Approval; a.Requirements()[0].String() != "1 approval by people with write access" {
		t.Errorf("an action's gate asks for %v", a.Requirements())
	}
	for i, want := range []struct {
		environment string
		timeout     time.Duration // 0: it has no gate
	}{{"test", 0}, {"production", 2 * time.Hour}, {"elsewhere", 7 * 24 * time.Hour}} {
		s := p.Stages[i]
		at := slices.IndexFunc(p.Environments, func(e pipeline.Environment) bool { return e.Name == want.environment })
		if s.Environment != want.environment || at < 0 {
			t.Fatalf("stage %s: %q %+v", s.Name, s.Environment, p.Environments)
		}
		var gate *pipeline.Policy
		if want.timeout != 0 {
			gate = &pipeline.Policy{Required: 1, Timeout: want.timeout}
		}
		if diff := cmp.Diff(gate, p.Environments[at].Approval); diff != "" {
			t.Errorf("environment %s: %s", s.Environment, diff)
		}
	}
	if a := p.Stages[1].Actions[0]; a.Type.Provider != "CodeDeploy" || a.Type.Category != pipeline.CategoryDeploy {
		t.Errorf("the skipped action is %+v", a.Type)
	}
	if p, problems := definition.Read("x.yml", content, options()); p == nil || p.Environments[0].Approval.AllOf[0].Required != 2 || len(p.Environments) != 2 {
		t.Errorf("on a server: %s", told(problems))
	}
	if p, problems := definition.Read("x.yml", []byte("environments: {a: {branch: x}}\n"+small), o); p != nil {
		t.Errorf("an unknown key of an environment is ignored: %s", told(problems))
	}
}

func TestReadAll(t *testing.T) {
	t.Parallel()
	pipelines, problems := definition.ReadAll([]definition.File{
		{Path: ".penstock.yml", Content: []byte("name: one\n" + small)},
		{Path: ".penstock/a.yml", Content: []byte("name: one\n" + small)},
		{Path: ".penstock/two.yml", Content: []byte(small)},
		{Path: ".penstock/b.yml", Content: []byte("nmae: x\n" + small)},
	}, options())
	var got []bool
	for _, p := range pipelines {
		got = append(got, p != nil)
	}
	if want := []bool{true, false, true, false}; !slices.Equal(got, want) {
		t.Errorf("valid: got %v, want %v", got, want)
	}
	want := `1:7 name error: the pipeline "one" is declared in ".penstock.yml" too
    give each pipeline of a repository a name of its own
1:1 nmae error: "nmae" is not a key of a pipeline
    did you mean ` + "`name`?\n"
	if diff := cmp.Diff(want, told(problems)); diff != "" {
		t.Error(diff)
	}
}

func TestReadTellsAtMostSomeHundreds(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("stages:\n- name: Build\n  actions:\n")
	for range 90 {
		b.WriteString("  - {a: 1, b: 2, c: 3, d: 4, e: 5}\n")
	}
	_, problems := definition.Read("x.yml", []byte(b.String()), options())
	if len(problems) != 301 || !strings.Contains(told(problems), "more than 300 mistakes") {
		t.Errorf("%d problems", len(problems))
	}
}

func TestReadWhatIsNotYetThere(t *testing.T) {
	t.Parallel()
	_, problems := definition.Read("x.yml", []byte(small), definition.Options{})
	if !strings.Contains(told(problems), `"Commands" cannot run in this version`) {
		t.Errorf("without a catalog: %s", told(problems))
	}
}

func TestProblemJSON(t *testing.T) {
	t.Parallel()
	_, problems := definition.Read("x.yml", []byte("nmae: x\n"+small), options())
	b, err := json.Marshal(problems)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"file":"x.yml","line":1,"column":1,"path":"nmae","message":"\"nmae\" is not a key of a pipeline","hint":"did you mean ` + "`name`" + `?","severity":"error"}]`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	if got, want := problems[0].String(), "x.yml:1:1: \"nmae\" is not a key of a pipeline (did you mean `name`?)"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	digest := func(file, content string) string {
		p, problems := definition.Read(file, []byte(content), options())
		if p == nil {
			t.Fatal(told(problems))
		}
		return definition.Digest(p)
	}
	a := digest("x.yml", "name: x\n"+small)
	if !strings.HasPrefix(a, "sha256:") || len(a) != 7+64 {
		t.Errorf("got %q", a)
	}
	if b := digest("x.yml", "# comment\nname: 'x'\nexecutionMode: SUPERSEDED\n"+small); a != b {
		t.Error("the same pipeline, written otherwise, has another digest")
	}
	if b := digest("x.yml", "name: y\n"+small); a == b {
		t.Error("another pipeline has the same digest")
	}
	many := "environmentVariables: {" + strings.Join(func() (s []string) {
		for i := range 50 {
			s = append(s, fmt.Sprintf("A%d: x", i))
		}
		return s
	}(), ", ") + "}"
	content := strings.Replace(small, "commands: [make]", "commands: [make], "+many, 1)
	first := digest("x.yml", content)
	for range 10 {
		if digest("x.yml", content) != first {
			t.Fatal("the digest is not the same each time")
		}
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want time.Duration // 0: refused
	}{
		{"90s", 90 * time.Second}, {"15m", 15 * time.Minute}, {"1h30m", 90 * time.Minute}, {"7d", 168 * time.Hour},
		{"1d12h", 36 * time.Hour}, {"60d", 1440 * time.Hour}, {"1s", time.Second}, {"1.5h", 90 * time.Minute},
		{"0s", 0}, {"999ms", 0}, {"60d1s", 0}, {"1440h1s", 0}, {"1.5d", 0}, {"d", 0}, {"1d2d", 0}, {"7 d", 0}, {"1e3s", 0},
		{"99999999999999999999d", 0}, {"9999999h", 0}, {"+5m", 0}, {"-5m", 0}, {"5", 0}, {"1dx", 0}, {".d", 0},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			file := fmt.Sprintf("stages: [{name: a, actions: [{name: b, provider: Commands, commands: [x], timeout: %q}]}]", test.text)
			p, problems := definition.Read("x.yml", []byte(file), options())
			switch {
			case test.want == 0 && p != nil:
				t.Errorf("read as %s", p.Stages[0].Actions[0].Timeout)
			case test.want != 0 && p == nil:
				t.Error(told(problems))
			case p != nil && p.Stages[0].Actions[0].Timeout != test.want:
				t.Errorf("read as %s", p.Stages[0].Actions[0].Timeout)
			}
		})
	}
}
