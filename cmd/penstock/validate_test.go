package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// validateCatalog knows Commands only.
type validateCatalog struct{}

func (validateCatalog) ActionTypes() []pipeline.ActionTypeInfo {
	return []pipeline.ActionTypeInfo{{Name: "Commands", Categories: []pipeline.Category{pipeline.CategoryCompute}, MaxInputs: 10, MaxOutputs: 10, TakesCommands: true}}
}

const validFile = "stages: [{name: Build, actions: [{name: test, provider: Commands, commands: [make]}]}]\n"

// validate calls the command in a folder with these files.
func validate(t *testing.T, files map[string]string, from, stdin string, args ...string) (code int, stdout string) {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	cmd := newValidateCommandIn(filepath.Join(root, from), validateCatalog{})
	cmd.SetArgs(append([]string{}, args...))
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors = true
	err := cmd.Execute()
	var exit *exitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		code = exit.code
	default:
		t.Fatalf("an error without an exit code: %v", err)
	}
	return code, out.String()
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files map[string]string
		from  string
		stdin string
		args  []string
		code  int
		want  string
	}{
		{
			name:  "every file of the repository, from a folder in it",
			files: map[string]string{".git/HEAD": "", ".penstock.yml": validFile, ".penstock/b.yml": validFile, "sub/x": "", "sub/.penstock.yml": "nonsense"},
			from:  "sub",
			want:  "../.penstock.yml: valid: pipeline pipeline with 1 stage\n../.penstock/b.yml: valid: pipeline b with 1 stage\n",
		},
		{
			name:  "what environments ask for, and what never opens",
			files: map[string]string{".penstock.yml": "environments:\n  test:\n  prod: {approval: {required: 2, from: [{user: octocat}], preventSelfApproval: false}}\n" + validFile},
			want: `.penstock.yml:3:20: warning: approval: asks for 2 approvals, and names only 1 who can give one: it is never met
      2 |   test:
      3 |   prod: {approval: {required: 2, from: [{user: octocat}], preventSelfApproval: false}}
        |                    ^
  hint: name more people, or a team

.penstock.yml: valid: pipeline pipeline with 1 stage
  environment test: for the default branch; no approval
  environment prod: for the default branch; 2 approvals by octocat; expires after 7d
`,
		},
		{
			name:  "outside of a repository",
			files: map[string]string{".penstock.yml": validFile},
			want:  ".penstock.yml: valid: pipeline pipeline with 1 stage\n",
		},
		{
			name:  "mistakes",
			files: map[string]string{".git/HEAD": "", ".penstock.yml": "nmae: x\nstages:\n- name: Build\n  actions:\n  - name: test\n    provider: Commands\n    commands:\n    - echo: \x07hi\n"},
			code:  2,
			want: `.penstock.yml:8:13: error: a control character (U+0007) has no place in this file
      7 |     commands:
      8 |     - echo: ·hi
        |             ^
  hint: remove it

1 mistake
`,
		},
		{
			name:  "two mistakes in two files",
			files: map[string]string{".git/HEAD": "", ".penstock.yml": "nmae: x\n" + validFile, ".penstock/a.yml": "name: a\n", ".penstock/ok.json": `{"stages": [{"name": "B", "actions": [{"name": "t", "provider": "Commands", "commands": ["x"]}]}]}`},
			code:  2,
			want: `.penstock.yml:1:1: error: "nmae" is not a key of a pipeline
      1 | nmae: x
        | ^
  hint: did you mean ` + "`name`" + `?

.penstock/a.yml:1:1: error: stages: missing
      1 | name: a
        | ^
  hint: write ` + "`stages: [{name: Build, actions: [...]}]`" + `

.penstock/ok.json: valid: pipeline ok with 1 stage
2 mistakes
`,
		},
		{
			name: "standard input", stdin: validFile, args: []string{"-"},
			want: "stdin: valid: pipeline pipeline with 1 stage\n",
		},
		{
			name: "standard input, not valid, as JSON", stdin: "stages: []\n", args: []string{"-", "-o", "json"}, code: 2,
			want: `{
  "valid": false,
  "problems": [
    {
      "file": "stdin",
      "line": 1,
      "column": 9,
      "path": "stages",
      "message": "stages: is empty",
      "hint": "write ` + "`- name: Build` and its `actions`" + `",
      "severity": "error"
    }
  ]
}
`,
		},
		{
			name: "valid as JSON", files: map[string]string{"any.yml": validFile}, args: []string{"any.yml", "--output", "json"},
			want: "{\n  \"valid\": true,\n  \"problems\": []\n}\n",
		},
		{
			name: "none there", files: map[string]string{".git/HEAD": ""}, code: 2,
			want: ".penstock.yml:1:1: error: no pipeline file found\n  hint: write .penstock.yml at the root of the repository, or name a file\n\n1 mistake\n",
		},
		{
			name: "a name that is not read", files: map[string]string{".git/HEAD": "", ".penstock.yaml": validFile, ".penstock/a.yml": validFile},
			want: ".penstock.yaml:1:1: warning: this file is not read: pipeline files end in .yml or .json\n  hint: rename it to .penstock.yml\n\n.penstock/a.yml: valid: pipeline a with 1 stage\n",
		},
		{
			name: "unreadable", args: []string{"missing.yml"}, code: 2,
			want: "missing.yml:1:1: error: the file cannot be read: no such file or directory\n\n1 mistake\n",
		},
		{
			name: "two files of the same pipeline", files: map[string]string{"a.yml": "name: x\n" + validFile, "b.yml": "name: x\n" + validFile}, args: []string{"a.yml", "b.yml"}, code: 2,
			want: "b.yml:1:7: error: the pipeline \"x\" is declared in \"a.yml\" too\n      1 | name: x\n        |       ^\n  hint: give each pipeline of a repository a name of its own\n\na.yml: valid: pipeline x with 1 stage\n1 mistake\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, got := validate(t, test.files, test.from, test.stdin, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateJSONAlwaysAnswers(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"none there": {"-o", "json"}, "a folder": {".", "-o", "json"}, "missing": {"x.yml", "-o", "json"}} {
		code, out := validate(t, nil, "", "", args...)
		var r validationReport
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 2 || r.Valid || len(r.Problems) != 1 || r.Problems[0].Severity != definition.SeverityError {
			t.Errorf("%s: exit code %d, %v\n%s", name, code, err, out)
		}
	}
}

func TestValidateUsage(t *testing.T) {
	t.Parallel()
	if code, _ := validate(t, map[string]string{"a.yml": validFile}, "", "", "a.yml", "-o", "xml"); code != 2 {
		t.Errorf("exit code %d", code)
	}
}

func TestValidateColours(t *testing.T) {
	t.Parallel()
	v := validation{colour: true}
	var b strings.Builder
	v.problem(&b, definition.Problem{File: "x.yml", Line: 1, Column: 3, Message: "no", Severity: definition.SeverityError}, []byte("a: b"))
	want := "\x1b[1mx.yml:1:3:\x1b[0m \x1b[31merror:\x1b[0m no\n      1 | a: b\n        |   \x1b[31m^\x1b[0m\n\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
