package storage_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func benchDB(b *testing.B) *storage.DB {
	b.Helper()
	db, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

func benchKey() pipeline.StateKey {
	return pipeline.StateKey{Host: "forge.example", RepositoryID: 7, Pipeline: "release", Lane: pipeline.BranchLane("main")}
}

func benchRun(key pipeline.StateKey, i int) *pipeline.Execution {
	run := &pipeline.Execution{
		V: 1, ID: fmt.Sprintf("run-%09d", i), Pipeline: key.Pipeline, Lane: key.Lane, Position: int64(i), Definition: "d",
		Repository: pipeline.Repository{Host: key.Host, ID: key.RepositoryID, Owner: "acme", Name: "shop"},
		Revision:   pipeline.Revision{SHA: fmt.Sprintf("%040x", i), Ref: "refs/heads/main"}, Status: pipeline.ExecutionInProgress,
	}
	for s := range 3 {
		stage := pipeline.StageExecution{Name: fmt.Sprint("stage", s), Status: pipeline.StageInProgress}
		for a := range 2 {
			stage.Actions = append(stage.Actions, pipeline.ActionExecution{ID: fmt.Sprint(run.ID, s, a), Name: "act", Attempt: 1, RunOrder: 1, Status: pipeline.ActionInProgress, Handle: make([]byte, 40)})
		}
		run.Stages = append(run.Stages, stage)
	}
	return run
}

func benchDefinitions() map[string]*pipeline.Pipeline {
	return map[string]*pipeline.Pipeline{"d": {V: 1, Name: "release"}}
}

// A turn as the engine saves them: one run of several actions changes, two
// events, an order more and one done.
func BenchmarkSaveTurn(b *testing.B) {
	db, key := benchDB(b), benchKey()
	run := benchRun(key, 1)
	turn := &pipeline.Turn{Key: key, Changed: []*pipeline.Execution{run}, Definitions: benchDefinitions(),
		Events: []pipeline.Event{{Kind: pipeline.EventActionStarted}, {Kind: pipeline.EventActionSucceeded}}}
	for i := 0; b.Loop(); i++ {
		turn.Version = int64(i)
		turn.Orders = []pipeline.Order{{ID: fmt.Sprint("o", i), RepositoryID: 7, Kind: pipeline.CheckActions, Payload: []byte(`{"v":1}`)}}
		turn.Done = fmt.Sprint("o", i-1)
		if err := db.SaveTurn(b.Context(), turn); err != nil {
			b.Fatal(err)
		}
	}
}

// A new run each time, over a history that grows.
func BenchmarkStartRun(b *testing.B) {
	db, key := benchDB(b), benchKey()
	for i := 0; b.Loop(); i++ {
		run := benchRun(key, i)
		run.Status = pipeline.ExecutionSucceeded
		turn := &pipeline.Turn{Key: key, Version: int64(i), Changed: []*pipeline.Execution{run}, Definitions: benchDefinitions()}
		if err := db.SaveTurn(b.Context(), turn); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadState(b *testing.B) {
	for _, runs := range []int{10, 1000} {
		b.Run(fmt.Sprint(runs, "runs"), func(b *testing.B) {
			db, key := benchDB(b), benchKey()
			turn := &pipeline.Turn{Key: key, Definitions: benchDefinitions()}
			for i := range runs {
				turn.Changed = append(turn.Changed, benchRun(key, i))
			}
			if err := db.SaveTurn(b.Context(), turn); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if state, err := db.LoadState(b.Context(), key); err != nil || len(state.Executions) != runs {
					b.Fatal(len(state.Executions), err)
				}
			}
		})
	}
}

func BenchmarkAddDelivery(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(callers, "callers"), func(b *testing.B) {
			db := benchDB(b)
			var count atomic.Int64
			body := make([]byte, 8<<10) // a push is about that large
			b.ResetTimer()
			var group sync.WaitGroup
			for range callers {
				group.Go(func() {
					for {
						i := count.Add(1)
						if i > int64(b.N) {
							return
						}
						d := pipeline.Delivery{ID: fmt.Sprint("d", i), Event: "push", RepositoryID: 7, Body: body, Status: pipeline.DeliveryReceived}
						if _, _, err := db.AddDelivery(context.Background(), d); err != nil {
							b.Error(err)
						}
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
		})
	}
}

// The smallest durable write there is: what the disk and the driver cost.
func BenchmarkFloor(b *testing.B) {
	db := benchDB(b)
	for b.Loop() {
		if err := db.SaveLogRecord(b.Context(), 7, "a", []byte("x")); err != nil {
			b.Fatal(err)
		}
	}
}
