package githubapp_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

func (w *world) pushed(t *testing.T, c emulator.Change) string {
	t.Helper()
	c.Repository = "octocat/shop"
	return must(w.Push(c))(t)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()
	base := must(w.app.Head(ctx, w.repo, "main"))(t)
	one := w.pushed(t, emulator.Change{Branch: "topic", As: "hubot", Message: "one\n\nCo-authored-by: monalisa <monalisa@users.noreply.github.com>",
		Files: map[string]string{"db/b.txt": "a\n"}, Delete: []string{"src/a.txt"}})
	two := w.pushed(t, emulator.Change{Branch: "topic", As: "hubot", Message: "two", Author: "Some One <someone@example.com>", Files: map[string]string{"c.txt": "c\n"}})
	pull := must(w.OpenPullRequest(emulator.NewPullRequest{Repository: "octocat/shop", Head: "topic", As: "hubot", Title: "t"}))(t)
	head := must(w.Merge("octocat/shop", pull.Number, emulator.MergeCommit, "octocat"))(t)

	got := must(w.app.Compare(ctx, w.repo, base, head))(t)
	var lines []string
	for _, c := range got.Commits {
		title, rest, _ := strings.Cut(c.Message, "\n")
		lines = append(lines, fmt.Sprintf("%s %s by %q, %s <%s>, put in by %q, %d, more %v", c.SHA, title, c.Author.Login, c.AuthorName, c.AuthorEmail, c.Committer.Login, c.Parents, rest != ""))
	}
	hubot, octocat := must(w.app.Account(ctx, w.repo, "hubot"))(t), must(w.app.Account(ctx, w.repo, "octocat"))(t)
	address := func(id int64, login string) string { return fmt.Sprintf("%d+%s@users.noreply.github.com", id, login) }
	if d := cmp.Diff([]string{
		fmt.Sprintf("%s Merge pull request #1 from octocat/topic by %q, octocat <%s>, put in by %q, 2, more true", head, "octocat", address(octocat.ID, "octocat"), "octocat"),
		fmt.Sprintf("%s two by %q, Some One <someone@example.com>, put in by %q, 1, more false", two, "", "hubot"),
		fmt.Sprintf("%s one by %q, hubot <%s>, put in by %q, 1, more true", one, "hubot", address(hubot.ID, "hubot"), "hubot"),
	}, lines); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"c.txt", "db/b.txt", "src/a.txt"}, got.Files); d != "" || got.Total != 3 || got.Behind != 0 {
		t.Errorf("files %s, total %d, behind %d", d, got.Total, got.Behind)
	}
	if got.Commits[2].Author.ID != hubot.ID || got.URL != w.URL()+"/octocat/shop/compare/"+base+"..."+head {
		t.Errorf("author %+v, page %s", got.Commits[2].Author, got.URL)
	}

	same := must(w.app.Compare(ctx, w.repo, head, head))(t)
	if same.Files == nil || len(same.Files)+len(same.Commits)+same.Total+same.Behind != 0 {
		t.Errorf("with itself: %+v", same)
	}
	_, err := w.app.Compare(ctx, w.repo, sha, head)
	callstest.WantKind(t, err, pipeline.NotFound)
	_, err = w.app.Compare(ctx, w.repo, "main", head)
	callstest.WantKind(t, err, pipeline.Invalid)
}

// Going back takes away what the newer commits have changed: those paths differ too.
func TestCompareBackwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	old := must(w.app.Head(t.Context(), w.repo, "main"))(t)
	live := w.pushed(t, emulator.Change{As: "octocat", Message: "live", Files: map[string]string{"db/schema.sql": "1\n"}})
	got := must(w.app.Compare(t.Context(), w.repo, live, old))(t)
	if d := cmp.Diff([]string{"db/schema.sql"}, got.Files); d != "" || got.Total != 0 || got.Behind != 1 {
		t.Errorf("files %s, total %d, behind %d", d, got.Total, got.Behind)
	}
	aside := w.pushed(t, emulator.Change{Branch: "aside", From: old, As: "octocat", Message: "aside", Files: map[string]string{"src/a.txt": "b\n"}})
	got = must(w.app.Compare(t.Context(), w.repo, live, aside))(t)
	if d := cmp.Diff([]string{"db/schema.sql", "src/a.txt"}, got.Files); d != "" || got.Total != 1 || got.Behind != 1 {
		t.Errorf("files %s, total %d, behind %d", d, got.Total, got.Behind)
	}
}

// manyApart answers for two commits with so many others and files between them.
func manyApart(commits, files, back int) *stub {
	s := newStub()
	name := func(n int) string { return fmt.Sprintf("%040x", n) }
	list := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`{"filename":"f%d"}`, i))
		}
		return strings.Join(all, ",")
	}
	s.handle("GET /repos/octocat/shop/compare/"+sha+"..."+otherSHA, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		var shown []string
		for n := (page-1)*100 + 1; n <= min(page*100, commits); n++ {
			shown = append(shown, fmt.Sprintf(`{"sha":%q}`, name(n)))
		}
		inPage := ""
		if page == 1 {
			inPage = list(files)
		}
		behind := 0
		if back > 0 {
			behind = 1
		}
		callstest.Reply(w, 200, fmt.Sprintf(`{"total_commits":%d,"behind_by":%d,"commits":[%s],"files":[%s]}`, commits, behind, strings.Join(shown, ","), inPage))
	})
	s.answer("GET /repos/octocat/shop/compare/"+otherSHA+"..."+sha, 200, `{"files":[`+list(back)+`]}`)
	return s
}

func TestCompareMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		commits, shown, requests int
		newest, oldest           int
	}{
		{0, 0, 1, 0, 0}, {1, 1, 1, 1, 1}, {100, 100, 1, 100, 1}, {101, 101, 2, 101, 1},
		{250, 250, 3, 250, 1}, {300, 250, 3, 300, 51}, {12345, 250, 5, 12345, 12096},
	} {
		s := manyApart(c.commits, 3, 0)
		got := must(s.app(t).Compare(t.Context(), shop, sha, otherSHA))(t)
		if got.Total != c.commits || len(got.Commits) != c.shown || len(got.Files) != 3 {
			t.Errorf("%d commits: total %d, %d shown, files %v", c.commits, got.Total, len(got.Commits), got.Files)
		}
		if n := len(s.seen("GET /repos/octocat/shop/compare/")); n != c.requests {
			t.Errorf("%d commits: %d requests, want %d", c.commits, n, c.requests)
		}
		if c.shown == 0 {
			continue
		}
		if first, last := got.Commits[0].SHA, got.Commits[c.shown-1].SHA; first != fmt.Sprintf("%040x", c.newest) || last != fmt.Sprintf("%040x", c.oldest) {
			t.Errorf("%d commits: from %s to %s", c.commits, first, last)
		}
	}
}

func TestCompareUnknownFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		files, back int
		known       bool
	}{{299, 0, true}, {300, 0, false}, {5, 300, false}, {300, 5, false}, {5, 7, true}} {
		s := manyApart(1, c.files, c.back)
		if got := must(s.app(t).Compare(t.Context(), shop, sha, otherSHA))(t); (got.Files != nil) != c.known {
			t.Errorf("%d files, %d taken back: %d known", c.files, c.back, len(got.Files))
		}
	}
}
