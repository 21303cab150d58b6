package definition_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

const (
	withProduction = "environments: {production: {branches: [main]}}\n" + small
	broken         = "stages: [{nom: Build, actions: [{provider: Nobody, provider: Commands}]}, *nowhere]\nnmae: x\n"
)

func named(environments []pipeline.Environment) string {
	var names []string
	for _, e := range environments {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	file := func(path, content string) definition.File {
		return definition.File{Path: path, Content: []byte(content)}
	}
	for _, test := range []struct {
		name  string
		files []definition.File
		want  string // names
		err   string // what it says; empty: none
	}{
		{"no file", nil, "", ""},
		{"a file without environments", []definition.File{file("a.yml", small)}, "", ""},
		{"the union", []definition.File{file("a.yml", withProduction), file("b.yml", "environments: {test: , qa: {}}\n"+small), file("c.yml", small)}, "production test qa", ""},
		{"a file of environments alone", []definition.File{file("a.yml", "environments: {production: {}}\n")}, "production", ""},
		{"JSON", []definition.File{file("a.json", `{"environments": {"production": {}}}`)}, "production", ""},
		{"AWS's envelope", []definition.File{file("a.json", `{"pipeline": {"environments": {"production": {}}}, "metadata": {}}`)}, "production", ""},
		{"merged into the root", []definition.File{file("a.yml", "x: &x {environments: {production: {}}}\n<<: *x\n")}, "production", ""},
		{"mistakes elsewhere in a file do not matter", []definition.File{file("a.yml", broken+"environments: {production: {}}\n")}, "production", ""},
		{"nor in another", []definition.File{file("a.yml", withProduction), file("b.yml", broken)}, "production", ""},

		{"a second declaration in another file", []definition.File{file("a.yml", withProduction), file("b.yml", "name: b\nenvironments:\n  production: {approval: {}}\n"+small)}, "",
			`b.yml:3: production: an environment of this name is declared in "a.yml", line 1, too (declare each environment once in the repository)`},
		{"whatever its case", []definition.File{file("a.yml", withProduction), file("b.yml", "environments: {PRODUCTION: {}}\n")}, "",
			`b.yml:1: PRODUCTION: an environment of this name is declared as "production" in "a.yml", line 1, too (declare each environment once in the repository)`},
		{"whatever the case of the first", []definition.File{file("a.yml", "environments: {PRODUCTION: {}}\n"), file("b.yml", withProduction)}, "",
			`b.yml:1: production: an environment of this name is declared as "PRODUCTION" in "a.yml", line 1, too (declare each environment once in the repository)`},
		{"a second declaration in the same map", []definition.File{file("a.yml", "environments:\n  production: {approval: {}}\n  production: {}\n")}, "",
			`a.yml:3: "production" stands twice in this map; the first is in line 2`},
		{"whatever its case, in the same map", []definition.File{file("a.yml", "environments:\n  production: {approval: {}}\n  Production: {}\n")}, "",
			`a.yml:3: Production: an environment of this name is declared as "production" in "a.yml", line 2, too (declare each environment once in the repository)`},
		{"a second map", []definition.File{file("a.yml", "environments: {production: {approval: {}}}\nenvironments: {production: {}}\n")}, "",
			`a.yml:2: "environments" stands twice in this map; the first is in line 1`},
		{"a second map in JSON", []definition.File{file("a.json", `{"environments": {"production": {"approval": {}}}, "environments": {"production": {}}}`)}, "",
			`a.json:1: "environments" stands twice in this map; the first is in line 1`},
		{"a second map in AWS's envelope", []definition.File{file("a.json", `{"pipeline": {"environments": {"a": {}}, "environments": {"a": {}}}}`)}, "",
			`a.json:1: "environments" stands twice in this map; the first is in line 1`},
		{"a second envelope", []definition.File{file("a.json", `{"pipeline": {"environments": {}}, "pipeline": {"environments": {"a": {}}}}`)}, "",
			`a.json:1: "pipeline" stands twice in this map; the first is in line 1`},
		{"a second envelope behind a text", []definition.File{file("a.json", `{"pipeline": "x", "pipeline": {"environments": {"a": {}}}}`)}, "",
			`a.json:1: "pipeline" stands twice in this map; the first is in line 1`},
		{"beside the pipeline in AWS's envelope", []definition.File{file("a.json", `{"pipeline": {"name": "x"}, "environments": {"production": {}}}`)}, "",
			"a.json:1: environments: stands beside `pipeline` (write it inside of `pipeline`)"},
		{"a key that stands twice within", []definition.File{file("a.yml", "environments:\n  production:\n    approval: {required: 2, required: 1}\n")}, "",
			`a.yml:3: "required" stands twice in this map; the first is in line 3`},
		{"an alias that is not defined", []definition.File{file("a.yml", "environments: {production: {approval: *rules}}\n")}, "",
			"a.yml:1: the alias *rules is not defined before this line (if it is text, put it in quotes); and 1 more in this file"},
		{"a merge at the root that is none", []definition.File{file("a.yml", "<<: production\n"+small)}, "", "a.yml:1: << merges maps, and this is text"},
		{"a mistake in a gate", []definition.File{file("a.yml", small), file("b.yml", "environments:\n  production:\n    approval: {required: 0, from: [{team: sre}], escalate: true}\n")}, "",
			"b.yml:3: required: must be a whole number from 1 to 100; and 1 more in this file"},
		{"a misspelt key", []definition.File{file("a.yml", "environments: {production: {aproval: {}}}\n")}, "",
			`a.yml:1: "aproval" is not a key of an environment (did you mean ` + "`approval`?)"},
		{"no value", []definition.File{file("a.yml", "environments:\n"+small)}, "", "a.yml:1: environments: has no value (give it a value, or remove the key)"},
		{"a list", []definition.File{file("a.yml", "environments: [production]\n")}, "", "a.yml:1: environments: must be a map of at most 50 environments (write `environments: {production: {}}`)"},
		{"a file that is no YAML", []definition.File{file("a.yml", withProduction), file("b.yml", "a: [\n")}, "", "b.yml:1: not valid YAML: sequence end token ']' not found"},
		{"a file that is no JSON", []definition.File{file("a.json", `{"a": `)}, "", "a.json:1: not valid JSON: the file ends in the middle of a value"},
		{"an empty file", []definition.File{file("a.yml", "# nothing\n")}, "", "a.yml:1: the file is empty (a pipeline needs at least `stages`)"},
		{"a file that is a list", []definition.File{file("a.yml", "- environments\n")}, "", "a.yml:1: the file: must be a map (a pipeline), and this is a list"},
		{"two documents", []definition.File{file("a.yml", withProduction+"---\n"+small)}, "", "a.yml:4: a second document begins here: a pipeline file holds one (put each pipeline in a file of its own in .penstock/)"},
		{"a file that is not text", []definition.File{file("a.yml", "name: \xff\n")}, "", "a.yml:1: the file is not UTF-8 text (save the file as UTF-8)"},
		{"a file that is too large", []definition.File{file("a.yml", strings.Repeat("#", 1<<20+1))}, "", "a.yml:1: the file is larger than 1 MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.Local = true // which makes no difference
			environments, err := definition.Environments(test.files, o)
			switch {
			case test.err == "" && (err != nil || named(environments) != test.want):
				t.Errorf("got %q, %v; want %q", named(environments), err, test.want)
			case test.err != "" && (err == nil || err.Error() != test.err || pipeline.KindOf(err) != pipeline.Invalid || environments != nil):
				t.Errorf("got %v, %v\nwant %s", environments, err, test.err)
			}
		})
	}
}

func TestEnvironmentsAreNeverLocal(t *testing.T) {
	t.Parallel()
	file := definition.File{Path: "a.yml", Content: []byte("environments: {production: {approval: {required: 2, from: [{team: sre}]}}}")}
	environments, err := definition.Environments([]definition.File{file}, definition.Options{Local: true})
	if err != nil || environments[0].Approval.Requirements()[0].String() != "2 approvals by team sre" {
		t.Errorf("%+v, %v", environments, err)
	}
}

// TestEnvironmentsAreReadAsInTheWholeFile holds that both ways to read a file agree.
func TestEnvironmentsAreReadAsInTheWholeFile(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"valid", "invalid"} {
		for _, name := range sources(t, dir) {
			if strings.Contains(name, "bomb") {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p, problems := definition.Read(name, content, options())
			environments, err := definition.Environments([]definition.File{{Path: name, Content: content}}, options())
			inPart := false
			for _, problem := range problems {
				inPart = inPart || problem.Severity == definition.SeverityError && strings.HasPrefix(problem.Path, "environments")
			}
			switch {
			case p != nil && (err != nil || !cmp.Equal(p.Environments, environments)):
				t.Errorf("%s: %v, %v", name, environments, err)
			case p == nil && inPart && err == nil:
				t.Errorf("%s: a mistake is no error: %s", name, told(problems))
			}
		}
	}
}

func TestReadAllEnvironments(t *testing.T) {
	t.Parallel()
	stage := func(name, environment string) string {
		return fmt.Sprintf("stages: [{name: %s, environment: %s, actions: [{name: test, provider: Commands, commands: [make]}]}]\n", name, environment)
	}
	files := func(contents ...string) []definition.File {
		var all []definition.File
		for i, content := range contents {
			all = append(all, definition.File{Path: fmt.Sprintf(".penstock/f%d.yml", i), Content: []byte(content)})
		}
		return all
	}
	production := "environments: {production: {freezes: [{reason: x, cron: \"0 0 * * *\", for: 1h, pipelines: [f0, f2]}]}}\n"
	for _, test := range []struct {
		name  string
		files []definition.File
		want  string
	}{
		{"declared in another file", files(stage("Ship", "production"), production+small, small), ""},
		{"declared nowhere", files(stage("Ship", "producton"), production+small, small),
			"1:36 stages[0].environment warning: environment: the environment \"producton\" is declared nowhere in these files; unless those of the default branch do, the stage is skipped\n    did you mean `production`?\n"},
		{"in another case of letters", files(stage("Ship", "Production"), production+small, small),
			"1:36 stages[0].environment warning: environment: the environment \"Production\" is declared nowhere in these files; unless those of the default branch do, the stage is skipped\n    did you mean `production`?\n"},
		{"no environment at all", files(stage("Ship", "production")),
			"1:36 stages[0].environment warning: environment: the environment \"production\" is declared nowhere in these files; unless those of the default branch do, the stage is skipped\n    declare it under `environments`\n"},
		{"a pipeline that there is not", files(stage("Ship", "production"), production+small),
			"1:95 environments.production.freezes[0].pipelines[1] warning: pipelines: no pipeline of these files is named \"f2\": the freeze does not hold it\n"},
		{"a file that cannot be read may hold it", files(stage("Ship", "production"), "a: ["), "1:4 . error: not valid YAML: sequence end token ']' not found\n"},
		{"declared twice", files(production+small, small, production+small),
			"1:16 environments.production error: production: an environment of this name is declared in \".penstock/f0.yml\", line 1, too\n    declare each environment once in the repository\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, problems := definition.ReadAll(test.files, options())
			if diff := cmp.Diff(test.want, told(problems)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, problems := definition.Read("x.yml", []byte(stage("Ship", "production")), options()); len(problems) > 0 {
		t.Errorf("one file of several is warned of:\n%s", told(problems))
	}
}

func TestTeamsAreOfTheOwner(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		team, repository string
		want             string // slug; empty: refused
	}{
		{"sre", "octo/shop", "sre"}, {"SRE", "octo/shop", "sre"}, {"'@octo/SRE'", "Octo/shop", "sre"}, {"'@octo/sre'", "", "sre"},
		{"'@hubot/sre'", "octo/shop", ""}, {"'@octo-org/sre'", "octo/shop", ""},
	} {
		o := options()
		o.Repository = test.repository
		got := ""
		environments, err := definition.Environments([]definition.File{{Path: "x.yml", Content: []byte("environments: {a: {approval: {from: [{team: " + test.team + "}]}}}")}}, o)
		if err == nil {
			got = environments[0].Approval.AllOf[0].From[0].Team
		}
		if got != test.want {
			t.Errorf("%s in %s: %q, %v", test.team, test.repository, got, err)
		}
	}
}

// A file that makes the reader look for a long time is read all the same.
func TestEnvironmentsHostile(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("environments:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "  e%d:\n    freezes:\n", i)
		for j := range 20 {
			fmt.Fprintf(&b, "    - {reason: x, cron: \"%d,%d * * * *\", for: 60d, timeZone: Europe/Zurich}\n", i, j)
		}
	}
	start := time.Now()
	if _, err := definition.Environments([]definition.File{{Path: "x.yml", Content: []byte(b.String())}}, options()); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 10*time.Second { // on a busy machine, with the race detector
		t.Errorf("took %s", took)
	}
}
