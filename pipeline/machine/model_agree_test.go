package machine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

// TestModel plays random inputs on random pipelines to the machine and to its model.
// After each they agree on every run, stage, attempt, gate, condition, lock and place
// in line, on what is to be started and stopped, and on what is refused. With
// -rapid.checks=N it plays 2N lanes of about thirty steps; make check plays more than
// a million steps.
func TestModel(t *testing.T) {
	t.Parallel()
	for _, half := range []string{"one", "other"} { // a core each
		t.Run(half, func(t *testing.T) {
			t.Parallel()
			steps := 0
			rapid.Check(t, func(t *rapid.T) {
				w := drawPair(t)
				for range rapid.IntRange(1, 100).Draw(t, "steps") {
					w.step(t, w.drawInput(t))
					steps++
				}
			})
			t.Logf("%d steps", steps)
		})
	}
}

// pair is a lane twice: as the machine has it, and as the model has it.
type pair struct {
	state       pipeline.State
	lane        *lane
	now         time.Time
	definitions []*pipeline.Pipeline
	starts      int
	numbers     int64
	ids         map[string]string // the model's name of an attempt or a gate -> the machine's
	stopped     map[string]bool   // attempts that the machine has asked to stop
	wakes       map[int64]bool
	line        map[string][]pipeline.EnvironmentClaim
	rollbacks   []pipeline.RollbackOrder
}

// input is one as the machine has it and as the model has it: they name attempts
// each in their way.
type input struct{ machine, model pipeline.Input }

func same(in pipeline.Input) input { return input{in, in} }

func (w *pair) step(t *rapid.T, in input) {
	decision, err := machine.Next(w.state, in.machine, w.now)
	after, refused := w.lane.turn(in.model, w.now)
	said := refusal("")
	if err != nil {
		switch pipeline.KindOf(err) {
		case pipeline.Conflict:
			said = conflict
		case pipeline.NotFound:
			said = notFound
		default:
			t.Fatalf("%T: %v", in.machine, err)
		}
	}
	if said != refused {
		t.Fatalf("%s: the machine says %q (%v), the model %q", asJSON(in.model), said, err, refused)
	}
	if err != nil {
		return
	}
	w.state, w.lane = decision.State, after
	w.number()
	w.answer(t, &decision)
	w.note()
	if got, want := w.decided(t, decision), after.asks(); got != want {
		t.Fatalf("%T %s\n-the model asks for +the machine asks for\n%s", in.model, asJSON(in.model), cmp.Diff(want, got))
	}
	if got, want := w.view(), after.view(); got != want {
		t.Fatalf("%T %s\n-the model has +the machine has\n%s", in.model, asJSON(in.model), cmp.Diff(want, got))
	}
}

// number gives new runs their numbers, as the store does.
func (w *pair) number() {
	for _, e := range w.state.Executions {
		if e.Number == 0 {
			w.numbers++
			e.Number = w.numbers
		}
	}
}

// answer gives the machine at once what it asks to have read, and adds what follows
// to the decision: to the model the rules are just there.
func (w *pair) answer(t *rapid.T, d *machine.Decision) {
	for i := 0; i < len(d.Orders); i++ {
		if d.Orders[i].Kind != pipeline.ReadRules {
			continue
		}
		var o pipeline.RulesOrder
		read(t, d.Orders[i], &o)
		next, err := machine.Next(w.state, pipeline.RulesRead{ExecutionID: o.Execution, Stage: o.Stage, AttemptID: o.Attempt,
			Asked: o.Asked, Reading: readingOf(w.state, o, w.now.Add(10000*time.Hour))}, w.now) // for ever
		if err != nil {
			t.Fatalf("reading: %v", err)
		}
		w.state = next.State
		w.number()
		d.Orders, d.Claims = append(d.Orders, next.Orders...), append(d.Claims, next.Claims...)
		d.Releases, d.Holds = append(d.Releases, next.Releases...), append(d.Holds, next.Holds...)
	}
}

// note learns the machine's names of the model's attempts and gates.
func (w *pair) note() {
	for _, e := range w.state.Executions {
		r := w.lane.run(e.ID)
		for i := range e.Stages {
			s := &e.Stages[i]
			for _, a := range s.Actions {
				w.ids[keyOf(e, s, &a)] = a.ID
			}
			for _, block := range pipeline.ConditionBlocks() {
				if c := s.Condition(block); c != nil {
					for _, a := range c.Rules {
						w.ids[keyOf(e, s, &a)] = a.ID
					}
				}
			}
			if s.Gate != nil && r != nil && r.stage(s.Name).gate != nil {
				w.ids[r.stage(s.Name).gate.key] = s.Gate.ID
			}
		}
	}
}

func keyOf(e *pipeline.Execution, s *pipeline.StageExecution, a *pipeline.ActionExecution) string {
	name := a.Name
	if a.Block != "" {
		name = string(a.Block) + "/" + name
	}
	return fmt.Sprintf("%s/%s/%s#%d", e.ID, s.Name, name, a.Attempt)
}

// decided is what the machine asks of the world.
func (w *pair) decided(t *rapid.T, d machine.Decision) string {
	var starts, claims, rollbacks []string
	for _, o := range d.Orders {
		switch o.Kind {
		case pipeline.StartAction, pipeline.StopAction:
			var about pipeline.ActionOrder
			read(t, o, &about)
			e := w.state.Execution(about.Execution)
			s, a := e.FindAction(about.Attempt)
			if o.Kind == pipeline.StopAction {
				w.stopped[keyOf(e, s, a)] = true
			} else {
				starts = append(starts, keyOf(e, s, a))
			}
		case pipeline.StartRollback:
			var about pipeline.RollbackOrder
			read(t, o, &about)
			w.rollbacks = append(w.rollbacks, about)
			rollbacks = append(rollbacks, fmt.Sprintf("%s in %s to %s", about.Failed, about.Stage, about.Target))
		case pipeline.WakeLane:
			w.wakes[o.Due.UnixNano()] = true
		}
	}
	for _, e := range w.state.Executions {
		for _, g := range e.Gates() {
			if !w.wakes[g.ExpiresAt.UnixNano()] {
				t.Fatalf("nobody wakes up when gate %s of %s expires", g.Name, e.ID)
			}
		}
	}
	for _, c := range d.Holds {
		claims = append(claims, fmt.Sprintf("hold %s by %s in %s", c.Environment, c.Execution, c.Stage))
	}
	for _, c := range d.Releases {
		claims = append(claims, fmt.Sprintf("release %s by %s in %s", c.Environment, c.Execution, c.Stage))
		w.line[c.Environment] = slices.DeleteFunc(w.line[c.Environment], func(have pipeline.EnvironmentClaim) bool { return have == c })
	}
	for _, c := range d.Claims {
		claims = append(claims, fmt.Sprintf("claim %s by %s in %s", c.Environment, c.Execution, c.Stage))
		w.line[c.Environment] = append(w.line[c.Environment], c)
	}
	return asked(starts, claims, rollbacks, w.stopped)
}

func (l *lane) asks() string { return asked(l.starts, l.claims, l.rollbacks, l.asked) }

func asked(starts, claims, rollbacks []string, stopped map[string]bool) string {
	slices.Sort(starts)
	slices.Sort(claims)
	return fmt.Sprintf("start %s\nclaims %s\nrollbacks %s\nstopped %s", starts, claims, rollbacks, slices.Sorted(maps.Keys(stopped)))
}

func read(t *rapid.T, o pipeline.Order, payload any) {
	if err := json.Unmarshal(o.Payload, payload); err != nil {
		t.Fatalf("payload: %v", err)
	}
}

// waits is whom a run waits for, out of the machine's sentence.
func (w *pair) waits(e *pipeline.Execution) string {
	var number int64
	var sha string
	switch {
	case strings.HasPrefix(e.Waits, "the transition"):
		return "a transition"
	case e.Waits == "":
		return "nobody"
	}
	fmt.Sscanf(e.Waits, "run #%d", &number)
	fmt.Sscanf(e.Waits, "the run of %s", &sha)
	for _, other := range slices.Backward(w.state.Executions) { // a rollback has an older run's commit
		if number > 0 && other.Number == number || sha != "" && other.Revision.ShortSHA() == sha {
			return other.ID
		}
	}
	return e.Waits
}

// view is the lane as the machine has it.
func (w *pair) view() string {
	var b strings.Builder
	for _, e := range w.state.Executions {
		stop := pipeline.StopRequest{}
		if e.Stop != nil {
			stop = *e.Stop
		}
		fmt.Fprintf(&b, "%s %s %s stop %s %v waits for %s\n", e.ID, e.Status, e.FailureType, stop.As, stop.Abandon, w.waits(e))
		for i := range e.Stages {
			s := &e.Stages[i]
			fmt.Fprintf(&b, " %s %s %s environment %s rollback %v auto %v\n", s.Name, s.Status, s.FailureType,
				strings.ToLower(string(s.Environment)), s.RollingBack, s.AutoRetries > 0)
			if s.Gate != nil {
				fmt.Fprintf(&b, "  gate %s\n", s.Gate.Status)
			}
			for _, d := range w.state.Definition(e).Stage(s.Name).Actions {
				if a := s.Latest(d.Name); a != nil {
					fmt.Fprintf(&b, "  %s %s %s again %v", keyOf(e, s, a), a.Status, a.FailureType, a.Retried)
					if a.Approval != nil {
						fmt.Fprintf(&b, " gate %s", a.Approval.Status)
					}
					b.WriteString("\n")
				}
			}
			for _, block := range pipeline.ConditionBlocks() {
				c := s.Condition(block)
				if c == nil {
					continue
				}
				fmt.Fprintf(&b, "  %s %s\n", block, c.Status)
				for _, a := range c.Rules {
					fmt.Fprintf(&b, "   %s %s %s\n", keyOf(e, s, &a), a.Status, a.FailureType)
				}
			}
		}
	}
	return b.String() + ending(w.state.Ledger.Succeeded, w.state.Ledger.ClosedAt)
}

// view is the lane as the model has it, in the same words.
func (l *lane) view() string {
	var b strings.Builder
	for _, r := range l.runs {
		fmt.Fprintf(&b, "%s %s %s stop %s %v waits for %s\n", r.id, r.status, r.failure, r.stopAs, r.abandon, l.waits(r))
		for _, s := range r.stages {
			fmt.Fprintf(&b, " %s %s %s environment %s rollback %v auto %v\n", s.name, s.status, s.failure, s.environment, s.rollingBack, s.autoRetried)
			if s.gate != nil {
				fmt.Fprintf(&b, "  gate %s\n", s.gate.status)
			}
			for _, d := range r.def.Stage(s.name).Actions {
				if a := s.newest[d.Name]; a != nil {
					fmt.Fprintf(&b, "  %s %s %s again %v", a.key, a.status, a.failure, a.again)
					if a.gate != nil {
						fmt.Fprintf(&b, " gate %s", a.gate.status)
					}
					b.WriteString("\n")
				}
			}
			for _, block := range pipeline.ConditionBlocks() {
				v := s.conditions[block]
				if v == nil {
					continue
				}
				fmt.Fprintf(&b, "  %s %s\n", block, v.status)
				for _, a := range s.rules {
					if strings.Contains(a.key, "/"+string(block)+"/") {
						fmt.Fprintf(&b, "   %s %s %s\n", a.key, a.status, a.failure)
					}
				}
			}
		}
	}
	return b.String() + ending(l.succeeded, l.closedAt)
}

func ending(succeeded map[string]string, closedAt time.Time) string {
	return fmt.Sprintf("succeeded %v closed %v\n", succeeded, !closedAt.IsZero())
}
