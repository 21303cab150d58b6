package engine_test

import (
	"testing"
	"testing/synctest"

	"github.com/penstock-cd/penstock/pipeline"
)

// Paused, nothing new starts, what runs ends, votes count, and a stop is a stop.
// What was held back starts when it goes on, once each.
func TestPause(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		first := h.push("a", "compile", "ship gate")
		h.engine.Pause()
		h.engine.Pause()
		h.provider.end(attempt(first, "s1", "compile"), pipeline.ActionSucceeded, true)
		synctest.Wait()
		second := h.push("b", "lint")
		if h.provider.started("ship")+h.provider.started("lint") != 0 {
			t.Fatalf("started while paused: %v", h.provider.starts)
		}
		gate := h.wantStatus(first, pipeline.ExecutionInProgress).Gates()
		if len(gate) != 1 {
			t.Fatalf("%d gates, want one open", len(gate))
		}
		if _, err := h.engine.Submit(t.Context(), lane, "vote", pipeline.VoteGiven{ExecutionID: first, ApprovalID: gate[0].ID, Vote: pipeline.Vote{
			Verdict: pipeline.Approve, Facts: pipeline.Facts{Voter: pipeline.Actor{ID: 1}, Permission: pipeline.PermissionWrite},
		}}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.engine.Submit(t.Context(), lane, "", pipeline.StopExecution{ExecutionID: second}); err != nil {
			t.Fatal(err)
		}
		h.wantStatus(second, pipeline.ExecutionStopped)

		h.restart() // the new engine is not told to pause: what was held is open
		synctest.Wait()
		if h.provider.started("ship") != 1 || h.provider.started("lint") != 0 {
			t.Fatalf("after a restart: %v", h.provider.starts)
		}
		h.provider.end(attempt(first, "s2", "ship"), pipeline.ActionSucceeded, true)
		h.wantStatus(first, pipeline.ExecutionSucceeded)

		h.engine.Pause()
		third := h.push("c", "package deploy")
		if err := h.engine.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, action := range []string{"package", "deploy"} {
			if n := h.provider.started(action); n != 1 {
				t.Errorf("%s was started %d times", action, n)
			}
			h.provider.end(attempt(third, "s1", action), pipeline.ActionSucceeded, true)
		}
		h.wantStatus(third, pipeline.ExecutionSucceeded)
	})
}
