package machine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

// Pushes of one second that arrive in any order: the ref's head is the newest, and
// no two runs have the same place.
func TestPushesOfOneSecondHavePlacesOfTheirOwn(t *testing.T) {
	t.Parallel()
	const pushes = 5
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	definition := &pipeline.Pipeline{Name: "p", Stages: []pipeline.Stage{{Name: "s", Actions: []pipeline.Action{{Name: "a", RunOrder: 1}}}}}
	lane := pipeline.StateKey{Host: "h", RepositoryID: 1, Pipeline: "p", Lane: pipeline.BranchLane("main")}
	permutations(pushes, func(order []int) {
		state := pipeline.State{Key: lane}
		places := map[int64]int{}
		for _, n := range order {
			input := pipeline.StartExecution{
				Definition: definition, Head: fmt.Sprint("c", pushes-1),
				Change: &pipeline.Change{At: at, Before: fmt.Sprint("c", n-1), After: fmt.Sprint("c", n)},
				Execution: pipeline.Execution{ID: fmt.Sprint("run", n), Pipeline: "p", Lane: lane.Lane, Definition: "d",
					Repository: pipeline.Repository{Host: "h", ID: 1}, Revision: pipeline.Revision{SHA: fmt.Sprint("c", n)}},
			}
			decision, err := machine.Next(state, input, at)
			if err != nil {
				t.Fatalf("%v: %v", order, err)
			}
			run := decision.State.Execution(input.Execution.ID)
			if other, taken := places[run.Position]; taken {
				t.Errorf("%v: %d and %d have the place %d", order, n, other, run.Position)
			}
			places[run.Position] = n
			state = decision.State
		}
		newest := int64(0)
		for position := range places {
			newest = max(newest, position)
		}
		if places[newest] != pushes-1 {
			t.Errorf("%v: %d is the newest", order, places[newest])
		}
	})
}

// permutations gives every order of the numbers below n to use.
func permutations(n int, use func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var permute func(int)
	permute = func(k int) {
		if k == n {
			use(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			permute(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	permute(0)
}
