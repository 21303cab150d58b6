package githubapp_test

import (
	"fmt"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// A commit many pages back is found, and one that came in with a merge on the way is
// not taken for it.
func TestContainsManyCommits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	push := func(branch, message string) string {
		return must(w.Push(emulator.Change{Repository: "octocat/shop", Branch: branch, As: "hubot", Message: message, Files: map[string]string{branch: message}}))(t)
	}
	old := push("main", "old")
	side := push("topic", "side")
	push("topic", "end")
	pull := must(w.OpenPullRequest(emulator.NewPullRequest{Repository: "octocat/shop", Head: "topic", As: "hubot", Title: "t"}))(t)
	must(w.Merge("octocat/shop", pull.Number, emulator.MergeCommit, "hubot"))(t)
	head := ""
	for i := range 110 {
		head = push("main", fmt.Sprint(i))
	}
	for sha, want := range map[string]bool{old: true, side: false} {
		if got := must(w.app.Contains(t.Context(), w.repo, head, sha))(t); got != want {
			t.Errorf("%s: %v, want %v", sha, got, want)
		}
	}
}
