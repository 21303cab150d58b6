package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func testNewLane(t *testing.T, s pipeline.Store) {
	state := load(t, s, mainLane(7), "nobody")
	same(t, state.Key, mainLane(7))
	if state.Version != 0 || len(state.Executions) != 0 || len(state.Definitions) != 0 {
		t.Fatalf("a lane never seen is not empty: %+v", state)
	}
}

func testRoundTrip(t *testing.T, s pipeline.Store) {
	key := mainLane(7)
	second, first := openGate(newRun(key, 2)), newRun(key, 1)
	ledger := pipeline.Ledger{V: 1, LastPosition: 2, Entered: map[string]int64{"Build": 2}, Changes: []pipeline.Change{{At: epoch(), After: "c0ffee", Position: 2}}}
	turn := turnOf(key, 0, second, first)
	turn.Ledger = ledger
	ok(t, s.SaveTurn(t.Context(), turn))
	same(t, []int64{second.Number, first.Number}, []int64{1, 2})

	state := load(t, s, key)
	same(t, state.Version, 1)
	same(t, state.Ledger, ledger)
	same(t, state.Executions, []*pipeline.Execution{first, second}) // the order of the ref
	same(t, state.Definitions, definitions())

	first.Reason, first.Position = "changed", 3
	ok(t, s.SaveTurn(t.Context(), turnOf(key, 1, first)))
	state = load(t, s, key)
	same(t, state.Version, 2)
	same(t, state.Executions, []*pipeline.Execution{second, first})
}

func testNumbers(t *testing.T, s pipeline.Store) {
	for _, step := range []struct {
		key  pipeline.StateKey
		want int64
	}{
		{laneKey(7, "release", pipeline.BranchLane("main")), 1},
		{laneKey(7, "release", pipeline.PullLane(3)), 2}, // another lane, the same pipeline
		{laneKey(7, "nightly", pipeline.BranchLane("main")), 1},
		{laneKey(8, "release", pipeline.BranchLane("main")), 1}, // another repository
		{laneKey(7, "release", pipeline.BranchLane("main")), 3},
		{pipeline.StateKey{Host: "other.example", RepositoryID: 7, Pipeline: "release", Lane: pipeline.BranchLane("main")}, 1},
	} {
		run := newRun(step.key, 1)
		save(t, s, turnOf(step.key, 0, run))
		if run.Number != step.want {
			t.Fatalf("%v: number %d, want %d", step.key, run.Number, step.want)
		}
	}
}

func testNamed(t *testing.T, s pipeline.Store) {
	key := mainLane(7)
	elsewhere := newRun(laneKey(7, "release", pipeline.PullLane(1)), 1)
	ended, running := end(newRun(key, 1), pipeline.ExecutionFailed), newRun(key, 2)
	save(t, s, turnOf(elsewhere.Key(), 0, elsewhere))
	save(t, s, turnOf(key, 0, ended, running))
	same(t, ids(load(t, s, key).Executions), []string{running.ID})
	named := load(t, s, key, running.ID, ended.ID, "nobody", elsewhere.ID)
	same(t, ids(named.Executions), []string{ended.ID, running.ID})

	ended.Status = pipeline.ExecutionInProgress // retried
	save(t, s, turnOf(key, 0, ended))
	same(t, ids(load(t, s, key).Executions), []string{ended.ID, running.ID})
}

func testStale(t *testing.T, s pipeline.Store) {
	key := mainLane(7)
	run := newRun(key, 1)
	save(t, s, turnOf(key, 0, run))
	enqueue(t, s, order("o1", epoch().AddDate(-20, 0, 0)))
	for _, version := range []int64{0, 2, -1} {
		late := turnOf(key, version, newRun(key, 2))
		late.Orders, late.Done, late.InputKey = []pipeline.Order{order("o2", epoch())}, "o1", "k"
		wantErr(t, s.SaveTurn(t.Context(), late), pipeline.Conflict, pipeline.ErrStale)
		if late.Changed[0].Number != 0 {
			t.Fatal("a refused run got a number")
		}
	}
	state := load(t, s, key)
	same(t, state.Version, 1)
	same(t, ids(state.Executions), []string{run.ID})
	same(t, next(t, s).ID, "o1")
	ok(t, s.CompleteOrder(t.Context(), "o1"))
	nothingDue(t, s)
	again := turnOf(key, 1, newRun(key, 2))
	again.InputKey = "k" // was not used up by the refused ones
	ok(t, s.SaveTurn(t.Context(), again))
	same(t, again.Changed[0].Number, 2)
}

func testDuplicate(t *testing.T, s pipeline.Store) {
	key := mainLane(7)
	first := turnOf(key, 0, newRun(key, 1))
	first.InputKey = "push/7/main"
	ok(t, s.SaveTurn(t.Context(), first))
	enqueue(t, s, order("o1", epoch().AddDate(-20, 0, 0)))
	same(t, next(t, s).ID, "o1")

	again := turnOf(key, 99, newRun(key, 2)) // stale too, but that does not matter any more
	again.InputKey, again.Done, again.Orders = first.InputKey, "o1", []pipeline.Order{order("o2", epoch())}
	wantErr(t, s.SaveTurn(t.Context(), again), pipeline.Conflict, pipeline.ErrDuplicate)
	state := load(t, s, key)
	same(t, state.Version, 1)
	same(t, len(state.Executions), 1)
	nothingDue(t, s)
	if err := s.RetryOrder(t.Context(), "o1", epoch(), nil); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatalf("Done of a repeated input is still there: %v", err)
	}
	other := laneKey(8, "release", pipeline.BranchLane("main"))
	elsewhere := turnOf(other, 0, newRun(other, 1))
	elsewhere.InputKey = first.InputKey // of another repository
	ok(t, s.SaveTurn(t.Context(), elsewhere))
}

func testRefused(t *testing.T, s pipeline.Store) {
	key := mainLane(7)
	stored := newRun(key, 1)
	save(t, s, turnOf(key, 0, stored))
	foreign := newRun(laneKey(7, "release", pipeline.PullLane(1)), 1)
	unknown := newRun(key, 2)
	unknown.Number = 9
	undefined := newRun(key, 2)
	undefined.Definition = "sha256:nowhere"
	reborn := newRun(key, 2)
	reborn.ID = stored.ID
	for name, c := range map[string]struct {
		turn *pipeline.Turn
		kind pipeline.Kind
	}{
		"no repository":     {turnOf(pipeline.StateKey{Pipeline: "p", Lane: key.Lane}, 0), pipeline.Invalid},
		"another lane's":    {turnOf(key, 1, foreign), pipeline.Invalid},
		"number from air":   {turnOf(key, 1, unknown), pipeline.Invalid},
		"no definition":     {turnOf(key, 1, undefined), pipeline.Invalid},
		"id used already":   {turnOf(key, 1, reborn), pipeline.Conflict},
		"order with no end": {&pipeline.Turn{Key: key, Version: 1, Orders: []pipeline.Order{{Kind: "x", Payload: []byte("{")}}}, pipeline.Invalid},
	} {
		if err := s.SaveTurn(t.Context(), c.turn); pipeline.KindOf(err) != c.kind || err == nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	state := load(t, s, key)
	same(t, state.Version, 1)
	same(t, state.Executions, []*pipeline.Execution{stored})
}

func testNothingShared(t *testing.T, s pipeline.Store) {
	key := mainLane(7)
	run := newRun(key, 1)
	turn := turnOf(key, 0, run)
	turn.Ledger.Entered = map[string]int64{"Build": 1}
	turn.Orders = []pipeline.Order{order("o1", epoch().AddDate(-20, 0, 0))}
	save(t, s, turn)
	run.Variables["REGION"], run.Stages[0].Actions[0].Handle[0] = "spoilt", 9
	turn.Ledger.Entered["Build"], turn.Orders[0].Payload[0] = 99, 'x'
	for range 2 { // what was read once may be remembered
		loaded := load(t, s, key).Executions[0]
		loaded.Status, loaded.Stages[0].Status, loaded.Stages[0].Actions[0].Status = "spoilt", "spoilt", "spoilt"
	}
	state := load(t, s, key)
	same(t, state.Executions[0].Status, pipeline.ExecutionInProgress)
	same(t, state.Executions[0].Stages[0].Status, pipeline.StageInProgress)
	same(t, state.Executions[0].Stages[0].Actions[0].Status, pipeline.ActionInProgress)
	same(t, state.Executions[0].Variables, map[string]string{"REGION": "north", "EMPTY": ""})
	same(t, state.Executions[0].Stages[0].Actions[0].Handle, []byte{0, 1, 255})
	same(t, state.Ledger.Entered, map[string]int64{"Build": 1})
	same(t, next(t, s).Payload[0], '{')
}

// Turns of different lanes never get in each other's way.
func testTwoLanes(t *testing.T, s pipeline.Store) {
	const turns = 25
	var group sync.WaitGroup
	for lane := range 4 {
		group.Go(func() {
			key := laneKey(7, "release", pipeline.PullLane(lane+1))
			for i := range turns {
				if err := s.SaveTurn(t.Context(), turnOf(key, int64(i), newRun(key, int64(i)))); err != nil {
					t.Errorf("lane %d: %v", lane, err)
				}
			}
		})
	}
	group.Wait()
	numbers := map[int64]bool{}
	for lane := range 4 {
		for _, run := range load(t, s, laneKey(7, "release", pipeline.PullLane(lane+1))).Executions {
			numbers[run.Number] = true
		}
	}
	if len(numbers) != 4*turns || !numbers[1] || !numbers[4*turns] {
		t.Fatalf("%d different numbers for %d runs", len(numbers), 4*turns)
	}
}

// Of turns decided on the same state one wins, and all get through in the end.
func testOneLane(t *testing.T, s pipeline.Store) {
	const writers, turns = 8, 10
	key := mainLane(7)
	save(t, s, turnOf(key, 0))
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range turns {
				if err := insist(t.Context(), s, key, fmt.Sprint(w, "/", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	state := load(t, s, key)
	same(t, state.Version, int64(writers*turns+1))
	same(t, state.Ledger.LastPosition, int64(writers*turns))
}

// insist adds one to the lane's last position, again until it wins.
func insist(ctx context.Context, s pipeline.Store, key pipeline.StateKey, inputKey string) error {
	for {
		state, err := s.LoadState(ctx, key)
		if err != nil {
			return err
		}
		state.Ledger.LastPosition++
		err = s.SaveTurn(ctx, &pipeline.Turn{Key: key, Version: state.Version, Ledger: state.Ledger, InputKey: inputKey})
		if !errors.Is(err, pipeline.ErrStale) {
			return err
		}
	}
}

func testTurnOrders(t *testing.T, s pipeline.Store) {
	key := mainLane(7)
	turn := turnOf(key, 0, newRun(key, 1))
	long := epoch().AddDate(-20, 0, 0)
	turn.Orders = []pipeline.Order{order("o1", long), {RepositoryID: 7, Kind: pipeline.WakeLane, Payload: []byte(`{"v":1}`), Due: long}}
	save(t, s, turn)
	first, second := next(t, s), next(t, s)
	same(t, first.ID, "o1")
	if second.ID == "" || second.Kind != pipeline.WakeLane || string(second.Payload) != `{"v":1}` || second.CreatedAt.IsZero() {
		t.Fatalf("order came back as %+v", second)
	}
	done := turnOf(key, 1)
	done.Done = first.ID
	ok(t, s.SaveTurn(t.Context(), done))
	wantErr(t, s.RetryOrder(t.Context(), first.ID, long, nil), pipeline.NotFound, nil)
	ok(t, s.RetryOrder(t.Context(), second.ID, long, nil))
	same(t, next(t, s).ID, second.ID)
}
