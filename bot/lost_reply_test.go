package bot_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// A server that was killed after it had answered a comment, and before it had noted
// that, does not answer again: no try was counted, and the answer is found by its
// marker. The same when the clock was set back meanwhile.
func TestAnAnswerIsNotSaidAgainAfterAKill(t *testing.T) {
	t.Parallel()
	for _, back := range []time.Duration{0, time.Hour} {
		t.Run("the clock is set back by "+back.String(), func(t *testing.T) {
			t.Parallel()
			answeredOnce(t, back)
		})
	}
}

func answeredOnce(t *testing.T, back time.Duration) {
	var time_ clock
	h := build(t, gateFile, plan{now: time_.now})
	number, sha := h.pull()
	h.await("the gate", h.check(sha, gateCheck, "action_required"))
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	h.stop()
	asked, err := h.github.Comment(shop, number, "octocat", "/aprove")
	if err != nil {
		t.Fatal(err)
	}
	h.settled() // stored, and nobody works on it
	runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{Limit: 1})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	us, err := githubapp.New(githubapp.Options{AppID: h.app.ID, PrivateKey: h.app.PrivateKey, APIURL: h.github.APIURL()})
	if err != nil {
		t.Fatal(err)
	}
	marker := fmt.Sprintf("<!-- penstock:reply:%d -->", asked.ID)
	if _, err := us.CreateComment(t.Context(), runs[0].Repository, number, marker+"\nsaid before the kill"); err != nil {
		t.Fatal(err)
	}
	h.shut()
	time_.pass(-back)
	h.boot(slog.New(slog.DiscardHandler))
	h.await("the sign that comes after the answer", func(v *emulator.View) bool {
		for _, reaction := range v.Reactions(asked.ID) {
			if reaction.Content == string(githubapp.ReactionConfused) {
				return true
			}
		}
		return false
	})
	answers := 0
	for _, comment := range h.github.Comments(shop, number) {
		if strings.Contains(comment.Body, marker) {
			answers++
		}
	}
	if answers != 1 {
		t.Errorf("answered %d times", answers)
	}
}

// Nor does it make a check again that it had just made.
func TestACheckIsNotMadeAgainAfterAKill(t *testing.T) {
	t.Parallel()
	for _, back := range []time.Duration{0, time.Hour} {
		t.Run("the clock is set back by "+back.String(), func(t *testing.T) {
			t.Parallel()
			var time_ clock
			h := build(t, simpleFile, plan{now: time_.now})
			h.github.Inject(emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/check-runs", Count: 1}, emulator.LoseReply())
			sha := h.push(emulator.Change{Message: "change"})
			h.await("the check that nobody noted", func(v *emulator.View) bool { return len(v.AllChecks(shop, sha)) == 1 })
			h.shut() // before its next try
			time_.pass(-back)
			h.provider.auto = pipeline.ActionSucceeded
			h.boot(slog.New(slog.DiscardHandler))
			h.provider.endAll(pipeline.ActionSucceeded)
			h.await("the end", func(v *emulator.View) bool {
				return h.status(sha, "success")(v) && h.check(sha, buildCheck, "success")(v)
			})
			if all := h.github.AllChecks(shop, sha); len(all) != 1 {
				t.Errorf("%d checks were made, want one: %+v", len(all), all)
			}
		})
	}
}

// A check whose making was not confirmed stays in doubt while a limit has its next
// try wait: it is looked for, and not made twice.
func TestDoubtOutlastsAWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	h.github.Inject(emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/check-runs", Count: 1}, emulator.LoseReply())
	sha := h.push(emulator.Change{Message: "change"})
	h.await("the check that we do not know of", func(v *emulator.View) bool { return len(v.AllChecks(shop, sha)) == 1 })
	runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{Limit: 1})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	h.github.Inject(emulator.Match{Path: "/repos/octo-org/shop/git/ref/heads/main", Count: 1}, emulator.SecondaryLimit(time.Second))
	if _, err := h.bot.Forge.Head(t.Context(), runs[0].Repository, "main"); pipeline.KindOf(err) != pipeline.Unavailable {
		t.Fatalf("no limit: %v", err) // it holds for the report's next try, too
	}
	h.await("the end", func(v *emulator.View) bool {
		return h.status(sha, "success")(v) && h.check(sha, buildCheck, "success")(v)
	})
	if all := h.github.AllChecks(shop, sha); len(all) != 1 {
		t.Errorf("%d checks were made, want one: %+v", len(all), all)
	}
}
