package definition_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// FuzzRead reads anything: no panic, positions that exist, sentences that are
// safe to print, and a pipeline exactly if there is no error.
func FuzzRead(f *testing.F) {
	for _, dir := range []string{"valid", "invalid", "aws/valid"} {
		for _, pattern := range []string{"*.yml", "*.json"} {
			files, err := os.ReadDir("testdata/" + dir)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range files {
				if !strings.HasSuffix(file.Name(), pattern[1:]) {
					continue
				}
				content, err := os.ReadFile("testdata/" + dir + "/" + file.Name())
				if err != nil {
					f.Fatal(err)
				}
				f.Add(content, strings.HasSuffix(file.Name(), ".json"))
			}
		}
	}
	for _, s := range []string{"a: |", "- ? :", "&a *a", "? ? ?", "[}", "{]", "%", "---", "...", "!!", "a: !!str", "\"\\u", "'", "*", "&", "<<: *a", "\n\t", "- - -\n-", "a:\n  - |\n  -", "|\n\n x"} {
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, asJSON bool) {
		name := "x.yml"
		if asJSON {
			name = "x.json"
		}
		for _, local := range []bool{false, true} {
			o := options()
			o.Local = local
			start := time.Now()
			p, problems := definition.Read(name, content, o)
			if took := time.Since(start); took > 5*time.Second {
				t.Fatalf("took %s", took)
			}
			if (p == nil) != problems.HasErrors() {
				t.Fatalf("pipeline %v with problems\n%s", p, told(problems))
			}
			if p != nil && (p.Name == "" || len(p.Stages) == 0) {
				t.Fatalf("an incomplete pipeline: %+v", p)
			}
			lines := bytes.Count(content, []byte("\n")) + 1
			for _, problem := range problems {
				if problem.Line < 1 || problem.Column < 1 || problem.Line > lines {
					t.Fatalf("no such place in %d lines: %s", lines, problem)
				}
				if s := problem.Message + problem.Hint + problem.Path; strings.ContainsFunc(s, unicode.IsControl) || len(s) > 4000 {
					t.Fatalf("not fit to be shown: %q", s)
				}
				definition.Excerpt(content, problem.Line, problem.Column)
			}
			environments, err := definition.Environments([]definition.File{{Path: name, Content: content}}, o)
			if p != nil && !local && (err != nil || !cmp.Equal(environments, p.Environments, cmpopts.EquateEmpty())) {
				t.Fatalf("the environments of a valid file are %+v, %v", environments, err)
			}
			if err != nil && (pipeline.KindOf(err) != pipeline.Invalid || len(err.Error()) > 4000 || strings.ContainsFunc(err.Error(), unicode.IsControl)) {
				t.Fatalf("not fit to be shown: %v", err)
			}
		}
	})
}

// TestReadHostile holds the cost of files that are made to be expensive: they are
// refused, and reading them takes little memory, which is measured for the whole
// process and therefore not in parallel with other tests.
func TestReadHostile(t *testing.T) {
	const size = 1 << 18
	fill := func(unit string) string { return strings.Repeat(unit, size/len(unit)) }
	deep := func(open string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			b.WriteString(strings.Repeat(" ", i%5000) + open + "\n")
		}
		return b.String()[:size]
	}
	for _, test := range []struct{ name, content string }{
		{"brackets", fill("[")},
		{"braces", fill("{a: ")},
		{"brackets in lines", fill("[\n")},
		{"dashes", fill("- ")},
		{"dashes in lines", fill("- - - - - - - - - - - - - - - - - - - -\n")},
		{"questions", fill("? ")},
		{"question lines", fill("? a\n")},
		{"keys", fill("abcd: efgh\n")},
		{"keys of a stage", "stages:\n- " + fill("abcd: efgh\n  ")},
		{"keys in flow", "{" + fill("a: b, ") + "}"},
		{"items", fill("- x\n")},
		{"stages", "stages:\n" + fill("- name: x\n")},
		{"staircase", deep("a:")},
		{"staircase of lists", deep("- a:")},
		{"comments", fill("# x\n")},
		{"comment in front of each key", fill("# x\na: b\n")},
		{"literal", "a: |\n" + fill("  xxxxxxx\n")},
		{"folded", "a: >\n" + fill("  x\n\n")},
		{"plain in lines", "a: x\n" + fill("  x\n")},
		{"quoted in lines", "a: \"" + fill("x\n ") + "\""},
		{"colons", fill("a: ")},
		{"anchors", fill("&a ")},
		{"anchor lines", fill("- &a x\n")},
		{"aliases", "a: &a [x, x, x, x]\n" + fill("- *a\n")},
		{"tags", fill("! ")},
		{"documents", fill("---\n")},
		{"empty lines", fill("\n") + "a: 1"},
		{"spaces", "a:" + fill(" ") + "b"},
		{"merges", "a: &a {b: c}\nd:\n" + fill("  <<: *a\n")},
		{"long keys", "? " + strings.Repeat("k", 9000) + "\n: " + fill("[x, ")},
		{"directives", fill("%YAML 1.2\n")},
		{"JSON brackets", `{"a": ` + fill("[")},
		{"JSON keys", `{"a": 1` + fill(`,"a": 1`) + "}"},
		{"as wide as allowed", strings.Repeat("- k: v\n"+strings.Repeat("  k: v\n", 990), 30)},
		{"as deep as allowed", strings.Repeat(strings.Repeat("- ", 60)+"x\n", 1500)},
		{"as deep as allowed, in brackets", fill("- " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\n")},
		{"expressions", "stages:\n" + actions(500, func(i int) string { return fmt.Sprintf("runIf: %d == 1%s == ''", i, strings.Repeat(" || branch", 98)) })},
		{"an expression, again and again", aliased("runIf", strings.Repeat("(branch == 'a') || ", 50)+"true")},
		{"deep expressions", "stages:\n" + actions(500, func(i int) string {
			return fmt.Sprintf("runIf: %d == 1 || %strue%s", i, strings.Repeat("[", 45), strings.Repeat("]", 45))
		})},
		{"macros", "stages:\n" + actions(500, func(i int) string {
			return fmt.Sprintf("runIf: \"%d == 1%s\"", i, strings.Repeat(" || files.exists(a, files.all(b, a == b))", 24))
		})},
		{"a command, again and again", aliased("commands", "["+strings.Repeat("\"echo $(echo $(echo #{variables.X}"+strings.Repeat(" #{variables.X}", 600)+"))\", ", 40)+"]")},
		{"windows", windows()},
		{"references", "stages:\n" + actions(50, func(int) string { return "commands: [\"" + strings.Repeat("#{a.b}", 1600) + "\"]" })},
		{"too large", strings.Repeat("x", 1<<20+1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if len(test.content) > 1<<20 && test.name != "too large" {
				t.Fatalf("%d bytes are not even looked at", len(test.content))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			p, problems := definition.Read("x.yml", []byte(test.content), options())
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if p != nil || len(problems) == 0 {
				t.Error("read as valid")
			}
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			// Most take less than 200 MB; the race detector empties the pools of fmt and
			// regexp again and again, which makes 1,000 of them.
			if allocated > 2000 {
				t.Errorf("%d MB allocated", allocated)
			}
			// Without the bounds some of these take minutes; the limit leaves room
			// for a busy machine and the race detector.
			if took > 30*time.Second {
				t.Errorf("took %s", took)
			}
			t.Logf("%s, %d MB allocated", took.Round(time.Millisecond), allocated)
		})
	}
}

// actions are stages of 100 actions, each with one more key.
func actions(count int, key func(int) string) string {
	var b strings.Builder
	for i := range count {
		if i%100 == 0 {
			fmt.Fprintf(&b, "- name: s%d\n  actions:\n", i)
		}
		fmt.Fprintf(&b, "  - {name: a%d, provider: Commands, %s}\n", i, key(i))
	}
	return b.String()
}

// aliased are as many actions as there may be with the same value of one key.
func aliased(key, value string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "x: &x %s\nstages:\n", value)
	for i := range 4000 {
		if i%100 == 0 {
			fmt.Fprintf(&b, "- name: s%d\n  actions:\n", i)
		}
		fmt.Fprintf(&b, "  - {name: a%d, %s: *x, provider: Commands}\n", i, key)
	}
	return b.String()
}

// windows are as many rules as there may be, all of which never open.
func windows() string {
	var b strings.Builder
	b.WriteString("stages:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "- name: s%d\n  actions: [{name: a, provider: Commands, commands: [x]}]\n", i)
		for _, block := range []string{"beforeEntry", "onSuccess", "onFailure"} {
			fmt.Fprintf(&b, "  %s:\n    rules:\n", block)
			for j := range 5 {
				fmt.Fprintf(&b, "    - {name: r%d, provider: DeploymentWindow, configuration: {Cron: \"0 %d,%d * 30 2 ?\", TimeZone: Europe/Zurich}}\n", j, i, j)
			}
		}
	}
	return b.String()
}
