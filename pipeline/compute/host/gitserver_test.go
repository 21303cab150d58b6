package host_test

import (
	"errors"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

const token = "ghs_not-a-real-token-0123456789"

// gitServer serves a repository over HTTP with git's own server program, to
// those who know the token.
type gitServer struct {
	t    testing.TB
	dir  string // a working tree
	http *httptest.Server

	mu       sync.Mutex
	answer   func(w http.ResponseWriter, r *http.Request) bool // true: answered
	requests int
	tokens   int // requests that carried the token
}

func newGitServer(t testing.TB) *gitServer {
	t.Helper()
	g := &gitServer{t: t, dir: t.TempDir()}
	exe, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(exe)), "git-http-backend"),
		Env: []string{"GIT_PROJECT_ROOT=" + g.dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
		InheritEnv: []string{"PATH"},
	}
	g.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		g.mu.Lock()
		g.requests++
		if password == token {
			g.tokens++
		}
		answer := g.answer
		g.mu.Unlock()
		switch {
		case answer != nil && answer(w, r):
		case password != token:
			http.Error(w, "who are you?", http.StatusUnauthorized)
		default:
			backend.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(g.http.Close)
	g.git("init", "--quiet", "--initial-branch=main")
	return g
}

// answering answers requests in another way; true means answered.
func (g *gitServer) answering(answer func(w http.ResponseWriter, r *http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer = answer
}

func (g *gitServer) seen() (requests, tokens int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.requests, g.tokens
}

func (g *gitServer) source() compute.Source {
	return compute.Source{URL: g.http.URL + "/.git", Token: token}
}

// commit writes files, commits them and returns the commit's id.
func (g *gitServer) commit(files map[string]string) string {
	g.t.Helper()
	for name, content := range files {
		at := filepath.Join(g.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(content), 0o644)); err != nil {
			g.t.Fatal(err)
		}
	}
	g.git("add", "--all")
	g.git("commit", "--quiet", "--allow-empty", "--message=change")
	return g.git("rev-parse", "HEAD")
}

func (g *gitServer) git(args ...string) string {
	g.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=octo", "GIT_AUTHOR_EMAIL=octo@example.com", "GIT_COMMITTER_NAME=octo", "GIT_COMMITTER_EMAIL=octo@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		g.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}
