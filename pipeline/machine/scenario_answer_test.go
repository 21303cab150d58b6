package machine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

// next gives an input to the machine and writes down what it answers.
func (s *scenario) next(in pipeline.Input) {
	s.t.Helper()
	before, err := json.Marshal(s.state)
	if err != nil {
		s.t.Fatal(err)
	}
	d, err := machine.Next(s.state, in, s.now)
	after, _ := json.Marshal(s.state)
	if string(before) != string(after) {
		s.t.Errorf("Next changed the state it was given")
	}
	if err != nil {
		s.refused(err)
		return
	}
	for _, e := range d.Changed {
		if e.Number == 0 { // the store numbers runs
			e.Number = int64(number(s.runs[e.ID][1:]))
		}
	}
	s.state = d.State
	s.answer(d)
	for !s.hold && len(s.readings) > 0 {
		o := s.readings[0]
		s.readings = s.readings[1:]
		s.next(pipeline.RulesRead{ExecutionID: o.Execution, Stage: o.Stage, AttemptID: o.Attempt, Asked: o.Asked,
			Reading: readingOf(s.state, o, s.now)})
	}
}

// readingOf is what the run's own file says, to an asker whom nobody is above.
func readingOf(state pipeline.State, o pipeline.RulesOrder, now time.Time) pipeline.Reading {
	reading := pipeline.Reading{Until: now.Add(time.Minute), Requester: &pipeline.Facts{
		Voter: pipeline.Actor{ID: 7, Login: "octocat"}, Permission: pipeline.PermissionWrite}}
	e := state.Execution(o.Execution)
	d := state.Definition(e)
	if o.Attempt != "" {
		_, a := e.FindAction(o.Attempt)
		reading.Policy = d.Stage(o.Stage).Action(a.Name).Approval
		return reading
	}
	for _, environment := range d.Environments {
		if environment.Name == d.Stage(o.Stage).Environment {
			reading.Policy = environment.Approval
		}
	}
	return reading
}

func (s *scenario) refused(err error) {
	kind := map[pipeline.Kind]string{pipeline.Conflict: "conflict", pipeline.NotFound: "not found", pipeline.Invalid: "invalid"}[pipeline.KindOf(err)]
	if errors.Is(err, pipeline.ErrOrderUnknown) {
		kind = "order unknown"
	}
	if id := fmt.Sprintf("id-%d", len(s.runs)); s.state.Execution(id) == nil { // it was not started
		delete(s.runs, id)
	}
	fmt.Fprintf(&s.out, "    %s: %v\n", kind, err)
}

func (s *scenario) answer(d machine.Decision) {
	s.t.Helper()
	for _, event := range d.Events {
		s.line("", s.runs[event.Execution], string(event.Kind), event.Stage, event.Action, inBrackets(event.Detail))
	}
	for _, order := range d.Orders {
		if order.Kind == pipeline.ReadRules {
			s.toRead(order)
			continue
		}
		due := ""
		if !order.Due.IsZero() {
			due = "in " + order.Due.Sub(s.now).String()
		}
		s.line("-> ", string(order.Kind), s.about(order), due)
	}
	for _, c := range d.Claims {
		fmt.Fprintf(&s.out, "    -> claim %s for %s %s\n", c.Environment, s.runs[c.Execution], c.Stage)
	}
	for _, c := range d.Holds {
		fmt.Fprintf(&s.out, "    -> if %s holds %s in %s\n", s.runs[c.Execution], c.Environment, c.Stage)
	}
	for _, c := range d.Releases {
		fmt.Fprintf(&s.out, "    -> release %s by %s %s\n", c.Environment, s.runs[c.Execution], c.Stage)
	}
	if len(d.Events)+len(d.Orders)+len(d.Claims)+len(d.Releases)+len(d.Changed) == 0 {
		fmt.Fprintf(&s.out, "    (nothing)\n")
	}
}

// toRead notes a reading that is asked for.
func (s *scenario) toRead(order pipeline.Order) {
	s.t.Helper()
	var o pipeline.RulesOrder
	if err := json.Unmarshal(order.Payload, &o); err != nil {
		s.t.Fatal(err)
	}
	s.readings = append(s.readings, o)
	if s.hold {
		s.line("-> ", "ReadRules", s.runs[o.Execution], o.Stage)
	}
}

// about tells what an order is about, and notes the rollbacks that are asked for.
func (s *scenario) about(order pipeline.Order) string {
	s.t.Helper()
	if order.Kind == pipeline.StartRollback {
		var o pipeline.RollbackOrder
		if err := json.Unmarshal(order.Payload, &o); err != nil {
			s.t.Fatal(err)
		}
		s.rollbacks = append(s.rollbacks, o)
		s.name(o.Execution)
		return fmt.Sprintf("%s of %s to %s for %s", s.runs[o.Execution], o.Stage, s.runs[o.Target], s.runs[o.Failed])
	}
	var o pipeline.ActionOrder
	if err := json.Unmarshal(order.Payload, &o); err != nil {
		s.t.Fatal(err)
	}
	e := s.state.Execution(o.Execution)
	if e == nil {
		return ""
	}
	_, a := e.FindAction(o.Attempt)
	if a.Block != "" {
		return fmt.Sprintf("%s %s/%s attempt %d", s.runs[e.ID], a.Block, a.Name, a.Attempt)
	}
	return fmt.Sprintf("%s %s attempt %d", s.runs[e.ID], a.Name, a.Attempt)
}

func (s *scenario) show(e *pipeline.Execution) {
	words := []string{s.runs[e.ID], e.Revision.SHA, string(e.Status)}
	for _, stage := range e.Stages {
		status := string(stage.Status)
		if status == "" {
			status = "-"
		}
		words = append(words, stage.Name+"="+status)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Variables)) {
		words = append(words, name+"="+e.Variables[name])
	}
	words = append(words, inBrackets(e.Reason))
	if e.Waits != "" {
		words = append(words, "<- "+e.Waits)
	}
	s.line("", words...)
}

func (s *scenario) doors() {
	for _, door := range s.state.Transitions {
		whose, how := "every lane", "open"
		if door.Lane != (pipeline.Lane{}) {
			whose = door.Lane.String()
		}
		if !door.Enabled {
			how = fmt.Sprintf("closed by %s at %s", door.By.Login, door.At.Format("15:04:05"))
		}
		s.line("", "into", door.Stage, "of", whose+":", how, inBrackets(door.Reason))
	}
}

// line writes the words that there are.
func (s *scenario) line(mark string, words ...string) {
	words = slices.DeleteFunc(words, func(word string) bool { return word == "" })
	fmt.Fprintf(&s.out, "    %s%s\n", mark, strings.Join(words, " "))
}

func inBrackets(detail string) string {
	if detail == "" {
		return ""
	}
	return "(" + detail + ")"
}
