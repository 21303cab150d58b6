package bot_test

import (
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// stickies are the comments about all runs that a pull request has, and how often
// somebody was called by a comment of ours.
func stickies(v *emulator.View, number int) (list []string) {
	for _, c := range v.Comments(shop, number) {
		if strings.HasPrefix(c.Body, report.StickyMarker) {
			list = append(list, c.Body)
		}
	}
	return list
}

// says waits until a pull request has one such comment, with these texts in it.
func (h *house) says(number int, texts ...string) func(*emulator.View) bool {
	return func(v *emulator.View) bool {
		list := stickies(v, number)
		for _, text := range texts {
			if len(list) != 1 || !strings.Contains(list[0], text) {
				return false
			}
		}
		return true
	}
}

// A pull request has one comment about all its runs. It is made when something
// waits for somebody, edited from then on, and says the truth after a newer push, a
// forced one, and the end.
func TestOneCommentAboutAllRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	first := h.push(emulator.Change{Branch: "topic", Message: "Topic", Files: map[string]string{
		".penstock/a.yml": strings.Replace(gateFile, "name: release", "name: gated", 1), "file.txt": "one",
	}})
	p, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Topic", Head: "topic", As: "octocat"})
	if err != nil {
		t.Fatal(err)
	}
	h.await("the comment", h.says(p.Number, "`gated #1`", "waiting for approval of Release/approve", "`release #1`", "/approve Release/approve "+first[:7]))
	h.provider.endAll(pipeline.ActionSucceeded)
	h.await("the end of the other", h.says(p.Number, "`release #1`", "succeeded in"))

	second := h.push(emulator.Change{Branch: "topic", Message: "More", Files: map[string]string{"file.txt": "two"}})
	h.await("the newer commit", h.says(p.Number, "`gated #2`", "`release #2`", "/approve Release/approve "+second[:7]))
	if _, err := h.github.Comment(shop, p.Number, "octocat", "/reject Release/approve "+second[:7]+" not today"); err != nil {
		t.Fatal(err)
	}
	h.await("the rejection", h.says(p.Number, "Release/approve rejected by octocat: not today"))

	third := h.push(emulator.Change{Branch: "topic", Message: "Anew", From: first, Files: map[string]string{"file.txt": "three"}})
	h.await("the forced push", h.says(p.Number, "`gated #3`", "`release #3`", "/approve Release/approve "+third[:7]))
	if err := h.github.ClosePullRequest(shop, p.Number, "octocat"); err != nil {
		t.Fatal(err)
	}
	h.await("the closing", h.says(p.Number, ": the pull request was closed"))
	h.await("that nobody is waited for", func(v *emulator.View) bool { // of the other run, too
		return !slices.ContainsFunc(stickies(v, p.Number), func(body string) bool {
			return strings.Contains(body, "Waiting for people") || strings.Contains(body, "`gated #2`")
		})
	})
}

// Where nothing fails and nobody is waited for, nobody is called.
func TestGreenRunsCallNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	number, sha := h.pull()
	h.await("the end", func(v *emulator.View) bool {
		return h.status(sha, "success")(v) && h.check(sha, buildCheck, "success")(v)
	})
	h.settled()
	if all := h.github.Comments(shop, number); len(all) != 0 {
		t.Errorf("comments: %+v", all)
	}
}

// Runs that fail at the same moment show it in one comment.
func TestManyRunsShareOneComment(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionFailed
	const pipelines = 6
	files := map[string]string{}
	for i := range pipelines {
		files[fmt.Sprintf(".penstock/%d.yml", i)] = strings.Replace(simpleFile, "release", fmt.Sprintf("p%d", i), 1)
	}
	h.push(emulator.Change{Branch: "topic", Message: "Topic", Files: files})
	p, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Topic", Head: "topic", As: "octocat"})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range pipelines {
		texts = append(texts, fmt.Sprintf("`p%d #1`", i))
	}
	h.await("all of them", func(v *emulator.View) bool {
		return h.says(p.Number, texts...)(v) && strings.Count(stickies(v, p.Number)[0], "Build/compile failed") == pipelines+1
	})
}

// Runs of different commits that want to say something at the same moment make one
// comment: while one hand looks whether it is there, no other does.
func TestTwoHandsMakeOneComment(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionFailed
	hang := h.github.Inject(emulator.Match{Method: "GET", Path: "/repos/octo-org/shop/issues/*/comments"}, emulator.Hang())
	number, _ := h.pull()
	for hang.Hits() == 0 {
		runtime.Gosched()
	}
	for i := range 4 {
		sha := h.push(emulator.Change{Branch: "topic", Message: "More", Files: map[string]string{"file.txt": fmt.Sprint(i)}})
		h.await("the newer run's end", func(v *emulator.View) bool {
			return h.status(sha, "failure")(v) && h.check(sha, buildCheck, "failure")(v)
		})
	}
	if n := hang.Hits(); n != 1 {
		t.Errorf("%d hands look for the comment", n)
	}
	hang.Remove()
	h.await("the newest run", h.says(number, "`release #5`", "failed"))
}

// A comment whose making was not confirmed is found again, also by another run and
// by the next process.
func TestTheCommentIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprint("killed: ", killed), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, simpleFile)
			h.provider.auto = pipeline.ActionFailed
			h.github.Inject(emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/issues/*/comments", Count: 1}, emulator.LoseReply())
			number, _ := h.pull()
			h.await("the comment that nobody noted", func(v *emulator.View) bool { return len(stickies(v, number)) == 1 })
			if killed {
				h.shut()
				h.boot(slog.New(slog.DiscardHandler))
			}
			h.push(emulator.Change{Branch: "topic", Message: "More", Files: map[string]string{"file.txt": "two"}})
			h.await("the newer run", h.says(number, "`release #2`", "failed"))
		})
	}
}
