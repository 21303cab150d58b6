package machine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
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

type fataler interface {
	Fatalf(format string, args ...any)
}

func (w *world) step(t fataler, input pipeline.Input) {
	before := map[string]pipeline.ExecutionStatus{}
	for _, e := range w.state.Executions {
		before[e.ID] = e.Status
	}
	d, err := machine.Next(w.state, input, w.now)
	if err != nil {
		if pipeline.KindOf(err) == pipeline.Internal {
			t.Fatalf("%T: %v", input, err)
		}
		return
	}
	w.state = d.State
	w.queue(d)
	for _, event := range d.Events {
		switch event.Kind {
		case pipeline.EventStageStarted:
			e := w.state.Execution(event.Execution)
			if e.Rollback != nil || w.mode == pipeline.ModeParallel {
				break
			}
			if w.entered[event.Stage] > e.Position {
				t.Fatalf("run %s entered %s after a newer one", e.ID, event.Stage)
			}
			w.entered[event.Stage] = e.Position
		case pipeline.EventExecutionStopping:
			w.stopped[event.Execution] = true
		case pipeline.EventExecutionResumed:
			delete(w.stopped, event.Execution)
		case pipeline.EventExecutionSuperseded:
			if w.mode == pipeline.ModeParallel {
				t.Fatalf("run %s was superseded, and runs ignore each other", event.Execution)
			}
		}
		if w.stopped[event.Execution] && (event.Kind == pipeline.EventActionStarted || event.Kind == pipeline.EventStageStarted) {
			t.Fatalf("%s of run %s after its stop", event.Kind, event.Execution)
		}
	}
	for _, order := range d.Orders {
		if order.Kind == pipeline.StartRollback {
			var o pipeline.RollbackOrder
			if err := json.Unmarshal(order.Payload, &o); err != nil {
				t.Fatalf("payload: %v", err)
			}
			w.rollbacks = append(w.rollbacks, o)
			continue
		}
		if order.Kind == pipeline.ReadRules {
			var o pipeline.RulesOrder
			if err := json.Unmarshal(order.Payload, &o); err != nil {
				t.Fatalf("payload: %v", err)
			}
			w.readings = append(w.readings, o)
			continue
		}
		var o pipeline.ActionOrder
		if err := json.Unmarshal(order.Payload, &o); err != nil {
			t.Fatalf("payload: %v", err)
		}
		if o.Key != w.state.Key {
			t.Fatalf("an order for another lane: %v", o.Key)
		}
		if order.Kind == pipeline.StartAction {
			if _, twice := w.open[o.Attempt]; twice {
				t.Fatalf("attempt %s was started twice", o.Attempt)
			}
			w.open[o.Attempt] = o
		}
	}
	if end, ok := input.(pipeline.ActionEnded); ok {
		delete(w.open, end.AttemptID)
	}
	w.check(t, before)
}

// check looks whether the laws of a lane hold.
func (w *world) check(t fataler, before map[string]pipeline.ExecutionStatus) {
	holder, waiting := map[string]string{}, map[string]string{}
	last := int64(-1 << 62)
	for _, e := range w.state.Executions {
		if e.Position < last {
			t.Fatalf("runs are not in the order of the ref")
		}
		last = e.Position
		if e.Status.Ended() {
			if len(e.Gates()) > 0 {
				t.Fatalf("run %s is %s with an open gate", e.ID, e.Status)
			}
			for i := range e.Stages {
				for _, a := range e.Stages[i].Actions {
					if !a.Status.Ended() {
						t.Fatalf("run %s is %s while %s runs", e.ID, e.Status, a.Name)
					}
				}
			}
		}
		for i := range e.Stages {
			s := &e.Stages[i]
			if s.Environment != pipeline.EnvironmentFree && !s.Status.Active() {
				t.Fatalf("run %s has left stage %s and is %s in its environment", e.ID, s.Name, s.Environment)
			}
			if s.Environment == pipeline.EnvironmentHeld {
				name := "env-" + s.Name
				if other := holder[name]; other != "" {
					t.Fatalf("environment %s holds %s and %s", name, other, e.ID)
				}
				holder[name] = e.ID
			}
			if s.Status.Active() {
				if other := holder[s.Name]; other != "" && w.mode != pipeline.ModeParallel {
					t.Fatalf("stage %s holds %s and %s", s.Name, other, e.ID)
				}
				holder[s.Name] = e.ID
				if e.Status.Ended() {
					t.Fatalf("run %s is %s and holds stage %s", e.ID, e.Status, s.Name)
				}
			}
		}
		if s := e.Current(); s != nil && s.Status == "" && e.Status == pipeline.ExecutionInProgress {
			if other := waiting[s.Name]; other != "" && (w.mode == "" || w.mode == pipeline.ModeSuperseded) {
				t.Fatalf("%s and %s both wait for %s", other, e.ID, s.Name)
			}
			waiting[s.Name] = e.ID
		}
		if before[e.ID] == pipeline.ExecutionSuperseded && e.Status != pipeline.ExecutionSuperseded ||
			before[e.ID] == pipeline.ExecutionSucceeded && e.Status != pipeline.ExecutionSucceeded {
			t.Fatalf("run %s was %s and is %s", e.ID, before[e.ID], e.Status)
		}
	}
}

// TestLaws: a stage holds at most one run; at most one waits for it; the order of
// the ref is never overtaken (each as far as the mode says so); an environment
// holds at most one run; nothing starts after stop; no attempt starts twice; and
// every run ends when every action ends, every gate is decided or expires, and
// every door is open.
func TestLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.step(t, w.drawInput(t))
		}
		opened := 0 // doors
		for range 10_000 {
			in := w.carryOut()
			switch {
			case in != nil:
				w.step(t, in)
			case len(w.open) > 0:
				w.step(t, w.end(pipeline.ActionSucceeded))
			case len(w.state.Transitions) > opened && unfinished(w.state) > 0:
				door := w.state.Transitions[opened]
				opened++
				door.Enabled = true
				w.step(t, pipeline.SetTransition{Stage: door.Stage, AllLanes: door.Lane == pipeline.Lane{}, Enabled: true})
			case unfinished(w.state) > 0:
				w.now = w.now.Add(2 * time.Hour) // every gate expires
				w.step(t, pipeline.Wake{})
			default:
				return
			}
		}
		t.Fatalf("%d runs never end", unfinished(w.state))
	})
}

func unfinished(state pipeline.State) (n int) {
	for _, e := range state.Executions {
		if !e.Status.Ended() {
			n++
		}
	}
	return n
}

// TestDropEnded: the machine needs no ended runs to judge the unfinished ones:
// with and without them it decides the same.
func TestDropEnded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			input := w.drawInput(t)
			slim := w.state
			slim.Executions = nil
			for _, e := range w.state.Executions {
				named := false
				for _, id := range input.Executions() {
					named = named || id == e.ID
				}
				if named || !e.Status.Ended() {
					slim.Executions = append(slim.Executions, e)
				}
			}
			full, err := machine.Next(w.state, input, w.now)
			lean, leanErr := machine.Next(slim, input, w.now)
			if fmt.Sprint(err) != fmt.Sprint(leanErr) {
				t.Fatalf("%v with ended runs, %v without", err, leanErr)
			}
			if a, b := asJSON(full.Events), asJSON(lean.Events); a != b {
				t.Fatalf("%s\nwith ended runs, without\n%s", a, b)
			}
			w.step(t, input)
		}
	})
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
