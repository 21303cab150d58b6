package machine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

// crowded is a lane with so many runs in flight: in PARALLEL all are at work, in
// QUEUED one is and the others wait behind it. There are more of them than the
// machine lets in, to see how its time grows.
func crowded(mode pipeline.ExecutionMode, runs int) (pipeline.State, string) {
	definition := &pipeline.Pipeline{V: 1, Name: "release", ExecutionMode: mode}
	for _, name := range []string{"Build", "Test", "Deploy"} {
		definition.Stages = append(definition.Stages, pipeline.Stage{Name: name, Actions: []pipeline.Action{
			{Name: "one", RunOrder: 1}, {Name: "two", RunOrder: 1}}})
	}
	state := pipeline.State{
		Key:         pipeline.StateKey{Host: "forge.example", RepositoryID: 7, Pipeline: "release", Lane: pipeline.BranchLane("main")},
		Definitions: map[string]*pipeline.Pipeline{"d": definition},
		Ledger:      pipeline.Ledger{V: 1, LastPosition: int64(runs), Entered: map[string]int64{"Build": 1}},
	}
	first := ""
	for i := range runs {
		e := &pipeline.Execution{V: 1, ID: fmt.Sprintf("run-%04d", i), Number: int64(i + 1), Position: int64(i + 1), Attempt: 1,
			Lane: state.Key.Lane, Pipeline: "release", Definition: "d", Status: pipeline.ExecutionInProgress}
		for _, s := range definition.Stages {
			e.Stages = append(e.Stages, pipeline.StageExecution{Name: s.Name})
		}
		if i == 0 || mode == pipeline.ModeParallel {
			s := &e.Stages[0]
			s.Status = pipeline.StageInProgress
			for _, name := range []string{"one", "two"} {
				s.Actions = append(s.Actions, pipeline.ActionExecution{ID: pipeline.AttemptID(e.ID, s.Name, name, 1),
					Name: name, Attempt: 1, RunOrder: 1, Status: pipeline.ActionInProgress})
			}
		}
		if i == 0 {
			first = e.Stages[0].Actions[0].ID
		}
		state.Executions = append(state.Executions, e)
	}
	return state, first
}

// One thing happens to one run of many.
func BenchmarkNext(b *testing.B) {
	for _, mode := range []pipeline.ExecutionMode{pipeline.ModeQueued, pipeline.ModeParallel} {
		for _, runs := range []int{1, 10, 100, 1000} {
			b.Run(fmt.Sprintf("%s/%d", mode, runs), func(b *testing.B) {
				state, attempt := crowded(mode, runs)
				now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
				settled, err := machine.Next(state, pipeline.Wake{}, now) // each says what it waits for
				if err != nil {
					b.Fatal(err)
				}
				state = settled.State
				in := pipeline.ActionEnded{ExecutionID: "run-0000", AttemptID: attempt, Status: pipeline.ActionSucceeded}
				for b.Loop() {
					if d, err := machine.Next(state, in, now); err != nil || len(d.Changed) != 1 {
						b.Fatal(len(d.Changed), err)
					}
				}
			})
		}
	}
}
