package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/penstock-cd/penstock"

// room is a folder and what of this module and of the outside it may import. A
// name ending in /... includes the folders below. Packages of the standard
// library are always allowed.
type room struct {
	path    string
	inside  []string
	outside []string
}

// rooms is the table of who may import whom. The first entry that fits a folder
// counts. Test files may besides import what they test with: see testsMay.
func rooms() []room {
	const (
		yaml = "github.com/goccy/go-yaml/..."
		echo = "github.com/labstack/echo/v4/..."
	)
	return []room{
		{path: "pipeline"},
		{path: "pipeline/policy", inside: []string{"pipeline"}},
		{path: "pipeline/machine", inside: []string{"pipeline", "pipeline/policy"}},
		{path: "pipeline/condition", inside: []string{"pipeline"}, outside: []string{"cel.dev/cel-go/..."}},
		{path: "pipeline/definition", inside: []string{"pipeline", "pipeline/condition", "pipeline/shell"}, outside: []string{yaml, "github.com/bmatcuk/doublestar/v4"}},
		{path: "pipeline/compute/...", inside: []string{"pipeline", "pipeline/compute/..."},
			outside: []string{"github.com/klauspost/compress/...", "github.com/bmatcuk/doublestar/v4", "golang.org/x/sys/unix"}},
		{path: "pipeline/provider", inside: []string{"pipeline", "pipeline/compute"}},
		{path: "pipeline/provider/standard", inside: []string{"pipeline/provider/..."}},
		{path: "pipeline/provider/providertest", inside: []string{"pipeline", "pipeline/provider", "pipeline/compute/..."},
			outside: []string{"github.com/google/go-cmp/..."}},
		{path: "pipeline/provider/...", inside: []string{"pipeline", "pipeline/condition", "pipeline/provider", "pipeline/compute/..."}},
		{path: "pipeline/outgoing"},
		{path: "pipeline/secret", inside: []string{"pipeline"}, outside: []string{"github.com/bmatcuk/doublestar/v4"}},
		{path: "pipeline/shell", inside: []string{"pipeline"}, outside: []string{"mvdan.cc/sh/v3/syntax"}},
		{path: "pipeline/engine", inside: []string{"pipeline", "pipeline/shell", "pipeline/condition", "pipeline/machine", "pipeline/provider", "pipeline/compute", "pipeline/secret"}},
		{path: "storage/...", inside: []string{"pipeline", "storage/..."},
			outside: []string{"github.com/mattn/go-sqlite3", "github.com/klauspost/compress/...", "golang.org/x/sys/unix",
				"github.com/google/go-cmp/...", "pgregory.net/rapid"}},
		{path: "configs", outside: []string{yaml}},
		{path: "bot/emulation"},
		{path: "bot/calls/...", inside: []string{"pipeline"}},
		{path: "bot/githubapp/emulator/...", inside: []string{"pipeline", "bot/emulation", "bot/githubapp/emulator/..."},
			outside: []string{"github.com/golang-jwt/jwt/v4", "github.com/google/uuid"}},
		{path: "bot/slackapp/emulator", inside: []string{"bot/emulation"}, outside: []string{"github.com/gorilla/websocket"}},
		{path: "bot/githubapp", inside: []string{"pipeline", "pipeline/policy", "bot/calls"},
			outside: []string{"github.com/google/go-github/v60/github", "github.com/bradleyfalzon/ghinstallation/v2", "github.com/golang-jwt/jwt/v4"}},
		{path: "bot/slackapp", inside: []string{"pipeline", "bot/calls"}, outside: []string{"github.com/slack-go/slack", "github.com/gorilla/websocket", echo}},
		{path: "bot/report", inside: []string{"pipeline", "pipeline/policy", "bot/command", "bot/explain"}, outside: []string{"github.com/slack-go/slack"}},
		{path: "bot/...", inside: []string{"pipeline", "pipeline/condition", "pipeline/definition", "pipeline/policy", "bot/..."}, outside: []string{echo}},
		{path: "cmd/...", inside: []string{"..."}, outside: []string{"..."}},
	}
}

// testsMay lists what tests use besides their room: the kits of other rooms that
// are made for tests, and test libraries.
func testsMay() (inside, outside []string) {
	return []string{"pipeline/...", "storage/storagetest", "storage", "bot/githubapp/emulator", "bot/githubapp/emulator/...", "bot/slackapp/emulator", "bot/calls/callstest", "bot/command"},
		[]string{"github.com/google/go-cmp/...", "pgregory.net/rapid", "golang.org/x/tools/txtar", "github.com/rogpeppe/go-internal/...",
			"github.com/getkin/kin-openapi/...", "github.com/santhosh-tekuri/jsonschema/v6", "github.com/google/go-github/v60/github", "github.com/bradleyfalzon/ghinstallation/v2",
			"github.com/gorilla/websocket", "github.com/slack-go/slack/...", "github.com/golang-jwt/jwt/v4", "github.com/mattn/go-sqlite3", "github.com/klauspost/compress/...", "github.com/goccy/go-yaml/..."}
}

// TestImportDirections reads every import line of the project.
func TestImportDirections(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") && name != root {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		files++
		file, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		checkFile(t, root, filepath.ToSlash(file))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("read only %d files below %s", files, root)
	}
}

func checkFile(t *testing.T, root, file string) {
	t.Helper()
	folder := path.Dir(file)
	i := slices.IndexFunc(rooms(), func(r room) bool { return matches(r.path, folder) })
	if i < 0 {
		t.Errorf("%s: no room has this folder", file)
		return
	}
	r := rooms()[i]
	inside, outside := append([]string{folder}, r.inside...), r.outside
	if strings.HasSuffix(file, "_test.go") {
		moreInside, moreOutside := testsMay()
		inside, outside = append(inside, moreInside...), append(slices.Clone(outside), moreOutside...)
	}
	source, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(name, "/")
		own, isOwn := strings.CutPrefix(name, module+"/")
		switch {
		case isOwn && !allowed(inside, own):
			t.Errorf("%s: room %s may not import %s", file, r.path, own)
		case isOwn && strings.HasPrefix(own, "cmd/") && !strings.HasPrefix(file, "cmd/"):
			t.Errorf("%s: nothing imports cmd", file)
		case !isOwn && strings.Contains(first, ".") && !allowed(outside, name):
			t.Errorf("%s: room %s may not import %s", file, r.path, name)
		}
	}
}

func allowed(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// matches reports whether a pattern of the table names a folder or package.
func matches(pattern, name string) bool {
	prefix, deep := strings.CutSuffix(pattern, "...")
	if !deep {
		return pattern == name
	}
	return strings.HasPrefix(name+"/", prefix)
}
