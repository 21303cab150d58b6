package emulator_test

import (
	"encoding/base64"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestCloneAndPush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	gitIn(t, dir, "clone", "-q", w.hubot.GitURL(w.repo), "work")
	work := dir + "/work"
	write(t, work, "src/b.txt", "b\n")
	write(t, work, "README.md", "# the shop\n")
	gitIn(t, work, "rm", "-q", "src/a.txt")
	gitIn(t, work, "add", "-A")
	gitIn(t, work, "commit", "-q", "-m", "Change things")
	before := w.tip(t, "main")
	gitIn(t, work, "push", "-q", "origin", "HEAD:main", "HEAD:refs/heads/feature/x")
	after := gitIn(t, work, "rev-parse", "HEAD")
	if got := w.tip(t, "main"); got != after {
		t.Fatalf("main is %s, pushed %s", got, after)
	}
	w.settle(t)
	pushes := map[string]*github.PushEvent{}
	for _, h := range w.hooks.of("push") {
		e := h.parse(t).(*github.PushEvent)
		pushes[e.GetRef()] = e
	}
	e := pushes["refs/heads/main"]
	if e == nil || e.GetBefore() != before || e.GetAfter() != after || e.GetForced() || e.GetCreated() || e.GetDeleted() {
		t.Fatalf("push event: %+v", e)
	}
	c := e.Commits[0]
	got := [][]string{c.Added, c.Removed, c.Modified}
	if diff := cmp.Diff([][]string{{"src/b.txt"}, {"src/a.txt"}, {"README.md"}}, got); diff != "" {
		t.Error(diff)
	}
	if e.GetPusher().GetName() != "hubot" || e.GetSender().GetID() != w.hubot.ID || e.GetInstallation().GetID() != w.installation.ID {
		t.Errorf("push by %v, sent for %v", e.Pusher, e.Installation)
	}
	f := pushes["refs/heads/feature/x"]
	if f == nil || !f.GetCreated() || f.GetBefore() != strings.Repeat("0", 40) {
		t.Errorf("push of a new branch: %+v", f)
	}
	if n := len(w.hooks.of("check_suite")); n != 1 {
		t.Errorf("%d check suites for one commit", n)
	}
}

func TestGitAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secretRepo := must(w.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "secret", Private: true, Files: map[string]string{"a": "a\n"}}))(t)
	wide := must(w.Token(w.installation.ID, nil))(t)
	narrow := must(w.Token(w.installation.ID, emulator.Permissions{"contents": "read"}, shop))(t)
	blind := must(w.Token(w.installation.ID, emulator.Permissions{"checks": "write"}))(t)
	w.UseStatelessTokens(true)
	long := must(w.Token(w.installation.ID, nil))(t)
	url := func(r emulator.Repository, login, token string) string {
		return strings.Replace(r.CloneURL, "://", "://"+login+":"+token+"@", 1)
	}
	for _, tt := range []struct {
		name, url, want string // want "" is success
	}{
		{"public, nobody", w.repo.CloneURL, ""},
		{"private, nobody", secretRepo.CloneURL, "could not read Username"},
		{"private, owner", w.octocat.GitURL(secretRepo), ""},
		{"private, stranger", w.monalisa.GitURL(secretRepo), "not found"},
		{"private, installation", url(secretRepo, "x-access-token", wide), ""},
		{"private, long token", url(secretRepo, "x-access-token", long), ""},
		{"private, narrowed to another", url(secretRepo, "x-access-token", narrow), "not found"},
		{"private, no contents", url(secretRepo, "x-access-token", blind), "not found"},
		{"wrong token", url(secretRepo, "x-access-token", "ghs_wrong"), "Authentication failed"},
		{"no repository", strings.Replace(w.octocat.GitURL(w.repo), "shop.git", "none.git", 1), "not found"},
	} {
		out, err := tryGit(t, t.TempDir(), "ls-remote", tt.url)
		if (err == nil) != (tt.want == "") || !strings.Contains(out, tt.want) {
			t.Errorf("fetch: %s: %v %s", tt.name, err, out)
		}
	}
	dir := t.TempDir()
	gitIn(t, dir, "clone", "-q", w.repo.CloneURL, ".")
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "empty")
	for _, tt := range []struct{ name, url, want string }{
		{"nobody", w.repo.CloneURL, "could not read Username"},
		{"reader", w.monalisa.GitURL(w.repo), "403"},
		{"installation that may only read", url(w.repo, "x-access-token", wide), "403"},
		{"writer", w.hubot.GitURL(w.repo), ""},
	} {
		out, err := tryGit(t, dir, "push", "-q", tt.url, "HEAD:refs/heads/pushed")
		if (err == nil) != (tt.want == "") || !strings.Contains(out, tt.want) {
			t.Errorf("push: %s: %v %s", tt.name, err, out)
		}
	}
	if out, err := tryGit(t, dir, "push", "-q", w.hubot.GitURL(w.repo), "HEAD:refs/pull/1/head"); err == nil {
		t.Errorf("pushed to refs/pull: %s", out)
	}
	if out, err := tryGit(t, dir, "push", "-q", w.octocat.GitURL(w.repo), ":main"); err == nil {
		t.Errorf("deleted the default branch: %s", out)
	}
	if n := len(w.hooks.of("push")); n > 1 {
		t.Errorf("%d pushes heard of, one happened", n)
	}
}

// What a checkout does: one commit by its SHA, depth 1, token in a header.
func TestFetchBySHA(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sha := w.push(t, "feature")
	w.push(t, "feature")
	token := must(w.Token(w.installation.ID, emulator.Permissions{"contents": "read"}))(t)
	header := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+token))
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	gitIn(t, dir, "-c", "http."+w.URL()+"/.extraHeader="+header, "fetch", "-q", "--depth=1", w.repo.CloneURL, sha)
	if got := gitIn(t, dir, "rev-parse", "FETCH_HEAD"); got != sha {
		t.Errorf("fetched %s", got)
	}
	if n := gitIn(t, dir, "rev-list", "--count", "FETCH_HEAD"); n != "1" {
		t.Errorf("%s commits", n)
	}
	w.pull(t, "other")
	gitIn(t, dir, "fetch", "-q", w.hubot.GitURL(w.repo), "refs/pull/1/head")
}

// Pushes to different branches at once, by real clients, all count.
func TestConcurrentPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	gitIn(t, dir, "clone", "-q", w.hubot.GitURL(w.repo), ".")
	const n = 8
	for i := range n {
		gitIn(t, dir, "checkout", "-q", "-b", "b"+id(int64(i)), "origin/main")
		gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", id(int64(i)))
	}
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			if out, err := tryGit(t, dir, "push", "-q", w.hubot.GitURL(w.repo), "b"+id(int64(i))); err != nil {
				t.Errorf("push %d: %v %s", i, err, out)
			}
		})
	}
	group.Wait()
	w.settle(t)
	if got := len(w.hooks.of("push")); got != n {
		t.Errorf("%d push events", got)
	}
	if got := len(w.hooks.of("check_suite")); got != n {
		t.Errorf("%d check suites", got)
	}
}

func BenchmarkGitPush(b *testing.B) {
	g, err := emulator.New(emulator.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	octocat, _ := g.AddUser("octocat")
	repo, err := g.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "shop", Files: map[string]string{"a": "a"}})
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=o", "GIT_AUTHOR_EMAIL=o@example.com", "GIT_COMMITTER_NAME=o", "GIT_COMMITTER_EMAIL=o@example.com"}
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	git("clone", "-q", octocat.GitURL(repo), ".")
	for b.Loop() {
		b.StopTimer()
		git("commit", "-q", "--allow-empty", "-m", "x")
		b.StartTimer()
		git("push", "-q", "origin", "HEAD:main")
	}
}
