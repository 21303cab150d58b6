package machine_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// do plays one line of inputs:
//
//	push AFTER [before=SHA] [at=SECONDS] [head=SHA] [pipeline=PART]
//	run SHA [NAME=VALUE...] [pipeline=PART]  a run of the ref as it is, asked for by
//	                               somebody, with values for variables
//	pushes N                       so many pushes, a second apart, of which nothing is told
//	ok|fail|skip|abandoned rN ACTION [TYPE]  the end of the newest attempt of an action,
//	                               or of a rule; skip: its expression says so
//	launched rN ACTION             its provider has taken it on
//	late-ok rN ACTION ATTEMPT      the end of a certain attempt
//	approve|reject rN GATE BY [permission=P] [reason=WORD]
//	approve ... with WORDS         and the rules read anew, as read has them
//	unapprove rN GATE BY
//	override-gate rN STAGE|GATE BY [reason=WORD]
//	artifact rN ACTION DIGEST      its only artifact has another content by now
//	lock|unlock ENVIRONMENT [reason=WORD]
//	hold, read ...                 rules are not read by themselves; see read
//	stop|abandon rN, close [at=SECONDS], wake
//	retry rN [STAGE] [mode=ALL_ACTIONS]
//	rollback STAGE rN              to rN, asked for by somebody
//	begin-rollback                 the rollback that a failure has asked for
//	override rN STAGE BEFORE_ENTRY|ON_SUCCESS [reason=WORD]
//	disable|enable STAGE [all]     the transition of this lane, or of all lanes
//	grant rN STAGE                 the lock of the stage's environment is the run's
//	pass DURATION                  time goes by
//	show, doors, gates             every run of the lane; every transition; every gate
func (s *scenario) do(fields []string) {
	s.t.Helper()
	args, options := words(fields[1:])
	by := pipeline.Actor{ID: 7, Login: "octocat"}
	switch verb := fields[0]; verb {
	case "push", "run":
		s.start(args[0], options, verb == "push")
	case "pushes":
		told := s.out.String()
		for range number(args[0]) {
			s.now = s.now.Add(time.Second)
			s.start(fmt.Sprintf("%07x", len(s.runs)+1), nil, true)
		}
		s.out.Reset()
		s.out.WriteString(told)
	case "ok", "fail", "skip", "abandoned", "late-ok":
		s.end(verb, args)
	case "launched":
		e := s.run(args[0])
		s.next(pipeline.ActionLaunched{ExecutionID: e.ID, AttemptID: s.attempt(e, args[1]), Handle: []byte("h")})
	case "approve", "reject":
		s.vote(verb, args, options)
	case "stop", "abandon":
		s.next(pipeline.StopExecution{ExecutionID: s.run(args[0]).ID, Abandon: verb == "abandon", Reason: "stopped by octocat", By: by})
	case "retry":
		in := pipeline.RetryStage{ExecutionID: s.run(args[0]).ID, By: by, Mode: pipeline.RetryMode(options["mode"])}
		if len(args) > 1 {
			in.Stage = args[1]
		}
		s.next(in)
	case "rollback":
		target := s.run(args[1]).ID
		s.next(pipeline.RollbackStage{ExecutionID: s.name(""), Stage: args[0], Target: target, By: by})
	case "begin-rollback":
		o := s.rollbacks[0]
		s.rollbacks = s.rollbacks[1:]
		s.next(pipeline.RollbackStage{ExecutionID: o.Execution, Failed: o.Failed, Stage: o.Stage, Target: o.Target})
	case "override":
		s.next(pipeline.OverrideCondition{ExecutionID: s.run(args[0]).ID, Stage: args[1],
			Block: pipeline.ConditionBlock(args[2]), By: by, Reason: options["reason"]})
	case "disable", "enable":
		in := pipeline.SetTransition{Stage: args[0], AllLanes: len(args) > 1, Enabled: verb == "enable", By: by}
		if !in.Enabled {
			in.Reason = "frozen"
		}
		s.next(in)
	case "grant":
		s.next(pipeline.EnvironmentGranted{ExecutionID: s.run(args[0]).ID, Stage: args[1]})
	case "close":
		at := s.now
		if options["at"] != "" {
			at = time.Date(2026, 3, 1, 12, 0, number(options["at"]), 0, time.UTC)
		}
		s.next(pipeline.CloseLane{Reason: "the pull request was closed", By: by, At: at})
	case "wake":
		s.next(pipeline.Wake{})
	case "pass":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			s.t.Fatal(err)
		}
		s.now = s.now.Add(d)
	case "show":
		for _, e := range s.state.Executions {
			s.show(e)
		}
	case "hold":
		s.hold = true
	case "read":
		s.read(args, options)
	case "override-gate":
		s.overrideGate(args, options)
	case "artifact":
		s.exchange(args)
	case "unapprove":
		s.withdraw(args)
	case "lock", "unlock":
		s.next(pipeline.LockEnvironment{Environment: args[0], Locked: verb == "lock", By: by, Reason: options["reason"]})
	case "gates":
		s.gates()
	case "doors":
		s.doors()
	default:
		s.t.Fatalf("inputs: %q", strings.Join(fields, " "))
	}
}

func (s *scenario) start(sha string, options map[string]string, push bool) {
	s.t.Helper()
	digest := "pipeline"
	if options["pipeline"] != "" {
		digest = options["pipeline"]
	}
	in := pipeline.StartExecution{Definition: s.definitions[digest], Head: options["head"]}
	in.Execution = pipeline.Execution{
		ID: s.name(""), Lane: s.state.Key.Lane, Pipeline: "release", Definition: digest,
		Repository: pipeline.Repository{Host: "github.com", ID: 1},
		Revision:   pipeline.Revision{SHA: sha},
	}
	for name, value := range options {
		if name == "pipeline" || push {
			continue
		}
		if in.Execution.Variables == nil {
			in.Execution.Variables = map[string]string{}
		}
		in.Execution.Variables[name] = value
	}
	if push {
		in.Change = &pipeline.Change{At: s.now.Truncate(time.Second), Before: options["before"], After: sha}
		if at := options["at"]; at != "" {
			in.Change.At = time.Date(2026, 3, 1, 12, 0, number(at), 0, time.UTC)
		}
	}
	s.next(in)
}

func (s *scenario) end(verb string, args []string) {
	s.t.Helper()
	e := s.run(args[0])
	in := pipeline.ActionEnded{ExecutionID: e.ID, AttemptID: s.attempt(e, args[1]), Status: map[string]pipeline.ActionStatus{
		"ok": pipeline.ActionSucceeded, "late-ok": pipeline.ActionSucceeded, "skip": pipeline.ActionSkipped,
		"fail": pipeline.ActionFailed, "abandoned": pipeline.ActionAbandoned,
	}[verb]}
	switch verb {
	case "fail":
		in.FailureType, in.Summary = pipeline.JobFailed, "exit status 1"
		if len(args) > 2 {
			in.FailureType, in.Summary = pipeline.FailureType(args[2]), "it was "+args[2]
		}
	case "late-ok":
		for _, stage := range e.Stages {
			in.AttemptID = pipeline.AttemptID(e.ID, stage.Name, args[1], number(args[2]))
			if _, a := e.FindAction(in.AttemptID); a != nil {
				break
			}
		}
	}
	s.next(in)
}

func (s *scenario) vote(verb string, args []string, options map[string]string) {
	s.t.Helper()
	e := s.run(args[0])
	in := pipeline.VoteGiven{ExecutionID: e.ID, Vote: pipeline.Vote{Verdict: pipeline.Approve, Door: pipeline.DoorComment, Reason: options["reason"]}}
	if verb == "reject" {
		in.Vote.Verdict = pipeline.Reject
	}
	for _, gate := range e.AllGates() {
		if gate.Name == args[1] {
			in.ApprovalID = gate.ID
		}
	}
	permission := pipeline.PermissionWrite
	if p := options["permission"]; p != "" {
		permission = pipeline.Permission(p)
	}
	in.Vote.Facts = facts(args[2], permission)
	if len(args) > 3 {
		reading := s.reading(args[4:], options)
		in.Reading = &reading
	}
	s.next(in)
}

// name gives the next run its name in the file, and an id unless it has one.
func (s *scenario) name(id string) string {
	n := len(s.runs) + 1
	if id == "" {
		id = fmt.Sprintf("id-%d", n)
	}
	s.runs[id] = fmt.Sprintf("r%d", n)
	return id
}

func (s *scenario) run(name string) *pipeline.Execution {
	s.t.Helper()
	for _, e := range s.state.Executions {
		if s.runs[e.ID] == name {
			return e
		}
	}
	s.t.Fatalf("there is no run %s", name)
	return nil
}

// attempt finds the newest attempt of an action or a rule, of the newest stage
// that has one.
func (s *scenario) attempt(e *pipeline.Execution, name string) string {
	for i := len(e.Stages) - 1; i >= 0; i-- {
		stage := &e.Stages[i]
		if a := stage.Latest(name); a != nil {
			return a.ID
		}
		for _, block := range pipeline.ConditionBlocks() {
			c := stage.Condition(block)
			for j := 0; c != nil && j < len(c.Rules); j++ {
				if a := &c.Rules[len(c.Rules)-1-j]; a.Name == name {
					return a.ID
				}
			}
		}
	}
	return "none"
}
