package machine_test

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// read answers the oldest question for rules that the file has told to hold:
//
//	read [nogate] [required=N] [remind=D] [escalate=D] [refused=WORD] [trouble=WORD]
//	     [frozen=D] [until=D] [reader=BY] [requester=PERMISSION]
//
// reader is a voter who may only read by now. Whoever is called oncall may override,
// and whoever is called leads counts once the gate is escalated.
func (s *scenario) read(args []string, options map[string]string) {
	s.t.Helper()
	o := s.readings[0]
	reading := s.reading(args, options)
	if reading.Trouble == "" {
		s.readings = s.readings[1:]
	}
	s.next(pipeline.RulesRead{ExecutionID: o.Execution, Stage: o.Stage, AttemptID: o.Attempt, Asked: o.Asked, Reading: reading})
}

func (s *scenario) reading(args []string, options map[string]string) pipeline.Reading {
	after := func(name string) time.Duration {
		d, _ := time.ParseDuration(options[name])
		return d
	}
	leads, oncall := person("leads"), []pipeline.Selector{person("oncall")}
	reading := pipeline.Reading{Trouble: options["trouble"], Refused: options["refused"], Until: s.now.Add(time.Minute), Override: oncall}
	if d := after("until"); d != 0 {
		reading.Until = s.now.Add(d)
	}
	if d := after("frozen"); d != 0 {
		reading.Frozen = &pipeline.Frozen{Until: s.now.Add(d), Reason: "holidays"}
	}
	if len(args) == 0 {
		reading.Policy = &pipeline.Policy{Required: max(1, number(options["required"])), RemindAfter: after("remind"), Override: oncall}
		reading.Brief = &pipeline.Brief{}
		if d := after("escalate"); d != 0 {
			reading.Policy.AllOf = []pipeline.Requirement{{Required: 1, From: []pipeline.Selector{person("monalisa")}}}
			reading.Policy.Escalate = &pipeline.Escalation{After: d, To: []pipeline.Selector{leads}}
		}
	}
	if by := options["reader"]; by != "" {
		reading.Voters = []pipeline.Facts{facts(by, pipeline.PermissionRead)}
	}
	if p := options["requester"]; p != "" {
		f := facts("octocat", pipeline.Permission(p))
		reading.Requester = &f
	}
	return reading
}

func person(login string) pipeline.Selector {
	return pipeline.Selector{User: login, ID: int64(login[0])}
}

func facts(login string, permission pipeline.Permission) pipeline.Facts {
	return pipeline.Facts{Voter: pipeline.Actor{ID: int64(login[0]), Login: login}, Permission: permission}
}

// override is the word of somebody against a gate, or against a freeze.
func (s *scenario) overrideGate(args []string, options map[string]string) {
	s.t.Helper()
	e := s.run(args[0])
	in := pipeline.OverrideGate{ExecutionID: e.ID, Stage: args[1], Facts: facts(args[2], pipeline.PermissionRead), Reason: options["reason"]}
	for _, gate := range e.Gates() {
		if gate.Name == args[1] && gate.Action != "" {
			in.ApprovalID, in.Stage = gate.ID, gate.Stage
		}
	}
	s.next(in)
}

func (s *scenario) withdraw(args []string) {
	s.t.Helper()
	e := s.run(args[0])
	in := pipeline.VoteWithdrawn{ExecutionID: e.ID, By: facts(args[2], "").Voter}
	for _, gate := range e.AllGates() {
		if strings.EqualFold(gate.Name, args[1]) {
			in.ApprovalID = gate.ID
		}
	}
	s.next(in)
}

// gates shows every gate with what was voted.
func (s *scenario) gates() {
	for _, e := range s.state.Executions {
		for _, g := range e.AllGates() {
			words := []string{s.runs[e.ID], g.Name, string(g.Status)}
			for _, v := range g.Votes {
				word := string(v.Verdict) + " by " + v.Facts.Voter.Login
				if !v.Withdrawn.IsZero() {
					word += " (withdrawn)"
				}
				words = append(words, word)
			}
			s.line("", words...)
		}
	}
}

// exchange gives an action another artifact than it made.
func (s *scenario) exchange(args []string) {
	s.t.Helper()
	data, err := json.Marshal(s.state)
	if err != nil {
		s.t.Fatal(err)
	}
	var state pipeline.State // what the machine was given stays as it is
	if err := json.Unmarshal(data, &state); err != nil {
		s.t.Fatal(err)
	}
	s.state.Executions = state.Executions
	_, a := s.run(args[0]).FindAction(s.attempt(s.run(args[0]), args[1]))
	a.Artifacts = []pipeline.Artifact{{Name: "shop", Digest: args[2]}}
}
