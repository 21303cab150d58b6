package codeowners_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
)

const owners = "\ufeff# all of it\r\n" +
	"*          @octo-org/sre @octocat # and a remark\r\n" +
	"\r\n" +
	"/db/       @Octo-Org/DBA dba@example.com @other/team\n" +
	"/db/docs/\n" +
	"/vendor/   legal@example.com\n" +
	"/src/[id]/ @hubot\n" +
	"!/src      @hubot\n" +
	"/odd/      @hubot monalisa\n" +
	"/bad/      monalisa @ @/x @-a\n" +
	"\t/db/seed.sql @monalisa"

func TestOwners(t *testing.T) {
	t.Parallel()
	all := pipeline.Ownership{Pattern: "*", Owners: []pipeline.Selector{{Team: "sre"}, {User: "octocat"}}}
	db := pipeline.Ownership{Pattern: "/db/", Owners: []pipeline.Selector{{Team: "dba"}}, Others: []string{"dba@example.com", "@other/team"}}
	vendor := pipeline.Ownership{Pattern: "/vendor/", Others: []string{"legal@example.com"}}
	odd := pipeline.Ownership{Pattern: "/odd/", Owners: []pipeline.Selector{{User: "hubot"}}, Others: []string{"monalisa"}}
	seed := pipeline.Ownership{Pattern: "/db/seed.sql", Owners: []pipeline.Selector{{User: "monalisa"}}}
	f := parse(t, owners)
	for _, c := range []struct {
		name  string
		paths []string
		want  []pipeline.Ownership
	}{
		{"the line for everything", []string{"a.go"}, []pipeline.Ownership{all}},
		{"the last line that fits counts", []string{"db/schema.sql"}, []pipeline.Ownership{db}},
		{"a line counts once", []string{"db/a", "db/b", "a"}, []pipeline.Ownership{all, db}},
		{"a line without owners takes them away", []string{"db/docs/a.md"}, nil},
		{"a later line again", []string{"db/seed.sql", "db/docs/a.md"}, []pipeline.Ownership{seed}},
		{"only an address", []string{"vendor/x"}, []pipeline.Ownership{vendor}},
		{"lines that make no sense are skipped", []string{"src/[id]/a", "bad/a"}, []pipeline.Ownership{all}},
		{"an owner nobody can be", []string{"odd/a"}, []pipeline.Ownership{odd}},
		{"nothing has changed", []string{}, nil},
		{"what has changed is not known", nil, []pipeline.Ownership{all, db, vendor, odd, seed}},
	} {
		if d := cmp.Diff(c.want, f.Owners("octo-org", c.paths)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	if d := cmp.Diff([]string{
		"line 7: /src/[id]/: brackets have no meaning in patterns",
		"line 8: !/src: patterns cannot be turned round with !",
		"line 9: monalisa is no owner: write @person, @organization/team or an e-mail address",
		"line 10: monalisa is no owner: write @person, @organization/team or an e-mail address",
		"line 10: @ is no owner: write @person, @organization/team or an e-mail address",
		"line 10: @/x is no owner: write @person, @organization/team or an e-mail address",
		"line 10: @-a is no owner: write @person, @organization/team or an e-mail address",
	}, f.Mistakes); d != "" {
		t.Error(d)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"":                                      "",
		"# nothing":                             "",
		`a\ b @octocat`:                         `a\ b`,
		`\#a @octocat`:                          "",
		`a\`:                                    "",
		"/ @octocat":                            "",
		"a#b @octocat":                          "a#b",
		"a #@octocat":                           "",
		"a\t@octocat\t \t@hubot":                "a",
		strings.Repeat("x", 1001) + " @octocat": "",
	} {
		got := ""
		for _, o := range parse(t, content).Owners("octo-org", nil) {
			got += o.Pattern
		}
		if got != want {
			t.Errorf("%.30q: %q, want %q", content, got, want)
		}
	}
	// A line may be longer than any buffer: what follows it counts.
	long := "a " + strings.Repeat("@octocat ", 20_000) + "\nb @hubot\n"
	if list := parse(t, long).Owners("octo-org", []string{"b"}); len(list) != 1 || list[0].Owners[0].User != "hubot" {
		t.Errorf("after a long line: %v", list)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(owners), "db/seed.sql")
	f.Add([]byte("**/a/** @x"), "a/\n/b")
	f.Fuzz(func(t *testing.T, content []byte, path string) {
		file := parse(t, string(content))
		some := file.Owners("octo-org", []string{path})
		if len(some) > 1 || len(some) > len(file.Owners("octo-org", nil)) {
			t.Errorf("%q is owned by %v", path, some)
		}
	})
}
