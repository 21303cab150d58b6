package machine_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

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
