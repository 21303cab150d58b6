package bot_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

func (h *house) compare(m *bot.Missed) {
	h.t.Helper()
	if err := m.Compare(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// handled waits until every stored delivery was worked on.
func (h *house) handled() {
	h.t.Helper()
	for open := true; open; {
		orders, err := h.db.OpenOrders(h.t.Context(), pipeline.HandleDelivery)
		if err != nil {
			h.t.Fatal(err)
		}
		if open = len(orders) > 0; open {
			runtime.Gosched()
		}
	}
}

func (h *house) runs(want int) []*pipeline.Execution {
	h.t.Helper()
	runs, err := h.db.Executions(h.t.Context(), pipeline.ExecutionFilter{Limit: 100})
	if err != nil || len(runs) != want {
		h.t.Fatalf("%d runs, %v; want %d", len(runs), err, want)
	}
	return runs
}

// Heads that GitHub never told of and lists no longer are found at the second
// comparison, run once, and their deliveries change nothing when they come at
// last.
func TestComparison(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	missed := h.bot.NewMissed(time.Hour)
	first := h.push(emulator.Change{Message: "one"})
	number, head := h.pull()
	h.await("the first runs", func(v *emulator.View) bool {
		return h.status(first, "success")(v) && h.status(head, "success")(v)
	})
	h.compare(missed)
	h.runs(2)

	h.github.HoldDeliveries()
	h.push(emulator.Change{Message: "two"})
	main := h.push(emulator.Change{Message: "three"})
	head = h.push(emulator.Change{Branch: "topic", Message: "Topic 2"})
	again := h.bot.NewMissed(time.Hour)
	h.compare(again)
	h.runs(2) // they may be on their way
	h.compare(again)
	h.await("the heads' runs", func(v *emulator.View) bool {
		return h.status(main, "success")(v) && h.status(head, "success")(v)
	})
	if runs := h.runs(4); runs[0].Lane != pipeline.PullLane(number) || runs[0].Revision.Message != "Topic" || runs[1].Revision.Message != "three" {
		t.Errorf("runs of %s %q and %q", runs[0].Lane, runs[0].Revision.Message, runs[1].Revision.Message)
	}
	h.compare(again)
	h.compare(again)
	h.runs(4)

	h.github.ReleaseReversed()
	h.settled()
	h.handled()
	next := h.push(emulator.Change{Message: "four"})
	h.await("what came after", h.status(next, "success"))
	for _, run := range h.runs(6) { // "two" came late, "four" is new
		if want := pipeline.ExecutionSucceeded; run.Revision.Message == "two" && run.Status != pipeline.ExecutionSuperseded || run.Revision.Message != "two" && run.Status != want {
			t.Errorf("%q is %s: %s", run.Revision.Message, run.Status, run.Reason)
		}
	}
}

// A repository that has just come starts nothing by being there; a pull request
// that was closed unheard lets nothing go on.
func TestComparisonStartsNothingOld(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	number, head := h.pull()
	h.await("the gate", h.check(head, gateCheck, "action_required"))

	h.github.HoldDeliveries()
	h.push(emulator.Change{Branch: "main", Message: "never ran"})
	h.push(emulator.Change{Branch: "older", Message: "Older"})
	if _, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Older", Head: "older", As: "octocat"}); err != nil {
		t.Fatal(err)
	}
	if err := h.github.ClosePullRequest(shop, number, "octocat"); err != nil {
		t.Fatal(err)
	}
	missed := h.bot.NewMissed(time.Hour)
	for range 3 {
		h.compare(missed)
	}
	h.await("the gate's end", h.check(head, gateCheck, "cancelled"))
	if runs := h.runs(1); runs[0].Status != pipeline.ExecutionStopped {
		t.Errorf("the run is %s", runs[0].Status)
	}
}
