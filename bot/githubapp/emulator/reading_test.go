package emulator_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestContents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	big := strings.Repeat("x", 1<<20+1)
	must(w.Push(emulator.Change{Repository: shop, Branch: "release/1.0", Files: map[string]string{
		"src/deep/er.txt": "deep\n", "big.txt": big, "with space.txt": "s\n",
	}}))(t)
	c, ctx := w.client(t), t.Context()
	at := &github.RepositoryContentGetOptions{Ref: "release/1.0"}

	file, _, _, err := c.Repositories.GetContents(ctx, "octocat", "shop", "README.md", nil)
	check(t, err)
	if text := must(file.GetContent())(t); text != "# shop\n" || file.GetType() != "file" {
		t.Errorf("README.md: %q", text)
	}
	for _, name := range []string{"src/deep/er.txt", "with space.txt"} {
		_, _, _, err = c.Repositories.GetContents(ctx, "octocat", "shop", name, at)
		check(t, err)
	}
	_, dir, _, err := c.Repositories.GetContents(ctx, "octocat", "shop", "src", at)
	check(t, err)
	if len(dir) != 2 || dir[0].GetName() != "a.txt" || dir[1].GetType() != "dir" {
		t.Errorf("src: %v", dir)
	}
	_, root, _, err := c.Repositories.GetContents(ctx, "octocat", "shop", "", at)
	check(t, err)
	if len(root) != 4 {
		t.Errorf("root: %v", root)
	}
	large, _, _, err := c.Repositories.GetContents(ctx, "octocat", "shop", "big.txt", at)
	check(t, err)
	if large.GetEncoding() != "none" || large.GetSize() != len(big) {
		t.Errorf("big.txt: %s %d", large.GetEncoding(), large.GetSize())
	}
	token := must(w.Token(w.installation.ID, nil))(t)
	raw := w.ask(t, http.MethodGet, "repos/octocat/shop/contents/big.txt?ref=release/1.0", token, "", "Accept", "application/vnd.github.raw+json")
	if raw.status != 200 || raw.body != big {
		t.Errorf("raw: %d, %d bytes", raw.status, len(raw.body))
	}
	w.ask(t, http.MethodGet, "repos/octocat/shop/contents/nothing", token, "").want(t, 404, "Not Found")
	w.ask(t, http.MethodGet, "repos/octocat/shop/contents/README.md?ref=nothing", token, "").want(t, 404, "No commit found for the ref nothing")
	lines := w.ask(t, http.MethodGet, "repos/octocat/shop/contents/README.md", token, "")
	if !strings.Contains(lines.body, base64.StdEncoding.EncodeToString([]byte("# shop\n"))) {
		t.Error(lines.body)
	}
}

func TestCommitsAndRefs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.tip(t, "main")
	const branchName = "team/feature"
	first := w.push(t, branchName)
	second := must(w.Push(emulator.Change{Repository: shop, Branch: branchName, As: "hubot", Message: "Second\n\nwith a body",
		Files: map[string]string{"src/a.txt": "one\n2\nthree\n"}, Delete: []string{"README.md"}}))(t)
	c, ctx := w.client(t), t.Context()

	commit, _, err := c.Repositories.GetCommit(ctx, "octocat", "shop", branchName, nil)
	check(t, err)
	if commit.GetSHA() != second || commit.GetAuthor().GetLogin() != "hubot" || len(commit.Files) != 2 || commit.GetStats().GetTotal() != 4 {
		t.Errorf("commit: %+v", commit)
	}
	for _, name := range []string{second[:9], "heads/team/feature", second} {
		sha, _, err := c.Repositories.GetCommitSHA1(ctx, "octocat", "shop", name, "")
		check(t, err)
		if sha != second {
			t.Errorf("%s is %s", name, sha)
		}
	}
	if _, response, _ := c.Repositories.GetCommit(ctx, "octocat", "shop", "nothing", nil); response.StatusCode != 422 {
		t.Errorf("unknown commit: %d", response.StatusCode)
	}
	list, _, err := c.Repositories.ListCommits(ctx, "octocat", "shop", &github.CommitsListOptions{SHA: branchName})
	check(t, err)
	if len(list) != 3 || list[0].GetSHA() != second || list[2].GetSHA() != root {
		t.Errorf("commits: %v", list)
	}
	touching, _, err := c.Repositories.ListCommits(ctx, "octocat", "shop", &github.CommitsListOptions{SHA: branchName, Path: "team/feature.txt"})
	check(t, err)
	if len(touching) != 1 || touching[0].GetSHA() != first {
		t.Errorf("commits of the file: %v", touching)
	}
	comparison, _, err := c.Repositories.CompareCommits(ctx, "octocat", "shop", "main", branchName, nil)
	check(t, err)
	if comparison.GetStatus() != "ahead" || comparison.GetAheadBy() != 2 || len(comparison.Files) != 3 || comparison.GetMergeBaseCommit().GetSHA() != root {
		t.Errorf("comparison: %+v", comparison)
	}
	backwards, _, err := c.Repositories.CompareCommits(ctx, "octocat", "shop", branchName, "main", nil)
	check(t, err)
	if backwards.GetStatus() != "behind" || backwards.GetBehindBy() != 2 {
		t.Errorf("backwards: %+v", backwards)
	}
	branch, _, err := c.Repositories.GetBranch(ctx, "octocat", "shop", branchName, 0)
	check(t, err)
	ref, _, err := c.Git.GetRef(ctx, "octocat", "shop", "refs/heads/team/feature")
	check(t, err)
	if branch.GetCommit().GetSHA() != second || ref.GetObject().GetSHA() != second || ref.GetRef() != "refs/heads/team/feature" {
		t.Errorf("branch %+v, ref %+v", branch, ref)
	}
	if _, response, _ := c.Git.GetRef(ctx, "octocat", "shop", "heads/feat"); response.StatusCode != 404 {
		t.Error("half a ref was found")
	}
	if _, response, _ := c.Repositories.GetBranch(ctx, "octocat", "shop", "nothing", 0); response.StatusCode != 404 {
		t.Error("no branch was found")
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for login, role := range map[string]emulator.Role{
		"reader": emulator.RoleRead, "triager": emulator.RoleTriage, "maintainer": emulator.RoleMaintain, "admin": emulator.RoleAdmin,
	} {
		must(w.AddUser(login))(t)
		check(t, w.SetRole(shop, login, role))
	}
	must(w.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "secret", Private: true}))(t)
	c, ctx := w.client(t), t.Context()
	for login, want := range map[string][2]string{
		"octocat": {"admin", "admin"}, "hubot": {"write", "write"}, "monalisa": {"read", "read"}, "reader": {"read", "read"},
		"triager": {"read", "triage"}, "maintainer": {"write", "maintain"}, "admin": {"admin", "admin"},
	} {
		level, _, err := c.Repositories.GetPermissionLevel(ctx, "octocat", "shop", login)
		check(t, err)
		if got := [2]string{level.GetPermission(), level.GetUser().GetRoleName()}; got != want {
			t.Errorf("%s: %v, want %v", login, got, want)
		}
	}
	level, _, err := c.Repositories.GetPermissionLevel(ctx, "octocat", "secret", "monalisa")
	check(t, err)
	if level.GetPermission() != "none" {
		t.Errorf("a stranger on a private repository: %s", level.GetPermission())
	}
	if _, response, _ := c.Repositories.GetPermissionLevel(ctx, "octocat", "shop", "nobody"); response.StatusCode != 404 {
		t.Error("nobody has a permission")
	}
	user, _, err := c.Users.Get(ctx, "hubot")
	check(t, err)
	self, _, err := w.as(t, w.hubot).Users.Get(ctx, "")
	check(t, err)
	check(t, w.RenameUser("hubot", "hubert"))
	renamed, _, err := c.Users.Get(ctx, "hubert")
	check(t, err)
	stranger := must(w.AddUser("hubot"))(t)
	if user.GetID() != w.hubot.ID || self.GetID() != user.GetID() || renamed.GetID() != user.GetID() || stranger.ID == user.GetID() {
		t.Error("ids do not follow people")
	}
	if level, _, err = c.Repositories.GetPermissionLevel(ctx, "octocat", "shop", "hubot"); err != nil || level.GetPermission() != "read" {
		t.Errorf("the old login's new owner: %v %v", level, err)
	}
	w.ask(t, http.MethodGet, "repos/octocat/secret", w.monalisa.Token, "").want(t, 404, "Not Found")
	w.ask(t, http.MethodGet, "repos/octocat/secret", "", "").want(t, 404, "Not Found")
	w.ask(t, http.MethodGet, "repos/octocat/shop", "", "").want(t, 200, `"visibility":"public"`)
	if _, _, err := c.Repositories.Get(ctx, "octocat", "shop"); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Meta.Get(ctx); err != nil {
		t.Error(err)
	}
	if _, _, err := c.RateLimit.Get(ctx); err != nil {
		t.Error(err)
	}
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.AddOrganization("octo-org"))(t)
	check(t, w.AddMember("octo-org", "monalisa"))
	must(w.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "site", Files: map[string]string{"a": "a"}}))(t)
	check(t, w.SetRole("octo-org/site", "monalisa", emulator.RoleWrite))
	inst := must(w.Install(w.app.ID, "octo-org"))(t)
	found, _, err := w.appClient(t).Apps.FindOrganizationInstallation(t.Context(), "octo-org")
	check(t, err)
	if found.GetID() != inst.ID {
		t.Errorf("installation: %+v", found)
	}
	must(w.Push(emulator.Change{Repository: "octo-org/site", Branch: "b", As: "monalisa", Files: map[string]string{"b": "b"}}))(t)
	must(w.OpenPullRequest(emulator.NewPullRequest{Repository: "octo-org/site", Head: "b", As: "monalisa"}))(t)
	w.settle(t)
	e := w.hooks.of("pull_request")[0].parse(t).(*github.PullRequestEvent)
	if e.GetOrganization().GetLogin() != "octo-org" || e.GetPullRequest().GetAuthorAssociation() != "MEMBER" || e.GetInstallation().GetID() != inst.ID {
		t.Errorf("%+v", e)
	}
}

func TestETagAndPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.EnforceRateLimits(emulator.GitHubLimits())
	for _, branch := range []string{"a", "b", "c"} {
		w.pull(t, branch)
	}
	token := must(w.Token(w.installation.ID, nil))(t)
	path := "repos/octocat/shop/pulls?per_page=1&page=2"
	first := w.ask(t, http.MethodGet, path, token, "")
	first.want(t, 200, "Add b")
	link := first.header.Get("Link")
	for _, rel := range []string{`page=1&per_page=1>; rel="prev"`, `page=3&per_page=1>; rel="next"`, `rel="last"`, `rel="first"`} {
		if !strings.Contains(link, rel) {
			t.Errorf("Link %q lacks %s", link, rel)
		}
	}
	used := first.header.Get("X-RateLimit-Used")
	again := w.ask(t, http.MethodGet, path, token, "", "If-None-Match", first.header.Get("ETag"))
	if again.status != 304 || again.body != "" {
		t.Errorf("again: %d %q", again.status, again.body)
	}
	third := w.ask(t, http.MethodGet, "repos/octocat/shop", token, "")
	if n, m := third.header.Get("X-RateLimit-Used"), used; len(n) != len(m) || n[len(n)-1] != m[len(m)-1]+1 {
		t.Errorf("a 304 was counted: %s, then %s", used, n)
	}
	check(t, w.ClosePullRequest(shop, 1, "hubot"))
	w.ask(t, http.MethodGet, path, token, "", "If-None-Match", first.header.Get("ETag")).want(t, 200, "Add b")
}
