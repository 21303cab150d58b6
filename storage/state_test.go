package storage_test

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// What a lane looks like is what was saved last, whoever asks, whatever was read
// before, and after a restart.
func TestLoadStateAfterEveryTurn(t *testing.T) {
	t.Parallel()
	options := storage.Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)}
	db, err := storage.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { db.Close() }()
	key := benchKey()
	want := map[string]*pipeline.Execution{}
	turn := &pipeline.Turn{Key: key, Definitions: benchDefinitions()}
	for i := range 5 {
		run := benchRun(key, i)
		want[run.ID] = run
		turn.Changed = append(turn.Changed, run)
	}
	if err := db.SaveTurn(t.Context(), turn); err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		state, err := db.LoadState(t.Context(), key, "run-000000000")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]*pipeline.Execution{}
		for _, run := range state.Executions {
			got[run.ID] = run
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("before turn %d (-want +got):\n%s", n, diff)
		}
		id := fmt.Sprintf("run-%09d", n%5)
		changed := got[id].Clone()
		changed.Reason = fmt.Sprint("turn ", n)
		if changed.Status = pipeline.ExecutionInProgress; n == 30 { // run 0 ends, and is resumed by turn 35
			changed.Status = pipeline.ExecutionFailed
		}
		want[id] = changed.Clone()
		if err := db.SaveTurn(t.Context(), &pipeline.Turn{Key: key, Version: state.Version, Changed: []*pipeline.Execution{changed}}); err != nil {
			t.Fatal(err)
		}
		if n == 20 {
			db.Close()
			if db, err = storage.Open(t.Context(), options); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Turns that many take at once in one lane are all there in the end.
func TestTurnsAtOnce(t *testing.T) {
	t.Parallel()
	db, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	key := benchKey()
	turn := &pipeline.Turn{Key: key, Definitions: benchDefinitions()}
	const people, turns = 4, 25
	for i := range people {
		turn.Changed = append(turn.Changed, benchRun(key, i))
	}
	if err := db.SaveTurn(t.Context(), turn); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for person := range people {
		group.Go(func() {
			for n := 0; n < turns; {
				state, err := db.LoadState(t.Context(), key)
				if err != nil {
					t.Error(err)
					return
				}
				run := state.Executions[(person+n)%people].Clone()
				run.Attempt++
				err = db.SaveTurn(t.Context(), &pipeline.Turn{Key: key, Version: state.Version, Changed: []*pipeline.Execution{run}})
				switch {
				case err == nil:
					n++
				case !errors.Is(err, pipeline.ErrStale):
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	state, err := db.LoadState(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, run := range state.Executions {
		sum += run.Attempt
	}
	if sum != people*turns {
		t.Errorf("%d turns are there, want %d", sum, people*turns)
	}
}
