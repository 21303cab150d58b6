package codeowners_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/codeowners"
	"github.com/penstock-cd/penstock/pipeline"
)

func parse(t *testing.T, content string) codeowners.File {
	t.Helper()
	f, err := codeowners.Parse([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, fits, not string }{
		{"*", "a b/c.go .x deep/er/d", ""},
		{"**", "a b/c.go", ""},
		{"*.js", "a.js b/c.js .js", "a.jsx a.js2"},
		{"*.js", "lib.js/a.go", "js"}, // a folder of that name, and what is in it
		{"/build/logs/", "build/logs/a build/logs/b/c", "build/logs x/build/logs/a build/logsx/a"},
		{"docs/*", "docs/a.md", "docs docs/b/c.md x/docs/a.md"},
		{"/docs/*", "docs/a.md", "docs/b/c.md"},
		{"docs/", "docs/a x/docs/a x/docs/b/c", "docs docsx/a"},
		{"apps/", "apps/a b/apps/c", "apps"},
		{"/docs/", "docs/a docs/b/c", "x/docs/a"},
		{"**/logs", "logs a/logs a/b/logs a/logs/b", "logsx a/xlogs"},
		{"/apps/github", "apps/github apps/github/a", "apps/githubx x/apps/github"},
		{"a/b", "a/b a/b/c", "x/a/b a/bc"}, // a slash in the middle binds it to the root
		{"file", "file a/file a/file/b", "files a/xfile"},
		{"/file", "file file/a", "a/file"},
		{"/*", "a .b", "a/b"},
		{"/**", "a a/b", ""},
		{"a/**", "a/b a/b/c", "a ab"},
		{"a/**/b", "a/b a/x/b a/x/y/b a/b/c", "ab b a/bx"},
		{"a/**/*.sql", "a/x.sql a/b/x.sql", "x.sql b/a/x.sql"},
		{"/db/*/up", "db/1/up db/1/up/a", "db/up db/1/2/up"},
		{"db/*/", "db/1/a db/1/b/c", "db/1 db/a.sql"},
		{"a?c", "abc aäc x/abc", "ac abbc"},
		{"a*b*c", "abc axbyc", "acb ab"},
		{`a\ b`, "a\x00b", ""},
		{`a\*b`, "a*b", "axb"},
		{"ä/", "ä/x", "a/x"},
		{"app/(group)/", "app/(group)/a", "app/group/a"},
		{"a,b~c", "a,b~c", "abc"},
		{"A", "A", "a"}, // letter case counts
		{"a//b", "", "a/b"},
	} {
		f := parse(t, c.pattern+" @octocat\n")
		if len(f.Mistakes) > 0 {
			t.Errorf("%s: %v", c.pattern, f.Mistakes)
		}
		for want, paths := range map[bool]string{true: c.fits, false: c.not} {
			for _, path := range strings.Fields(paths) {
				path = strings.ReplaceAll(path, "\x00", " ")
				if got := len(f.Owners("octo-org", []string{path})) == 1; got != want {
					t.Errorf("%s fits %s: %v", c.pattern, path, got)
				}
			}
		}
	}
}

// A name that is made to slip through is still found.
func TestHostilePaths(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*", "/src/", "src/**", "src/", "**/evil.go", "*.go", "/src/**/evil.go", "src"} {
		f := parse(t, pattern+" @octocat\n")
		for _, folder := range []string{"a\nb", "a\r\nb", "\x00", "\xff\xfe", " ", "#", "@octocat", "\u202e", "..", "*", "[a]", `\`} {
			if path := "src/" + folder + "/evil.go"; len(f.Owners("octo-org", []string{path})) != 1 {
				t.Errorf("%s does not fit %q", pattern, path)
			}
		}
	}
}

func TestPatternsTakeTheirTime(t *testing.T) {
	t.Parallel()
	start := time.Now()
	long := strings.Repeat("a", 4000)
	for _, pattern := range []string{strings.Repeat("*a", 400) + "b", strings.Repeat("**/a/", 180) + "b", strings.Repeat("**", 400) + "b"} {
		f := parse(t, pattern+" @octocat\n")
		if len(f.Mistakes) > 0 {
			t.Fatal(f.Mistakes)
		}
		for _, path := range []string{long, strings.Repeat("a/", 2000) + "a"} {
			if len(f.Owners("octo-org", []string{path})) != 0 {
				t.Errorf("%.20s fits", pattern)
			}
		}
	}
	var lines strings.Builder
	var paths []string
	for i := range 5000 {
		fmt.Fprintf(&lines, "/src/%d/**/*.go @octocat\n", i)
	}
	for i := range 600 {
		paths = append(paths, fmt.Sprintf("src/x/%d/y/z.go", i))
	}
	if n := len(parse(t, lines.String()).Owners("octo-org", paths)); n != 0 {
		t.Errorf("%d lines fit", n)
	}
	if took := time.Since(start); took > 20*time.Second { // a second or so; what is bounded badly takes hours
		t.Errorf("it took %s", took)
	}
}

func TestTooManyLines(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("a @octocat\n", codeowners.MaxLines)
	parse(t, content+"# and a comment\n")
	if _, err := codeowners.Parse([]byte(content + "b\n")); pipeline.KindOf(err) != pipeline.Invalid {
		t.Errorf("one line more: %v", err)
	}
}
