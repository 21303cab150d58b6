package bot_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// wantHelp compares what /help offers somebody, with the beginning of the commit as
// COMMIT.
func (h *house) wantHelp(when string, number int, login, sha, want string) {
	h.t.Helper()
	lines, lacks := h.help(number, login)
	got := strings.Join(lines, "\n")
	if lacks != "" {
		got += "\n(" + lacks + ")"
	}
	got = strings.ReplaceAll(strings.ReplaceAll(got, sha, "WHOLE"), sha[:7], "COMMIT")
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("%s, to %s:\n%s", when, login, diff)
	}
}

// /help offers what this person could do here and now, as lines to copy, and nothing
// else.
func TestHelp(t *testing.T) {
	t.Parallel()
	h, number, sha := newTwoVotes(t)
	noError(t, h.github.SetRole(shop, "hubot", emulator.RoleAdmin))
	h.wantHelp("at an open gate", number, "octocat", sha, `/approve Release/approve COMMIT
/reject Release/approve COMMIT <reason>
/lock production <reason>
/disable Build <reason>
/disable Release <reason>
/disable Ship <reason>
/stop
/stop abandon
/start release
/status
/why
/help`)
	h.wantHelp("at an open gate that others answer", number, "monalisa", sha, `/status
/why
/help
(Everything else takes write access to octo-org/shop, or a gate whose rules name you.)`)
	h.wantAnswer(number, "octocat", "/approve", "+1", "")
	h.wantAnswer(number, "octocat", "/disable Build tests", "rocket", "")
	h.wantHelp("after a vote", number, "octocat", sha, `/reject Release/approve COMMIT <reason>
/unapprove Release/approve COMMIT
/lock production <reason>
/disable Release <reason>
/disable Ship <reason>
/enable Build
/stop
/stop abandon
/start release
/status
/why
/help`)
	h.wantHelp("to one who may override", number, "hubot", sha, `/approve Release/approve COMMIT
/reject Release/approve COMMIT <reason>
/override Release/approve COMMIT <reason>
/lock production <reason>
/disable Release <reason>
/disable Ship <reason>
/enable Build
/stop
/stop abandon
/start release
/status
/why
/help`)
	h.wantAnswer(number, "hubot", "/reject not today", "+1", "")
	h.await("the end", h.status(sha, "failure"))
	h.wantHelp("after the end", number, "octocat", sha, `/lock production <reason>
/disable Release <reason>
/disable Ship <reason>
/enable Build
/retry
/retry all
/start release
/status
/why
/help`)
}

// /help in a pull request from a fork says how it can run, to those who may say so.
func TestHelpOfAFork(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	fork, err := h.github.Fork(shop, "monalisa")
	if err != nil {
		t.Fatal(err)
	}
	sha, err := h.github.Push(emulator.Change{Repository: fork.FullName, Branch: "topic", As: "monalisa", Message: "Topic", Files: map[string]string{"file.txt": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	pull, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Topic", Head: "monalisa:topic", As: "monalisa"})
	if err != nil {
		t.Fatal(err)
	}
	h.wantHelp("in a fork's", pull.Number, "octocat", sha, "/ok-to-test WHOLE\n/help")
	h.wantHelp("in their own", pull.Number, "monalisa", sha, "/help\n(Everything else takes write access to octo-org/shop, or a gate whose rules name you.)")
}
