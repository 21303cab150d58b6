package bot_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// Each pipeline counts its runs: where two have come to a number, a rollback to it
// picks none of them by itself.
func TestRollbackToANumberOfTwo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	sha := h.push(emulator.Change{Branch: "topic", Message: "Topic", Files: map[string]string{
		".penstock/other.yml": strings.Replace(simpleFile, "release", "other", 1),
	}})
	pull, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Topic", Head: "topic", As: "octocat"})
	if err != nil {
		t.Fatal(err)
	}
	status := func(name string) func(*emulator.View) bool {
		return func(v *emulator.View) bool {
			for _, s := range v.Statuses(shop, sha) {
				if s.Context == "penstock/"+name {
					return s.State == "success"
				}
			}
			return false
		}
	}
	h.await("both runs", func(v *emulator.View) bool { return status("release")(v) && status("other")(v) })
	h.runs(2)
	if _, err := h.github.Comment(shop, pull.Number, "octocat", "/rollback Build to #1"); err != nil {
		t.Fatal(err)
	}
	h.await("the answer", func(v *emulator.View) bool {
		for _, c := range v.Comments(shop, pull.Number) {
			if strings.Contains(c.Body, "both have a run") {
				return true
			}
		}
		return false
	})
	h.runs(2)
}
