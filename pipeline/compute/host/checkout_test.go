package host_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

func TestCheckout(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		server := newGitServer(t)
		first := server.commit(map[string]string{"a.txt": "one\n", "dir/b": "two\n"})
		server.commit(map[string]string{"a.txt": "changed\n"})
		h := newHarness(t, sandbox)
		h.sources.Set(server.source(), nil)
		task := h.task("cat a.txt dir/b", "git status --short", "git rev-parse HEAD", "git log --oneline | wc -l", "git remote; cat .git/config")
		task.Checkout, task.Revision.SHA = true, first
		h.succeeded(task, h.run(task))
		want := "one\ntwo\n" + first + "\n1\n[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"
		if diff := cmp.Diff(want, h.log(task, pipeline.Stdout)); diff != "" {
			t.Error(diff)
		}
		if found := grep(t, os.DirFS(h.dir), token); found != "" {
			t.Errorf("the token is in %s", found)
		}
		if requests, tokens := server.seen(); requests != 1 || tokens != 1 {
			t.Errorf("%d requests, %d with the token", requests, tokens)
		}
	})
}

func TestCheckoutWithoutFiles(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.sources.Set(compute.Source{}, pipeline.Errorf(pipeline.NotFound, "never asked"))
	task := h.task("ls -A")
	h.succeeded(task, h.run(task))
	if got := h.log(task, pipeline.Stdout); got != "" {
		t.Errorf("the folder holds %q", got)
	}
}

func TestCheckoutOfAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"a": "1", ".hidden": "2"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	h := newHarness(t)
	h.sources.Set(compute.Source{Dir: dir}, nil)
	task := h.task("ls -A; cat link; test -x a; echo 2 > a")
	task.Checkout = true
	h.succeeded(task, h.run(task))
	if got := h.log(task, pipeline.Stdout); got != ".hidden\na\nlink\n1\n" {
		t.Errorf("got %q", got)
	}
	if content, _ := os.ReadFile(filepath.Join(dir, "a")); string(content) != "1" {
		t.Errorf("the original was changed to %q", content)
	}
}

func TestCheckoutFails(t *testing.T) {
	t.Parallel()
	server := newGitServer(t)
	sha := server.commit(map[string]string{"a": "1"})
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token was sent to another server")
		}
	}))
	defer other.Close()
	status := func(code int) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Location", other.URL+r.URL.Path)
			w.WriteHeader(code)
			return true
		}
	}
	text := func(body string) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
			fmt.Fprint(w, body)
			return true
		}
	}
	tests := []struct {
		name     string
		sha      string
		answer   func(w http.ResponseWriter, r *http.Request) bool
		kind     pipeline.FailureType
		summary  string
		requests int
	}{
		{"unknown commit", strings.Repeat("1", 40), nil, pipeline.RevisionUnavailable, "does not have this commit", 3},
		{"a branch is no commit", "main", nil, pipeline.RevisionUnavailable, "not a full commit id", 0},
		{"an option is no commit", "--upload-pack=touch /tmp/evil", nil, pipeline.RevisionUnavailable, "not a full commit id", 0},
		{"refused", sha, status(403), pipeline.PermissionError, "403", 3},
		{"no repository", sha, status(404), pipeline.RevisionUnavailable, "does not know the repository", 3},
		{"moved elsewhere", sha, status(301), pipeline.RevisionUnavailable, "redirects are not followed", 1},
		{"moved for now", sha, status(307), pipeline.RevisionUnavailable, "redirects are not followed", 1},
		{"down", sha, status(503), pipeline.SystemUnavailable, "gave up after", -1},
		{"says nothing", sha, text(""), pipeline.SystemUnavailable, "is broken", -1},
		{"says nonsense", sha, text("zzzz"), pipeline.SystemUnavailable, "is broken", -1},
		{"ends early", sha, text("000dpackfile\n0009\x01PACK"), pipeline.SystemUnavailable, "is broken", -1},
		{"sends a broken pack", sha, text("000dpackfile\n000d\x01nonsense0000"), pipeline.SystemUnavailable, "index-pack", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			h.sources.Set(server.source(), nil)
			server.answering(tt.answer)
			defer server.answering(nil)
			before, _ := server.seen()
			task := h.task("echo ran")
			task.Checkout, task.Revision.SHA = true, tt.sha
			h.failed(task, h.run(task), tt.kind, tt.summary)
			after, _ := server.seen()
			if n := after - before; tt.requests >= 0 && n != tt.requests || tt.requests < 0 && n < 2 {
				t.Errorf("%d requests", n)
			}
			if strings.Contains(h.log(task), "ran") {
				t.Error("the commands were run")
			}
		})
	}
}

func TestCheckoutGoesOnWhenTheServerIsBack(t *testing.T) {
	t.Parallel()
	server := newGitServer(t)
	sha := server.commit(map[string]string{"a": "1"})
	h := newHarness(t, func(o *host.Options) { o.PrepareLimit = time.Minute })
	h.sources.Set(server.source(), nil)
	failures := 4
	server.answering(func(w http.ResponseWriter, _ *http.Request) bool {
		failures--
		if failures >= 0 {
			w.WriteHeader(http.StatusBadGateway)
		}
		return failures >= 0
	})
	task := h.task("cat a")
	task.Checkout, task.Revision.SHA = true, sha
	h.succeeded(task, h.run(task))
	if log := h.log(task); !strings.Contains(log, "502 Bad Gateway; trying again in") {
		t.Errorf("people are not told:\n%s", log)
	}
}

func TestAServerThatCannotBeReachedIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.sources.Set(compute.Source{URL: "http://127.0.0.1:1/x.git", Token: token}, nil)
	task := h.task("true")
	task.Checkout = true
	h.failed(task, h.run(task), pipeline.SystemUnavailable, "cannot be reached")
	if strings.Contains(h.log(task), token) {
		t.Error("the token is in the log")
	}
}

func TestStopDuringPreparation(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(o *host.Options) { o.PrepareLimit, o.RetryDelay = time.Hour, time.Hour })
	h.sources.Set(compute.Source{}, pipeline.Errorf(pipeline.Unavailable, "not now"))
	task := h.task("true")
	task.Checkout = true
	h.start(task)
	h.awaitLog(task, "not now; trying again")
	h.stop(task)
	if status := h.await(task, compute.Ended); status.Status != pipeline.ActionAbandoned {
		t.Errorf("got %+v", status)
	}
}

// A repository can name programs in many places. None of them may run, neither
// at the checkout nor, with our configuration, in the commands' own git.
func TestHostileRepository(t *testing.T) {
	t.Parallel()
	server := newGitServer(t)
	trap := filepath.Join(t.TempDir(), "sprung")
	sha := server.commit(map[string]string{
		".gitattributes":          "* filter=evil diff=evil merge=evil\n*.bin filter=lfs\n",
		".gitmodules":             "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c touch% " + trap + "\n\tupdate = !touch " + trap + "\n",
		".gitconfig":              "[filter \"evil\"]\n\tsmudge = touch " + trap + "\n[core]\n\tfsmonitor = touch " + trap + "\n",
		".githooks/post-checkout": "#!/bin/sh\ntouch " + trap + "\n",
		"hooks/post-checkout":     "#!/bin/sh\ntouch " + trap + "\n",
		".lfsconfig":              "[lfs]\n\turl = http://127.0.0.1:1/\n",
		"big.bin":                 "version https://git-lfs.github.com/spec/v1\n",
		"objects/x":               "", "refs/x": "", "HEAD": "ref: refs/heads/evil\n",
		"config": "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = touch " + trap + "\n\tbare = true\n",
	})
	h := newHarness(t)
	h.sources.Set(server.source(), nil)
	task := h.task("git status --short", "cat big.bin")
	task.Checkout, task.Revision.SHA = true, sha
	h.succeeded(task, h.run(task))
	if _, err := os.Stat(trap); err == nil {
		t.Error("the repository has run a program")
	}
	if got := h.log(task, pipeline.Stdout); got != "version https://git-lfs.github.com/spec/v1\n" {
		t.Errorf("got %q", got)
	}
}
