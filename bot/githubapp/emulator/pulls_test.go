package emulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestPullRequestLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, ctx := w.as(t, w.hubot), t.Context()
	first := w.push(t, "feature")
	p, _, err := c.PullRequests.Create(ctx, "octocat", "shop", &github.NewPullRequest{
		Title: github.String("Add a feature"), Head: github.String("feature"), Base: github.String("main"), Body: github.String("why"),
	})
	check(t, err)
	if p.GetNumber() != 1 || p.GetHead().GetSHA() != first || !p.GetMergeable() || p.GetCommits() != 1 || p.GetChangedFiles() != 1 {
		t.Errorf("opened: %+v", p)
	}
	_, _, err = c.PullRequests.Create(ctx, "octocat", "shop", &github.NewPullRequest{
		Title: github.String("Again"), Head: github.String("feature"), Base: github.String("main"),
	})
	if err == nil || !strings.Contains(err.Error(), "A pull request already exists for octocat:feature.") {
		t.Errorf("the same again: %v", err)
	}
	second := w.push(t, "feature")
	commits, _, err := c.PullRequests.ListCommits(ctx, "octocat", "shop", 1, nil)
	check(t, err)
	if len(commits) != 2 || commits[0].GetSHA() != first || commits[1].GetSHA() != second {
		t.Errorf("commits: %v", commits)
	}
	files, _, err := c.PullRequests.ListFiles(ctx, "octocat", "shop", 1, nil)
	check(t, err)
	if len(files) != 1 || files[0].GetFilename() != "feature.txt" || files[0].GetStatus() != "added" || !strings.HasPrefix(files[0].GetPatch(), "@@ ") {
		t.Errorf("files: %v", files)
	}
	_, _, err = c.PullRequests.Edit(ctx, "octocat", "shop", 1, &github.PullRequest{State: github.String("closed")})
	check(t, err)
	third := w.push(t, "feature") // no synchronize while closed
	p, _, err = c.PullRequests.Edit(ctx, "octocat", "shop", 1, &github.PullRequest{State: github.String("open")})
	check(t, err)
	if p.GetHead().GetSHA() != third {
		t.Errorf("reopened at %s, pushed %s", p.GetHead().GetSHA(), third)
	}
	list, _, err := c.PullRequests.List(ctx, "octocat", "shop", &github.PullRequestListOptions{Head: "octocat:feature", Base: "main"})
	check(t, err)
	if len(list) != 1 {
		t.Errorf("list: %d", len(list))
	}
	check(t, w.DeleteBranch(shop, "feature", "hubot"))
	w.settle(t)
	var got []string
	for _, h := range w.hooks.of("pull_request") {
		e := h.parse(t).(*github.PullRequestEvent)
		got = append(got, e.GetAction())
		if e.GetAction() == "synchronize" && (e.GetBefore() != first || e.GetAfter() != second) {
			t.Errorf("synchronize: %s..%s", e.GetBefore(), e.GetAfter())
		}
	}
	if diff := cmp.Diff([]string{"opened", "synchronize", "closed", "reopened", "closed"}, got); diff != "" {
		t.Error(diff)
	}
	if v, _ := w.PullRequest(shop, 1); v.State != "closed" || v.Merged {
		t.Errorf("after its branch was deleted: %+v", v)
	}
	if ref, ok := w.Ref(shop, "refs/pull/1/head"); !ok || ref != third {
		t.Errorf("refs/pull/1/head is %s", ref)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"merge", "squash", "rebase"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c, ctx := w.as(t, w.octocat), t.Context()
			w.push(t, "feature")
			second := w.push(t, "feature")
			must(w.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Head: "feature", As: "hubot", Title: "Feature"}))(t)
			must(w.Push(emulator.Change{Repository: shop, Files: map[string]string{"other.txt": "x\n"}}))(t) // main moves on

			_, response, err := c.PullRequests.Merge(ctx, "octocat", "shop", 1, "", &github.PullRequestOptions{SHA: strings.Repeat("1", 40)})
			if err == nil || response.StatusCode != 409 {
				t.Errorf("merge of another head: %v", err)
			}
			result, _, err := c.PullRequests.Merge(ctx, "octocat", "shop", 1, "", &github.PullRequestOptions{SHA: second, MergeMethod: method})
			check(t, err)
			if !result.GetMerged() || result.GetSHA() != w.tip(t, "main") {
				t.Errorf("merged: %+v", result)
			}
			_, response, err = c.PullRequests.Merge(ctx, "octocat", "shop", 1, "", nil)
			if err == nil || response.StatusCode != 405 {
				t.Errorf("merge of a merged one: %v", err)
			}
			for _, name := range []string{"feature.txt", "other.txt", "README.md"} {
				if _, _, _, err := c.Repositories.GetContents(ctx, "octocat", "shop", name, nil); err != nil {
					t.Errorf("%s after the merge: %v", name, err)
				}
			}
			tip, _, err := c.Repositories.GetCommit(ctx, "octocat", "shop", "main", nil)
			check(t, err)
			if want := map[string]int{"merge": 2, "squash": 1, "rebase": 1}[method]; len(tip.Parents) != want {
				t.Errorf("%d parents, want %d", len(tip.Parents), want)
			}
			on := []string{result.GetSHA()}
			if method == "rebase" {
				on = append(on, tip.Parents[0].GetSHA())
			}
			if method == "merge" {
				on = append(on, second)
			}
			for _, sha := range on {
				pulls, _, err := c.PullRequests.ListPullRequestsWithCommit(ctx, "octocat", "shop", sha, nil)
				check(t, err)
				if len(pulls) != 1 || pulls[0].GetNumber() != 1 || pulls[0].MergedAt == nil {
					t.Errorf("pull requests with %s: %v", sha, pulls)
				}
			}
			w.settle(t)
			closed := w.hooks.of("pull_request")
			e := closed[len(closed)-1].parse(t).(*github.PullRequestEvent)
			if e.GetAction() != "closed" || !e.GetPullRequest().GetMerged() || e.GetPullRequest().GetMergeCommitSHA() != result.GetSHA() || e.GetSender().GetLogin() != "octocat" {
				t.Errorf("closed: %+v", e)
			}
			if !slices.ContainsFunc(w.hooks.of("push"), func(h hook) bool {
				p := h.parse(t).(*github.PushEvent)
				return p.GetRef() == "refs/heads/main" && p.GetAfter() == result.GetSHA()
			}) {
				t.Error("no push on main")
			}
		})
	}
}

func TestMergeConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	change := func(branch, text string) {
		must(w.Push(emulator.Change{Repository: shop, Branch: branch, Files: map[string]string{"README.md": text}}))(t)
	}
	change("feature", "mine\n")
	change("main", "yours\n")
	must(w.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Head: "feature"}))(t)
	p, _, err := w.client(t).PullRequests.Get(t.Context(), "octocat", "shop", 1)
	check(t, err)
	if p.GetMergeable() || p.GetMergeableState() != "dirty" {
		t.Errorf("mergeable: %v %s", p.GetMergeable(), p.GetMergeableState())
	}
	if _, err := w.Merge(shop, 1, "", "octocat"); err == nil || !strings.Contains(err.Error(), "not mergeable") {
		t.Errorf("merge: %v", err)
	}
}

// A pull request whose commits reach the base some other way counts as merged.
func TestMergedByPush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pull(t, "feature")
	check(t, w.SetBranch(shop, "main", "feature", "octocat"))
	if v, _ := w.PullRequest(shop, 1); !v.Merged || v.MergeCommitSHA != p.HeadSHA || v.MergedBy != "octocat" {
		t.Errorf("%+v", v)
	}
}

func TestFork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fork, _, err := w.as(t, w.monalisa).Repositories.CreateFork(t.Context(), "octocat", "shop", nil)
	if _, accepted := err.(*github.AcceptedError); err != nil && !accepted {
		t.Fatal(err)
	}
	if fork.GetFullName() != "monalisa/shop" || fork.GetParent().GetFullName() != shop {
		t.Errorf("fork: %+v", fork)
	}
	push := func() string {
		return must(w.Push(emulator.Change{Repository: "monalisa/shop", Branch: "patch", Files: map[string]string{"patch.txt": strings.Repeat("x", len(w.Deliveries()))}}))(t)
	}
	first := push()
	p := must(w.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Head: "monalisa:patch"}))(t)
	if p.Author != "monalisa" || p.HeadRepository != "monalisa/shop" || p.HeadSHA != first {
		t.Errorf("pull request: %+v", p)
	}
	second := push()
	if ref, _ := w.Ref(shop, "refs/pull/1/head"); ref != second {
		t.Errorf("refs/pull/1/head is %s, want %s", ref, second)
	}
	run, _, err := w.client(t).Checks.CreateCheckRun(t.Context(), "octocat", "shop", github.CreateCheckRunOptions{Name: "a", HeadSHA: second})
	check(t, err)
	if len(run.PullRequests) != 0 {
		t.Error("a check of a fork names its pull request")
	}
	w.settle(t)
	e := w.hooks.of("pull_request")[1].parse(t).(*github.PullRequestEvent)
	head, base := e.GetPullRequest().GetHead().GetRepo(), e.GetPullRequest().GetBase().GetRepo()
	if e.GetAction() != "synchronize" || head.GetID() == base.GetID() || head.GetFullName() != "monalisa/shop" {
		t.Errorf("%s of %s against %s", e.GetAction(), head.GetFullName(), base.GetFullName())
	}
	for _, h := range w.hooks.of("push") {
		if strings.Contains(string(h.body), "refs/heads/patch") {
			t.Error("the app heard of a push to the fork, where it is not installed")
		}
	}
	if _, err := w.Merge(shop, 1, "", "monalisa"); err == nil {
		t.Error("a stranger merged")
	}
	check(t, w.DeleteRepository("monalisa/shop"))
	got, _, err := w.client(t).PullRequests.Get(t.Context(), "octocat", "shop", 1)
	check(t, err)
	if got.GetHead().Repo != nil {
		t.Error("head.repo is there although the fork is gone")
	}
	must(w.Merge(shop, 1, "squash", "octocat"))(t)
}

func TestPullRequestErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.push(t, "feature")
	ask := func(body string) answered {
		return w.ask(t, http.MethodPost, "repos/octocat/shop/pulls", w.hubot.Token, body)
	}
	ask(`{"title":"a","head":"nothing","base":"main"}`).want(t, 422, `"field":"head"`)
	ask(`{"title":"a","head":"feature","base":"nothing"}`).want(t, 422, `"field":"base"`)
	ask(`{"title":"a","head":"main","base":"main"}`).want(t, 422, "No commits between main and main")
	ask(`{"head":"feature","base":"main"}`).want(t, 422, `"field":"title"`)
	w.ask(t, http.MethodGet, "repos/octocat/shop/pulls/7", w.hubot.Token, "").want(t, 404, "Not Found")
}
