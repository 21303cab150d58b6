package storagetest

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
)

// testLockouts: a locked environment is seen by every lane of its repository, of any
// pipeline, until it is unlocked; and the others with something unfinished are woken
// each time.
func testLockouts(t *testing.T, s pipeline.Store) {
	main, pull, other := mainLane(7), laneKey(7, "release", pipeline.PullLane(1)), laneKey(7, "other", pipeline.TagLane("v1"))
	idle, foreign := laneKey(7, "release", pipeline.BranchLane("idle")), mainLane(8)
	elsewhere := pipeline.StateKey{Host: "other.example", RepositoryID: 7, Pipeline: "release", Lane: main.Lane}
	for _, key := range []pipeline.StateKey{main, pull, other, foreign, elsewhere} {
		save(t, s, turnOf(key, 0, newRun(key, 1)))
	}
	save(t, s, turnOf(idle, 0, end(newRun(idle, 1), pipeline.ExecutionSucceeded)))
	nothingDue(t, s)

	change := func(lockouts ...pipeline.EnvironmentLockout) {
		t.Helper()
		turn := turnOf(main, load(t, s, main).Version)
		turn.Lockouts = lockouts
		save(t, s, turn)
		woken := map[pipeline.StateKey]int{}
		for range 2 {
			o := next(t, s)
			var payload pipeline.LaneOrder
			ok(t, json.Unmarshal(o.Payload, &payload))
			if o.Kind != pipeline.WakeLane || payload.V != 1 || o.RepositoryID != 7 {
				t.Errorf("got %+v of %+v", o, payload)
			}
			woken[payload.Key]++
			ok(t, s.CompleteOrder(t.Context(), o.ID))
		}
		nothingDue(t, s)
		if diff := cmp.Diff(map[pipeline.StateKey]int{pull: 1, other: 1}, woken); diff != "" {
			t.Errorf("woken: %s", diff)
		}
	}
	seen := func(want ...pipeline.EnvironmentLockout) {
		t.Helper()
		for _, key := range []pipeline.StateKey{main, pull, other, idle, laneKey(7, "never", pipeline.BranchLane("seen"))} {
			got := load(t, s, key).Lockouts
			if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
				t.Errorf("%v: %s", key, diff)
			}
		}
		for _, key := range []pipeline.StateKey{foreign, elsewhere} {
			if got := load(t, s, key).Lockouts; len(got) != 0 {
				t.Errorf("%v: %+v", key, got)
			}
		}
	}
	production := pipeline.EnvironmentLockout{Environment: "production", Locked: true, Reason: "moving the database", By: pipeline.Actor{ID: 1, Login: "octocat"}, At: epoch()}
	staging := pipeline.EnvironmentLockout{Environment: "staging", Locked: true, Reason: "being rebuilt", At: epoch()}
	seen()
	change(production, staging)
	seen(production, staging)
	production.Reason = "still moving it"
	change(production)
	got := load(t, s, pull)
	if l := got.Lockout("production"); l == nil || l.Reason != production.Reason || len(got.Lockouts) != 2 {
		t.Errorf("locked again, with another reason: %+v", got.Lockouts)
	}
	change(pipeline.EnvironmentLockout{Environment: "staging", At: epoch()})
	seen(production)
	change(pipeline.EnvironmentLockout{Environment: "staging", At: epoch()}) // unlocked twice
	change(pipeline.EnvironmentLockout{Environment: "production", At: epoch()})
	seen()

	// A turn that is refused changes nothing.
	stale := turnOf(main, 99)
	stale.Lockouts = []pipeline.EnvironmentLockout{production}
	if err := s.SaveTurn(t.Context(), stale); err == nil {
		t.Error("a stale turn was saved")
	}
	seen()
	nothingDue(t, s)
}

// testLockedOut: a turn that was decided before an environment was locked does not
// enter it after. Decided again, with the lock in sight, it may give it back.
func testLockedOut(t *testing.T, s pipeline.Store) {
	main, other := mainLane(7), laneKey(7, "other", pipeline.BranchLane("main"))
	claim := []pipeline.EnvironmentClaim{{Environment: "production", Execution: "a", Stage: "Ship"}}
	turn := turnOf(main, 0)
	turn.Claims = claim
	save(t, s, turn)
	granted := next(t, s)
	enter := turnOf(main, load(t, s, main).Version, newRun(main, 1))
	enter.Holds, enter.Done = claim, granted.ID

	lock := turnOf(other, 0)
	lock.Lockouts = []pipeline.EnvironmentLockout{{Environment: "production", Locked: true, At: epoch()}, {Environment: "staging", Locked: true, At: epoch()}}
	save(t, s, lock)
	if err := s.SaveTurn(t.Context(), enter); !errors.Is(err, pipeline.ErrStale) {
		t.Fatalf("a locked environment was entered: %v", err)
	}
	if runs := load(t, s, main).Executions; len(runs) != 0 {
		t.Errorf("a turn that was refused has saved %d runs", len(runs))
	}
	lock = turnOf(other, 0)
	lock.Lockouts = []pipeline.EnvironmentLockout{{Environment: "production", At: epoch()}}
	save(t, s, lock)
	ok(t, s.SaveTurn(t.Context(), enter))
	if runs := load(t, s, main).Executions; len(runs) != 1 {
		t.Errorf("an environment that was unlocked was entered by %d runs", len(runs))
	}
}

// testLockedEnvironments: what is locked is told by name, and outlives the process.
func testLockedEnvironments(t *testing.T, b Backend) {
	dir := t.TempDir()
	db := open(t, b, dir)
	lock := func(environment string) pipeline.EnvironmentLockout {
		return pipeline.EnvironmentLockout{Environment: environment, Locked: true, Reason: "r", By: pipeline.Actor{ID: 1, Login: "octocat"}, At: epoch()}
	}
	turn := turnOf(mainLane(7), 0)
	turn.Lockouts = []pipeline.EnvironmentLockout{lock("staging"), lock("production"), lock("gone")}
	save(t, db, turn)
	turn = turnOf(mainLane(8), 0)
	turn.Lockouts = []pipeline.EnvironmentLockout{lock("foreign")}
	save(t, db, turn)
	turn = turnOf(laneKey(7, "other", pipeline.PullLane(3)), 0)
	turn.Lockouts = []pipeline.EnvironmentLockout{{Environment: "gone"}}
	save(t, db, turn)
	ok(t, db.Close())

	db = open(t, b, dir)
	got, err := db.Lockouts(t.Context(), host, 7)
	ok(t, err)
	if diff := cmp.Diff([]pipeline.EnvironmentLockout{lock("production"), lock("staging")}, got); diff != "" {
		t.Error(diff)
	}
	if got, err := db.Lockouts(t.Context(), "other.example", 7); err != nil || len(got) != 0 {
		t.Errorf("of another forge: %+v, %v", got, err)
	}
}
