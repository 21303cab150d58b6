package bot_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// This machine's clock is set an hour forward, back, and back once more, between a
// push and its vote, while no server runs: every push has its run, in the order of
// the branch, every vote counts once, and GitHub takes our signatures all the while.
func TestClockAnHourOffLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	var time_ clock
	h := build(t, gateFile, plan{now: time_.now})
	h.provider.auto = pipeline.ActionSucceeded
	var pushed []string
	for i, jump := range []time.Duration{0, time.Hour, -time.Hour, -time.Hour, time.Hour} {
		branch := fmt.Sprintf("topic-%d", i)
		sha := h.push(emulator.Change{Branch: branch, Message: branch})
		p, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: branch, Head: branch, As: "octocat"})
		if err != nil {
			t.Fatal(err)
		}
		h.await("the gate", h.check(sha, gateCheck, "action_required"))
		h.await("the gate's comment", func(v *emulator.View) bool { return h.said(p.Number, "penstock:gate:")(v) })
		pushed = append(pushed, fmt.Sprintf("main %d", i))
		h.push(emulator.Change{Branch: "main", Message: pushed[i]})
		h.settled()
		h.shut()
		time_.pass(jump)
		h.boot(slog.New(slog.DiscardHandler))
		if _, err := h.github.Comment(shop, p.Number, "hubot", "/approve"); err != nil {
			t.Fatal(err)
		}
		h.await("the vote", h.check(sha, gateCheck, "success"))
		h.await("the end", h.status(sha, "success"))
	}
	h.look(0)
	runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{Limit: 100})
	if err != nil || len(runs) != 2*len(pushed) {
		t.Fatalf("%d runs, %v; want %d", len(runs), err, 2*len(pushed))
	}
	runs = slices.DeleteFunc(runs, func(e *pipeline.Execution) bool { return e.Lane.PullNumber() != 0 })
	slices.SortFunc(runs, func(a, b *pipeline.Execution) int { return int(a.Position - b.Position) })
	var order []string
	for _, run := range runs {
		order = append(order, run.Revision.Message)
	}
	if !slices.Equal(order, pushed) {
		t.Errorf("in the order of the branch: %q, want %q", order, pushed)
	}
}
