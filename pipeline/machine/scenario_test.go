package machine_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
)

var update = flag.Bool("update", false, "rewrite the expected answers in testdata")

// TestScenarios plays each file of testdata: a pipeline, inputs in order, and the
// events, orders and states that must follow. The words are told in scenario.do.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = string(f.Data)
			}
			got := play(t, parts)
			if *update {
				for i := range archive.Files {
					if archive.Files[i].Name == "want" {
						archive.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(parts["want"], got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// scenario is a lane and the names that its file uses: r1, r2 ... are runs.
type scenario struct {
	t           *testing.T
	state       pipeline.State
	definitions map[string]*pipeline.Pipeline
	now         time.Time
	out         strings.Builder
	runs        map[string]string // id -> r1
}

func play(t *testing.T, parts map[string]string) string {
	t.Helper()
	lane := pipeline.BranchLane("main")
	definitions := map[string]*pipeline.Pipeline{}
	for name, body := range parts {
		if strings.HasPrefix(name, "pipeline") {
			definitions[name] = parsePipeline(t, body)
		}
	}
	if l := strings.TrimSpace(parts["lane"]); l != "" {
		if err := lane.UnmarshalText([]byte(l)); err != nil {
			t.Fatal(err)
		}
	}
	s := &scenario{
		t: t, definitions: definitions, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), runs: map[string]string{},
		state: pipeline.State{Key: pipeline.StateKey{Host: "github.com", RepositoryID: 1, Pipeline: "release", Lane: lane}},
	}
	for _, line := range strings.Split(strings.TrimSpace(parts["inputs"]), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if fields := strings.Fields(line); len(fields) > 0 {
			fmt.Fprintf(&s.out, "%s\n", strings.Join(fields, " "))
			s.do(fields)
		}
	}
	return s.out.String()
}

// parsePipeline reads the few words that scenarios need:
//
//	cancelInProgress
//	stage NAME [environment=NAME]
//	  action NAME [order=N]
//	  manual NAME [order=N] [timeout=D] [required=N]
func parsePipeline(t *testing.T, body string) *pipeline.Pipeline {
	t.Helper()
	p := &pipeline.Pipeline{V: 1, Name: "release", ExecutionMode: pipeline.ModeSuperseded}
	for _, line := range strings.Split(body, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		options := map[string]string{}
		for _, f := range fields[1:] {
			if k, v, ok := strings.Cut(f, "="); ok {
				options[k] = v
			}
		}
		rules := pipeline.Policy{Required: max(1, number(options["required"]))}
		rules.Timeout, _ = time.ParseDuration(options["timeout"])
		switch fields[0] {
		case "cancelInProgress":
			yes := true
			p.CancelInProgress = &yes
		case "stage":
			stage := pipeline.Stage{Name: fields[1], Environment: options["environment"]}
			if stage.Environment != "" {
				stage.Approval = &rules
			}
			p.Stages = append(p.Stages, stage)
		case "action", "manual":
			a := pipeline.Action{Name: fields[1], RunOrder: max(1, number(options["order"]))}
			a.Type = pipeline.ActionType{Category: pipeline.CategoryBuild, Owner: "AWS", Provider: "Commands", Version: "1"}
			if fields[0] == "manual" {
				a.Type.Category, a.Type.Provider, a.Approval = pipeline.CategoryApproval, "Manual", &rules
			}
			last := &p.Stages[len(p.Stages)-1]
			last.Actions = append(last.Actions, a)
		default:
			t.Fatalf("pipeline: %q", line)
		}
	}
	return p
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

// do plays one line of inputs:
//
//	push AFTER [before=SHA] [at=SECONDS] [head=SHA] [pipeline=PART]
//	run SHA                        a run of the ref as it is, asked for by somebody
//	ok|fail|abandoned rN ACTION [TYPE]  the end of the newest attempt of an action
//	launched rN ACTION             its provider has taken it on
//	late-ok rN ACTION ATTEMPT      the end of a certain attempt
//	approve|reject rN GATE BY [permission=P] [reason=WORD]
//	stop|abandon rN, retry rN [STAGE], close [at=SECONDS], wake
//	grant rN STAGE                 the lock of the stage's environment is the run's
//	pass DURATION                  time goes by
//	show                           every run of the lane
func (s *scenario) do(fields []string) {
	s.t.Helper()
	options := map[string]string{}
	var args []string
	for _, f := range fields[1:] {
		if k, v, ok := strings.Cut(f, "="); ok {
			options[k] = v
		} else {
			args = append(args, f)
		}
	}
	by := pipeline.Actor{ID: 7, Login: "octocat"}
	switch verb := fields[0]; verb {
	case "push", "run":
		digest := "pipeline"
		if options["pipeline"] != "" {
			digest = options["pipeline"]
		}
		in := pipeline.StartExecution{Definition: s.definitions[digest], Head: options["head"]}
		id := fmt.Sprintf("id-%d", len(s.runs)+1)
		s.runs[id] = fmt.Sprintf("r%d", len(s.runs)+1)
		in.Execution = pipeline.Execution{
			ID: id, Lane: s.state.Key.Lane, Pipeline: "release", Definition: digest,
			Repository: pipeline.Repository{Host: "github.com", ID: 1},
			Revision:   pipeline.Revision{SHA: args[0]},
		}
		if verb == "push" {
			in.Change = &pipeline.Change{At: s.now.Truncate(time.Second), Before: options["before"], After: args[0]}
			if at := options["at"]; at != "" {
				in.Change.At = time.Date(2026, 3, 1, 12, 0, number(at), 0, time.UTC)
			}
		}
		s.next(in)
	case "ok", "fail", "abandoned", "launched", "late-ok":
		e := s.run(args[0])
		attempt := s.attempt(e, args[1])
		status := map[string]pipeline.ActionStatus{
			"ok": pipeline.ActionSucceeded, "late-ok": pipeline.ActionSucceeded,
			"fail": pipeline.ActionFailed, "abandoned": pipeline.ActionAbandoned,
		}[verb]
		in := pipeline.ActionEnded{ExecutionID: e.ID, AttemptID: attempt, Status: status}
		if verb == "fail" {
			in.FailureType, in.Summary = pipeline.JobFailed, "exit status 1"
		}
		if verb == "late-ok" {
			for _, stage := range e.Stages {
				in.AttemptID = pipeline.AttemptID(e.ID, stage.Name, args[1], number(args[2]))
				if _, a := e.FindAction(in.AttemptID); a != nil {
					break
				}
			}
		}
		if verb == "launched" {
			s.next(pipeline.ActionLaunched{ExecutionID: e.ID, AttemptID: attempt, Handle: []byte("h")})
			return
		}
		s.next(in)
	case "approve", "reject":
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
		in.Vote.Facts = pipeline.Facts{Voter: pipeline.Actor{ID: int64(args[2][0]), Login: args[2]}, Permission: permission}
		s.next(in)
	case "stop", "abandon":
		s.next(pipeline.StopExecution{ExecutionID: s.run(args[0]).ID, Abandon: verb == "abandon", Reason: "stopped by octocat", By: by})
	case "retry":
		in := pipeline.RetryStage{ExecutionID: s.run(args[0]).ID, By: by}
		if len(args) > 1 {
			in.Stage = args[1]
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
	default:
		s.t.Fatalf("inputs: %q", strings.Join(fields, " "))
	}
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

func (s *scenario) attempt(e *pipeline.Execution, action string) string {
	for i := range e.Stages {
		if a := e.Stages[i].Latest(action); a != nil {
			return a.ID
		}
	}
	return "none"
}

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
		kind := map[pipeline.Kind]string{pipeline.Conflict: "conflict", pipeline.NotFound: "not found", pipeline.Invalid: "invalid"}[pipeline.KindOf(err)]
		if errors.Is(err, pipeline.ErrOrderUnknown) {
			kind = "order unknown"
			delete(s.runs, fmt.Sprintf("id-%d", len(s.runs)))
		}
		fmt.Fprintf(&s.out, "    %s: %v\n", kind, err)
		return
	}
	s.state = d.State
	for _, event := range d.Events {
		fmt.Fprintf(&s.out, "    %s\n", strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %s",
			s.runs[event.Execution], event.Kind, event.Stage, event.Action, detail(event))), " "))
	}
	for _, order := range d.Orders {
		var payload pipeline.ActionOrder
		if err := json.Unmarshal(order.Payload, &payload); err != nil {
			s.t.Fatal(err)
		}
		due := ""
		if !order.Due.IsZero() {
			due = "in " + order.Due.Sub(s.now).String()
		}
		what := ""
		if e := s.state.Execution(payload.Execution); e != nil {
			_, a := e.FindAction(payload.Attempt)
			what = fmt.Sprintf("%s %s attempt %d", s.runs[e.ID], a.Name, a.Attempt)
		}
		fmt.Fprintf(&s.out, "    -> %s\n", strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", order.Kind, what, due)), " "))
	}
	for _, c := range d.Claims {
		fmt.Fprintf(&s.out, "    -> claim %s for %s %s\n", c.Environment, s.runs[c.Execution], c.Stage)
	}
	for _, c := range d.Releases {
		fmt.Fprintf(&s.out, "    -> release %s by %s %s\n", c.Environment, s.runs[c.Execution], c.Stage)
	}
	if len(d.Events)+len(d.Orders)+len(d.Claims)+len(d.Releases) == 0 {
		fmt.Fprintf(&s.out, "    (nothing)\n")
	}
}

func detail(event pipeline.Event) string {
	if event.Detail == "" {
		return ""
	}
	return "(" + event.Detail + ")"
}

func (s *scenario) show(e *pipeline.Execution) {
	var stages []string
	for _, stage := range e.Stages {
		status := string(stage.Status)
		if status == "" {
			status = "-"
		}
		stages = append(stages, stage.Name+"="+status)
	}
	reason := ""
	if e.Reason != "" {
		reason = " (" + e.Reason + ")"
	}
	fmt.Fprintf(&s.out, "    %s %s %s %s%s\n", s.runs[e.ID], e.Revision.SHA, e.Status, strings.Join(stages, " "), reason)
}
