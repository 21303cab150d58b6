package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
	"github.com/penstock-cd/penstock/storage"
)

// turnBench is a server's storage with runs in flight, and turns as the engine takes
// them.
type turnBench struct {
	*testing.B
	db *storage.DB
}

// lane puts so many runs in flight in a lane, all at work, and so many that are over.
func (b turnBench) lane(name string, inFlight, over int) pipeline.StateKey {
	b.Helper()
	key := benchKey()
	key.Lane = pipeline.BranchLane(name)
	definition := &pipeline.Pipeline{V: 1, Name: "release", ExecutionMode: pipeline.ModeParallel}
	for s := range 3 {
		definition.Stages = append(definition.Stages, pipeline.Stage{Name: fmt.Sprint("stage", s),
			Actions: []pipeline.Action{{Name: "act", RunOrder: 1}, {Name: "other", RunOrder: 1}}})
	}
	turn := &pipeline.Turn{Key: key, Definitions: map[string]*pipeline.Pipeline{"d": definition}}
	for i := range inFlight + over {
		run := benchRun(key, i)
		run.ID = name + run.ID
		for s := range run.Stages {
			if run.Stages[s].Actions[1].Name = "other"; s > 0 {
				run.Stages[s].Status, run.Stages[s].Actions = "", nil
			}
		}
		if i >= inFlight {
			run.Status = pipeline.ExecutionSucceeded
		}
		turn.Changed = append(turn.Changed, run)
	}
	if err := b.db.SaveTurn(b.Context(), turn); err != nil {
		b.Fatal(err)
	}
	return key
}

// turn tells something of a run, and saves what follows.
func (b turnBench) turn(key pipeline.StateKey, n int) {
	state, err := b.db.LoadState(b.Context(), key)
	if err != nil {
		b.Fatal(err)
	}
	run := state.Executions[n%len(state.Executions)]
	decision, err := machine.Next(state, pipeline.ActionProgressed{ExecutionID: run.ID, AttemptID: run.Stages[0].Actions[0].ID, Percent: n + 1}, time.Now())
	if err != nil || len(decision.Changed) != 1 {
		b.Fatal(len(decision.Changed), err)
	}
	err = b.db.SaveTurn(b.Context(), &pipeline.Turn{Key: key, Version: state.Version, Ledger: decision.State.Ledger, Changed: decision.Changed})
	if err != nil {
		b.Fatal(err)
	}
}

// A turn with so many runs in flight in its lane; the engine lets in fifty.
func BenchmarkTurnInOneLane(b *testing.B) {
	for _, runs := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(runs, "runs"), func(b *testing.B) {
			t := turnBench{b, benchDB(b)}
			key := t.lane("main", runs, 0)
			t.turn(key, 0) // the first after a start decodes all of them
			for i := 1; b.Loop(); i++ {
				t.turn(key, i)
			}
		})
	}
}

// A turn with so many lanes that have a run in flight each: one lane does not slow
// another.
func BenchmarkTurnAmongLanes(b *testing.B) {
	for _, lanes := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(lanes, "lanes"), func(b *testing.B) {
			t := turnBench{b, benchDB(b)}
			var keys []pipeline.StateKey
			for i := range lanes {
				keys = append(keys, t.lane(fmt.Sprint("lane", i), 1, 0))
			}
			for i := 0; b.Loop(); i++ {
				t.turn(keys[i%lanes], i)
			}
		})
	}
}

// A turn in a lane that has had so many runs.
func BenchmarkTurnAfterHistory(b *testing.B) {
	for _, over := range []int{0, 1000, 100_000} {
		b.Run(fmt.Sprint(over, "over"), func(b *testing.B) {
			t := turnBench{b, benchDB(b)}
			key := t.lane("main", 10, over)
			for i := 0; b.Loop(); i++ {
				t.turn(key, i)
			}
		})
	}
}
