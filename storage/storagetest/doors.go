package storagetest

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
)

// testDoors: a door is seen by the lanes that have to mind it, and the lanes that
// have something unfinished are woken when one of all lanes was touched.
func testDoors(t *testing.T, s pipeline.Store) {
	main, pull, idle, other := mainLane(7), laneKey(7, "release", pipeline.PullLane(1)), laneKey(7, "release", pipeline.BranchLane("idle")), laneKey(7, "other", pipeline.BranchLane("main"))
	save(t, s, turnOf(main, 0, newRun(main, 1)))
	save(t, s, turnOf(pull, 0, newRun(pull, 1)))
	save(t, s, turnOf(idle, 0, end(newRun(idle, 1), pipeline.ExecutionSucceeded)))
	save(t, s, turnOf(other, 0, newRun(other, 1)))

	mine := pipeline.Transition{Stage: "Ship", Lane: main.Lane, Reason: "mine", By: pipeline.Actor{ID: 1, Login: "octocat"}, At: epoch()}
	turn := turnOf(main, 0)
	turn.Transitions = []pipeline.Transition{mine}
	save(t, s, turn)
	nothingDue(t, s)

	everybodys := pipeline.Transition{Stage: "Ship", Reason: "everybody's", At: epoch()}
	turn = turnOf(main, 0)
	turn.Transitions = []pipeline.Transition{everybodys}
	save(t, s, turn)
	o := next(t, s)
	var payload pipeline.LaneOrder
	ok(t, json.Unmarshal(o.Payload, &payload))
	if o.Kind != pipeline.WakeLane || payload.Key != pull || payload.V != 1 || o.RepositoryID != 7 {
		t.Errorf("got %+v of %+v", o, payload.Key)
	}
	ok(t, s.CompleteOrder(t.Context(), o.ID))
	nothingDue(t, s)

	mine.Enabled = true
	turn = turnOf(main, 0)
	turn.Transitions = []pipeline.Transition{mine}
	save(t, s, turn)
	for key, want := range map[pipeline.StateKey]map[string]bool{
		main: {"mine": true, "everybody's": false}, pull: {"everybody's": false}, other: {},
		laneKey(7, "release", pipeline.BranchLane("never seen")): {"everybody's": false}, mainLane(8): {},
	} {
		got := map[string]bool{}
		for _, door := range load(t, s, key).Transitions {
			got[door.Reason] = door.Enabled
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", key, diff)
		}
	}
}

// testEnvironments: an environment is handed on in the order of the claims, over
// all lanes and pipelines of a repository, and everybody is told once.
func testEnvironments(t *testing.T, s pipeline.Store) {
	lanes := []pipeline.StateKey{mainLane(7), laneKey(7, "release", pipeline.PullLane(1)), laneKey(7, "other", pipeline.TagLane("v1"))}
	claim := func(n int) pipeline.EnvironmentClaim {
		return pipeline.EnvironmentClaim{Environment: "production", Execution: string(rune('a' + n)), Stage: "Ship"}
	}
	change := func(key pipeline.StateKey, claims, releases []pipeline.EnvironmentClaim) {
		t.Helper()
		turn := turnOf(key, 0)
		turn.Claims, turn.Releases = claims, releases
		save(t, s, turn)
	}
	granted := func(n int) {
		t.Helper()
		o := next(t, s)
		var got pipeline.StageOrder
		ok(t, json.Unmarshal(o.Payload, &got))
		want := pipeline.StageOrder{V: 1, Key: lanes[n], Execution: claim(n).Execution, Stage: "Ship"}
		if o.Kind != pipeline.GrantEnvironment || got != want || o.RepositoryID != 7 {
			t.Fatalf("got %s %+v, want %+v", o.Kind, got, want)
		}
		ok(t, s.CompleteOrder(t.Context(), o.ID))
		nothingDue(t, s)
	}
	one := func(n int) []pipeline.EnvironmentClaim { return []pipeline.EnvironmentClaim{claim(n)} }
	change(lanes[0], one(0), nil)
	granted(0)
	change(lanes[1], one(1), nil)
	change(lanes[2], one(2), nil)
	change(lanes[0], one(0), nil) // again
	nothingDue(t, s)
	change(mainLane(8), []pipeline.EnvironmentClaim{{Environment: "staging", Execution: "z", Stage: "Ship"}}, nil)
	ok(t, s.CompleteOrder(t.Context(), next(t, s).ID)) // another repository's
	change(lanes[1], nil, one(1))                      // it leaves the line
	nothingDue(t, s)
	change(lanes[0], nil, one(0))
	granted(2)
	change(lanes[0], one(0), one(2)) // handed back to the first
	granted(0)
	change(lanes[2], nil, one(2)) // a release of what is not claimed
	nothingDue(t, s)

	change(lanes[1], one(1), nil)
	for n, wanted := range map[int]error{0: nil, 1: pipeline.ErrDuplicate, 2: pipeline.ErrDuplicate} { // held, waited for, given back
		o := pipeline.Order{ID: pipeline.NewID(epoch()), RepositoryID: 7, Kind: pipeline.WakeLane, Payload: []byte("{}"), Due: epoch().AddDate(9, 0, 0)}
		ok(t, s.Enqueue(t.Context(), o))
		turn := turnOf(lanes[n], load(t, s, lanes[n]).Version, newRun(lanes[n], 9))
		turn.Holds, turn.Done = one(n), o.ID
		if err := s.SaveTurn(t.Context(), turn); !errors.Is(err, wanted) {
			t.Errorf("a turn in an environment of claim %d: %v", n, err)
		}
		if runs := len(load(t, s, lanes[n]).Executions); (runs == 1) != (wanted == nil) {
			t.Errorf("a turn in an environment of claim %d has saved %d runs", n, runs)
		}
		open, err := s.OpenOrders(t.Context(), pipeline.WakeLane)
		ok(t, err)
		if len(open) != 0 {
			t.Errorf("the order of claim %d is not done", n)
		}
	}
}
