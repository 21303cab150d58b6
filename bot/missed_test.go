package bot_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// look reads the list of deliveries once and says how many were missed.
func (h *house) look(want int) {
	h.t.Helper()
	got, err := h.bot.NewMissed(time.Hour).Look(h.t.Context())
	if err != nil || got != want {
		h.t.Fatalf("missed %d, %v; want %d", got, err, want)
	}
}

// settled waits until GitHub has tried to deliver everything.
func (h *house) settled() {
	h.t.Helper()
	h.await("all deliveries attempted", func(v *emulator.View) bool { return v.PendingDeliveries() == 0 })
}

// What GitHub could not deliver is found in its list and taken, each once, in the
// order in which it happened; comments, too.
func TestMissedDeliveries(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	h.look(0)
	before := h.push(emulator.Change{Message: "arrives"})
	h.await("the first gate", h.check(before, gateCheck, "action_required"))

	h.github.DropDeliveries(1000)
	number, _ := h.pull()
	var last string
	for _, message := range []string{"two", "three", "four"} {
		last = h.push(emulator.Change{Message: message})
	}
	h.settled()
	h.github.DropDeliveries(0)
	if len(h.github.Statuses(shop, last)) != 0 {
		t.Fatal("a dropped delivery arrived")
	}
	h.look(5) // two pushes of the topic's branch and three of main, and the pull request opened: less echoes
	h.await("the newest to wait for its turn", h.status(last, "pending"))
	h.await("the gate announced in the pull request", func(v *emulator.View) bool {
		return h.said(number, "penstock:gate:")(v)
	})
	h.look(0)

	h.github.DropDeliveries(1000)
	if _, err := h.github.Comment(shop, number, "hubot", "/approve"); err != nil {
		t.Fatal(err)
	}
	h.settled()
	h.github.DropDeliveries(0)
	h.look(1)
	h.await("the vote counted", func(v *emulator.View) bool {
		pull, _ := v.PullRequest(shop, number)
		return h.check(pull.HeadSHA, gateCheck, "success")(v)
	})
	h.look(0)

	runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{Limit: 1})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	of := runs[0].Repository
	runs, err = h.db.Executions(t.Context(), pipeline.ExecutionFilter{
		Host: of.Host, RepositoryID: of.ID, Lane: pipeline.BranchLane("main"),
	})
	if err != nil || len(runs) != 4 {
		t.Fatalf("%d runs of main, %v; want 4", len(runs), err)
	}
	slices.SortFunc(runs, func(a, b *pipeline.Execution) int { return cmp.Compare(a.Position, b.Position) })
	var order []string
	for _, run := range runs {
		order = append(order, run.Revision.Message)
	}
	if want := []string{"arrives", "two", "three", "four"}; !slices.Equal(order, want) {
		t.Errorf("in the order of the branch: %q, want %q", order, want)
	}
}

// A look that is cut off is finished by the next one, and nothing is taken twice.
func TestMissedLookIsCutOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	h.github.DropDeliveries(1000)
	const pushes = 20
	shas := map[string]bool{}
	for i := range pushes {
		shas[h.push(emulator.Change{Branch: "main", Message: strings.Repeat("x", i+1)})] = true
	}
	h.settled()
	h.github.DropDeliveries(0)
	attempts := slices.DeleteFunc(h.github.Deliveries(), func(d emulator.Delivery) bool { return d.Event != "push" })
	broken := fmt.Sprintf("/app/hook/deliveries/%d", attempts[pushes/2].ID)
	h.github.Inject(emulator.Match{Method: "GET", Path: broken, Count: 1}, emulator.ServerError(502))
	missed := h.bot.NewMissed(time.Hour)
	first, err := missed.Look(t.Context())
	if pipeline.KindOf(err) != pipeline.Unavailable || first == 0 || first >= pushes {
		t.Fatalf("the first look took %d, %v", first, err)
	}
	second, err := missed.Look(t.Context())
	if err != nil || first+second != pushes {
		t.Fatalf("the second look took %d after %d, %v; want %d together", second, first, err, pushes)
	}
	h.await("every commit to have its end", func(v *emulator.View) bool {
		for sha := range shas {
			statuses := v.Statuses(shop, sha)
			if len(statuses) == 0 || statuses[0].State == "pending" {
				return false
			}
		}
		return true
	})
	runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{Limit: 100})
	if err != nil || len(runs) != pushes {
		t.Fatalf("%d runs, %v; want %d", len(runs), err, pushes)
	}
}

// While the door takes nothing, for want of room, nothing comes in from GitHub's
// list either; afterwards it is all there.
func TestMissedDeliveriesWaitForRoom(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	h := build(t, simpleFile, plan{ready: func() error {
		if full.Load() {
			return errors.New("the disk is full")
		}
		return nil
	}})
	h.provider.auto = pipeline.ActionSucceeded
	h.look(0)
	full.Store(true)
	sha := h.push(emulator.Change{Message: "too early"})
	h.settled()
	for _, d := range h.github.Deliveries() {
		if d.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s was answered %d", d.Event, d.StatusCode)
		}
	}
	if got, err := h.bot.NewMissed(time.Hour).Look(t.Context()); got != 0 || err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("missed %d, %v; want nothing taken", got, err)
	}
	full.Store(false)
	h.look(1)
	h.await("the run", h.status(sha, "success"))
}
