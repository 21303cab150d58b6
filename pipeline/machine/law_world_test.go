package machine_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

// world plays random inputs on one lane and looks after every step whether the
// laws still hold.
type world struct {
	state       pipeline.State
	definitions []*pipeline.Pipeline
	now         time.Time
	pushes      int64
	open        map[string]pipeline.ActionOrder // started and not ended attempts, by id
	stopped     map[string]bool                 // runs that were told to stop
	entered     map[string]int64                // newest position seen in a stage
	mode        pipeline.ExecutionMode
	line        map[string][]pipeline.EnvironmentClaim // who claims an environment, first come, first
	told        map[pipeline.EnvironmentClaim]bool     // who was told that it is theirs
	rollbacks   []pipeline.RollbackOrder               // orders that were not carried out yet
	readings    []pipeline.RulesOrder
}

func drawWorld(t *rapid.T) *world {
	lanes := []pipeline.Lane{pipeline.BranchLane("main"), pipeline.PullLane(7)}
	w := &world{
		now:  time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		open: map[string]pipeline.ActionOrder{}, stopped: map[string]bool{}, entered: map[string]int64{},
		line: map[string][]pipeline.EnvironmentClaim{}, told: map[pipeline.EnvironmentClaim]bool{},
	}
	w.mode = rapid.SampledFrom([]pipeline.ExecutionMode{"", pipeline.ModeSuperseded, pipeline.ModeQueued, pipeline.ModeParallel}).Draw(t, "mode")
	w.state.Key = pipeline.StateKey{Host: "github.com", RepositoryID: 1, Pipeline: "p",
		Lane: rapid.SampledFrom(lanes).Draw(t, "lane")}
	for i := range rapid.IntRange(1, 2).Draw(t, "definitions") {
		p := drawPipeline(t, i)
		p.ExecutionMode = w.mode
		w.definitions = append(w.definitions, p)
	}
	return w
}

func drawPipeline(t *rapid.T, n int) *pipeline.Pipeline {
	p := &pipeline.Pipeline{V: 1, Name: "p"}
	for i := range rapid.IntRange(1, 3).Draw(t, "stages") {
		stage := pipeline.Stage{Name: fmt.Sprintf("s%d", (i+n)%4)}
		if rapid.IntRange(0, 3).Draw(t, "environment") == 0 {
			stage.Environment = "env-" + stage.Name
			p.Environments = append(p.Environments, environment(stage.Environment, true, pipeline.Policy{Required: 1, Timeout: time.Hour}))
		}
		for j := range rapid.IntRange(1, 3).Draw(t, "actions") {
			a := pipeline.Action{Name: fmt.Sprintf("a%d", j), RunOrder: rapid.IntRange(1, 2).Draw(t, "order")}
			a.Type.Category = pipeline.CategoryBuild
			if rapid.IntRange(0, 4).Draw(t, "manual") == 0 {
				a.Type.Category, a.Approval = pipeline.CategoryApproval, &pipeline.Policy{Required: 1, Timeout: time.Hour}
			}
			stage.Actions = append(stage.Actions, a)
		}
		drawConditions(t, &stage)
		p.Stages = append(p.Stages, stage)
	}
	return p
}

func drawConditions(t *rapid.T, stage *pipeline.Stage) {
	condition := func(result pipeline.ConditionResult) *pipeline.Condition {
		c := &pipeline.Condition{Result: result}
		for i := range rapid.IntRange(1, 2).Draw(t, "rules") {
			c.Rules = append(c.Rules, pipeline.Action{Name: fmt.Sprintf("rule%d", i), RunOrder: 1, Type: pipeline.ActionType{Category: pipeline.CategoryRule}})
		}
		return c
	}
	switch rapid.IntRange(0, 9).Draw(t, "conditions") {
	case 0:
		stage.When.RunIf = "x"
	case 1:
		stage.BeforeEntry = condition(pipeline.ResultFail)
	case 2:
		stage.BeforeEntry = condition(pipeline.ResultSkip)
	case 3:
		stage.OnSuccess = condition(pipeline.ResultFail)
	case 4:
		stage.OnSuccess = condition(pipeline.ResultRollback)
	case 5:
		stage.OnFailure = &pipeline.FailureCondition{Result: pipeline.ResultRetry, RetryMode: pipeline.RetryAllActions}
	case 6:
		stage.OnFailure = &pipeline.FailureCondition{Result: pipeline.ResultRetry, RetryMode: pipeline.RetryFailedActions}
	case 7:
		stage.OnFailure = &pipeline.FailureCondition{Result: pipeline.ResultRollback}
	case 8:
		stage.OnFailure = &pipeline.FailureCondition{Condition: condition(pipeline.ResultRollback)}
	}
}

// carryOut is an order of the world's that waits: a lock to hand over, a rollback
// to begin.
func (w *world) carryOut() pipeline.Input {
	if len(w.rollbacks) > 0 {
		o := w.rollbacks[0]
		w.rollbacks = w.rollbacks[1:]
		return pipeline.RollbackStage{ExecutionID: o.Execution, Failed: o.Failed, Stage: o.Stage, Target: o.Target}
	}
	if len(w.readings) > 0 {
		o := w.readings[0]
		w.readings = w.readings[1:]
		return pipeline.RulesRead{ExecutionID: o.Execution, Stage: o.Stage, AttemptID: o.Attempt, Asked: o.Asked, Reading: readingOf(w.state, o, w.now)}
	}
	for _, name := range slices.Sorted(maps.Keys(w.line)) {
		if line := w.line[name]; len(line) > 0 && !w.told[line[0]] {
			w.told[line[0]] = true
			return pipeline.EnvironmentGranted{ExecutionID: line[0].Execution, Stage: line[0].Stage}
		}
	}
	return nil
}

// queue notes who claims an environment and who gives it back.
func (w *world) queue(d machine.Decision) {
	for _, claim := range d.Releases {
		w.line[claim.Environment] = slices.DeleteFunc(w.line[claim.Environment], func(c pipeline.EnvironmentClaim) bool { return c == claim })
		delete(w.told, claim)
	}
	for _, claim := range d.Claims {
		w.line[claim.Environment] = append(w.line[claim.Environment], claim)
	}
}

func (w *world) drawInput(t *rapid.T) pipeline.Input {
	run := "none"
	if n := len(w.state.Executions); n > 0 {
		run = w.state.Executions[rapid.IntRange(0, n-1).Draw(t, "run")].ID
	}
	stage := fmt.Sprintf("s%d", rapid.IntRange(0, 3).Draw(t, "stage"))
	switch rapid.IntRange(0, 15).Draw(t, "input") {
	case 10:
		w.pushes++
		return pipeline.RollbackStage{ExecutionID: fmt.Sprintf("r%d", w.pushes), Stage: stage, Target: run, By: pipeline.Actor{ID: 1, Login: "octocat"}}
	case 11:
		return pipeline.SetTransition{Stage: stage, Enabled: rapid.Bool().Draw(t, "enabled"), AllLanes: rapid.Bool().Draw(t, "all"), Reason: "because"}
	case 12:
		block := rapid.SampledFrom([]pipeline.ConditionBlock{pipeline.BlockBeforeEntry, pipeline.BlockOnSuccess}).Draw(t, "block")
		return pipeline.OverrideCondition{ExecutionID: run, Stage: stage, Block: block, Reason: "because"}
	case 13:
		return pipeline.RetryStage{ExecutionID: run, Mode: pipeline.RetryAllActions}
	case 14, 15:
		if in := w.carryOut(); in != nil {
			return in
		}
	case 0, 1:
		i := rapid.IntRange(0, len(w.definitions)-1).Draw(t, "definition")
		w.pushes++
		sha := fmt.Sprintf("%07x", w.pushes)
		at := w.now.Add(time.Duration(rapid.IntRange(-3, 1).Draw(t, "late")) * time.Second).Truncate(time.Second)
		return pipeline.StartExecution{
			Definition: w.definitions[i], Head: sha,
			Execution: pipeline.Execution{ID: fmt.Sprintf("r%d", w.pushes), Lane: w.state.Key.Lane,
				Definition: fmt.Sprint(i), Revision: pipeline.Revision{SHA: sha}},
			Change: &pipeline.Change{At: at, After: sha},
		}
	case 2:
		return pipeline.StopExecution{ExecutionID: run, Abandon: rapid.Bool().Draw(t, "abandon"), Reason: "stopped"}
	case 3:
		return pipeline.RetryStage{ExecutionID: run}
	case 4:
		for _, e := range w.state.Executions {
			for _, gate := range e.Gates() {
				verdict := rapid.SampledFrom([]pipeline.Verdict{pipeline.Approve, pipeline.Approve, pipeline.Reject}).Draw(t, "verdict")
				return pipeline.VoteGiven{ExecutionID: e.ID, ApprovalID: gate.ID, Vote: pipeline.Vote{Verdict: verdict,
					Facts: pipeline.Facts{Voter: pipeline.Actor{ID: 1, Login: "octocat"}, Permission: pipeline.PermissionWrite}}}
			}
		}
	case 5:
		w.now = w.now.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "seconds")) * time.Second)
	case 6:
		if rapid.IntRange(0, 3).Draw(t, "close") == 0 {
			return pipeline.CloseLane{Reason: "closed", At: w.now.Truncate(time.Second)}
		}
	default:
		if len(w.open) > 0 {
			status := rapid.SampledFrom([]pipeline.ActionStatus{pipeline.ActionSucceeded, pipeline.ActionSucceeded,
				pipeline.ActionFailed, pipeline.ActionAbandoned, pipeline.ActionSkipped}).Draw(t, "status")
			return w.end(status)
		}
	}
	return pipeline.Wake{}
}

// end ends the open attempt with the smallest id.
func (w *world) end(status pipeline.ActionStatus) pipeline.Input {
	var first string
	for id := range w.open {
		if first == "" || id < first {
			first = id
		}
	}
	return pipeline.ActionEnded{ExecutionID: w.open[first].Execution, AttemptID: first, Status: status, FailureType: pipeline.JobFailed}
}
