package machine_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
)

func drawPair(t *rapid.T) *pair {
	pull := rapid.Bool().Draw(t, "pull")
	w := &pair{
		lane: newLane(pull), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), ids: map[string]string{},
		stopped: map[string]bool{}, wakes: map[int64]bool{}, line: map[string][]pipeline.EnvironmentClaim{},
	}
	w.state.Key = pipeline.StateKey{Host: "github.com", RepositoryID: 1, Pipeline: "p", Lane: pipeline.BranchLane("main")}
	if pull {
		w.state.Key.Lane = pipeline.PullLane(7)
	}
	modes := []pipeline.ExecutionMode{"", pipeline.ModeSuperseded, pipeline.ModeQueued, pipeline.ModeParallel}
	mode := rapid.SampledFrom(modes).Draw(t, "mode")
	mixed := rapid.IntRange(0, 4).Draw(t, "mixed") == 0 // somebody has edited the file
	for i := range rapid.IntRange(1, 2).Draw(t, "definitions") {
		p := drawPipeline(t, i)
		if p.ExecutionMode = mode; mixed {
			p.ExecutionMode = rapid.SampledFrom(modes).Draw(t, "mode")
		}
		if n := rapid.IntRange(0, 5).Draw(t, "cancelInProgress"); n < 2 {
			yes := n == 0
			p.CancelInProgress = &yes
		}
		drawMore(t, p)
		w.definitions = append(w.definitions, p)
	}
	if mode != modes[0] && mode != modes[1] && rapid.IntRange(0, 30).Draw(t, "crowd") == 30 {
		w.crowd(t)
	}
	return w
}

// crowd lets in as many runs as there may be at once, or nearly so.
func (w *pair) crowd(t *rapid.T) {
	for range rapid.IntRange(pipeline.MaxConcurrent-2, pipeline.MaxConcurrent).Draw(t, "crowded") {
		w.starts++
		w.step(t, same(pipeline.StartExecution{Definition: w.definitions[0], Execution: pipeline.Execution{
			ID: fmt.Sprintf("r%d", w.starts), Lane: w.state.Key.Lane, Definition: "0",
			Revision: pipeline.Revision{SHA: fmt.Sprintf("%07x", w.starts)}}}))
	}
}

// drawMore adds what the laws do without.
func drawMore(t *rapid.T, p *pipeline.Pipeline) {
	for i := range p.Stages {
		s := &p.Stages[i]
		if s.Environment != "" && rapid.IntRange(0, 2).Draw(t, "nogate") == 0 {
			p.Environments = slices.DeleteFunc(p.Environments, func(e pipeline.Environment) bool { return e.Name == s.Environment })
		}
		for j := range s.Actions {
			a := &s.Actions[j]
			a.RunOrder = rapid.IntRange(1, 3).Draw(t, "order")
			if rapid.IntRange(0, 5).Draw(t, "runIf") == 0 {
				a.When.RunIf = "x"
			}
			if a.Approval != nil {
				a.Approval.Required = rapid.IntRange(1, 2).Draw(t, "required")
			}
		}
	}
}

// drawInput draws what may happen next; that which makes sense, more often.
func (w *pair) drawInput(t *rapid.T) input {
	run := "none"
	if n := len(w.lane.runs); n > 0 {
		run = w.lane.runs[rapid.IntRange(max(0, n-4), n-1).Draw(t, "run")].id
	}
	stage := fmt.Sprintf("s%d", rapid.IntRange(0, 3).Draw(t, "stage"))
	switch rapid.IntRange(0, 26).Draw(t, "input") {
	case 0, 1, 2:
		return w.drawStart(t)
	case 3:
		return same(pipeline.StopExecution{ExecutionID: run, Abandon: rapid.Bool().Draw(t, "abandon")})
	case 4, 5:
		in := pipeline.RetryStage{ExecutionID: run, Mode: rapid.SampledFrom([]pipeline.RetryMode{"", pipeline.RetryFailedActions, pipeline.RetryAllActions}).Draw(t, "mode")}
		if rapid.IntRange(0, 3).Draw(t, "named") == 0 {
			in.Stage = stage
		}
		return same(in)
	case 6:
		w.starts++
		if succeeded := slices.Sorted(maps.Keys(w.lane.succeeded)); len(succeeded) > 0 && rapid.Bool().Draw(t, "succeeded") {
			stage = rapid.SampledFrom(succeeded).Draw(t, "stage")
			run = w.lane.succeeded[stage]
		}
		return same(pipeline.RollbackStage{ExecutionID: fmt.Sprintf("r%d", w.starts), Stage: stage, Target: run, By: pipeline.Actor{ID: 1, Login: "octocat"}})
	case 7:
		return same(pipeline.SetTransition{Stage: stage, AllLanes: rapid.Bool().Draw(t, "all"), Enabled: rapid.IntRange(0, 2).Draw(t, "enabled") > 0, Reason: "frozen"})
	case 8, 9:
		block := rapid.SampledFrom([]pipeline.ConditionBlock{pipeline.BlockBeforeEntry, pipeline.BlockOnSuccess}).Draw(t, "block")
		if r := w.lane.run(run); r != nil && r.at() != nil {
			stage = r.at().name
		}
		return same(pipeline.OverrideCondition{ExecutionID: run, Stage: stage, Block: block, Reason: "because"})
	case 10:
		w.now = w.now.Add(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour - time.Minute, time.Hour}).Draw(t, "time"))
	case 11:
		if rapid.IntRange(0, 3).Draw(t, "close") == 0 {
			return same(pipeline.CloseLane{At: w.now.Truncate(time.Second).Add(-time.Duration(rapid.IntRange(0, 2).Draw(t, "ago")) * time.Second)})
		}
	case 12, 13:
		return w.drawVote(t)
	case 14: // told late, or twice
		return same(pipeline.EnvironmentGranted{ExecutionID: run, Stage: stage})
	case 15:
		return w.drawRepeated(t)
	case 16, 17, 18:
		if in := w.carryOut(); in != nil {
			return same(in)
		}
	default:
		return w.drawEnd(t)
	}
	return same(pipeline.Wake{})
}

func (w *pair) drawStart(t *rapid.T) input {
	i := rapid.IntRange(0, len(w.definitions)-1).Draw(t, "definition")
	w.starts++
	sha := fmt.Sprintf("%07x", w.starts)
	in := pipeline.StartExecution{
		Definition: w.definitions[i],
		Execution: pipeline.Execution{ID: fmt.Sprintf("r%d", w.starts), Lane: w.state.Key.Lane,
			Definition: fmt.Sprint(i), Revision: pipeline.Revision{SHA: sha}},
	}
	in.KeepClosed = rapid.IntRange(0, 9).Draw(t, "keep closed") == 0
	if rapid.IntRange(0, 4).Draw(t, "asked for") == 0 {
		return same(in)
	}
	at := w.now.Add(time.Duration(rapid.IntRange(-3, 1).Draw(t, "late")) * time.Second).Truncate(time.Second)
	in.Change = &pipeline.Change{At: at, After: sha, Before: fmt.Sprintf("%07x", w.starts+rapid.SampledFrom([]int{-2, -1, 1}).Draw(t, "before"))}
	in.Head = rapid.SampledFrom([]string{"", sha, fmt.Sprintf("%07x", w.starts-1)}).Draw(t, "head")
	return same(in)
}

func (w *pair) drawVote(t *rapid.T) input {
	var open []string
	var of []string
	for _, r := range w.lane.runs {
		for _, s := range r.stages {
			if s.gate != nil {
				open, of = append(open, s.gate.key), append(of, r.id)
			}
			for _, name := range slices.Sorted(maps.Keys(s.newest)) {
				if a := s.newest[name]; a.gate != nil {
					open, of = append(open, a.gate.key), append(of, r.id)
				}
			}
		}
	}
	if len(open) == 0 {
		return same(pipeline.Wake{})
	}
	i := rapid.IntRange(max(0, len(open)-4), len(open)-1).Draw(t, "gate")
	in := pipeline.VoteGiven{ExecutionID: of[i], ApprovalID: w.ids[open[i]], Vote: pipeline.Vote{
		Verdict: rapid.SampledFrom([]pipeline.Verdict{pipeline.Approve, pipeline.Approve, pipeline.Approve, pipeline.Reject}).Draw(t, "verdict"),
		Facts: pipeline.Facts{Voter: pipeline.Actor{ID: rapid.Int64Range(1, 3).Draw(t, "voter"), Login: "octocat"},
			Permission: rapid.SampledFrom([]pipeline.Permission{pipeline.PermissionWrite, pipeline.PermissionWrite, pipeline.PermissionRead}).Draw(t, "permission")}}}
	inModel := in
	inModel.ApprovalID = open[i]
	return input{in, inModel}
}

// drawEnd lets something that runs be launched or end, or something that has ended
// end again.
func (w *pair) drawEnd(t *rapid.T) input {
	var keys []string
	manual := map[string]bool{}
	of := map[string]string{}
	add := func(r *run, a *attempt, approval bool) {
		if a.status == pipeline.ActionInProgress && a.gate == nil {
			keys = append(keys, a.key)
			manual[a.key], of[a.key] = approval, r.id
		}
	}
	for _, r := range w.lane.runs {
		for _, s := range r.stages {
			for _, d := range r.def.Stage(s.name).Actions {
				if a := s.newest[d.Name]; a != nil {
					add(r, a, d.Approval != nil)
				}
			}
			for _, a := range s.rules {
				add(r, a, false)
			}
		}
	}
	if len(keys) == 0 {
		return same(pipeline.Wake{})
	}
	key := keys[rapid.IntRange(0, len(keys)-1).Draw(t, "attempt")]
	if manual[key] || rapid.IntRange(0, 9).Draw(t, "launched") == 0 {
		if !manual[key] || rapid.IntRange(0, 3).Draw(t, "asks") > 0 {
			return input{pipeline.ActionLaunched{ExecutionID: of[key], AttemptID: w.ids[key], Handle: []byte("h")},
				pipeline.ActionLaunched{ExecutionID: of[key], AttemptID: key}}
		}
	}
	in := pipeline.ActionEnded{ExecutionID: of[key], AttemptID: w.ids[key]}
	in.Status = rapid.SampledFrom([]pipeline.ActionStatus{pipeline.ActionSucceeded, pipeline.ActionSucceeded, pipeline.ActionSucceeded,
		pipeline.ActionFailed, pipeline.ActionFailed, pipeline.ActionAbandoned, pipeline.ActionSkipped}).Draw(t, "status")
	if in.Status == pipeline.ActionFailed {
		in.FailureType = rapid.SampledFrom([]pipeline.FailureType{pipeline.JobFailed, pipeline.JobFailed, pipeline.TimedOut,
			pipeline.ConfigurationError, pipeline.SystemUnavailable}).Draw(t, "failure")
	}
	inModel := in
	inModel.AttemptID = key
	return input{in, inModel}
}

// drawRepeated ends something that may have ended before, or that is a gate.
func (w *pair) drawRepeated(t *rapid.T) input {
	in := pipeline.ActionEnded{ExecutionID: "none", AttemptID: "none", Status: pipeline.ActionSucceeded}
	inModel := in
	for i := len(w.lane.runs) - 1; i >= 0; i-- {
		r := w.lane.runs[i]
		for _, s := range r.stages {
			for _, name := range slices.Sorted(maps.Keys(s.newest)) {
				if a := s.newest[name]; a.status != pipeline.ActionInProgress || a.gate != nil {
					in.ExecutionID, in.AttemptID, inModel.ExecutionID, inModel.AttemptID = r.id, w.ids[a.key], r.id, a.key
					return input{in, inModel}
				}
			}
		}
	}
	return input{in, inModel}
}

// carryOut is an order that waits: a rollback to begin, a lock to hand over.
func (w *pair) carryOut() pipeline.Input {
	if len(w.rollbacks) > 0 {
		o := w.rollbacks[0]
		w.rollbacks = w.rollbacks[1:]
		return pipeline.RollbackStage{ExecutionID: o.Execution, Failed: o.Failed, Stage: o.Stage, Target: o.Target}
	}
	for _, name := range slices.Sorted(maps.Keys(w.line)) {
		if line := w.line[name]; len(line) > 0 {
			if r := w.lane.run(line[0].Execution); r != nil && r.stage(line[0].Stage).environment == "waiting" {
				return pipeline.EnvironmentGranted{ExecutionID: line[0].Execution, Stage: line[0].Stage}
			}
		}
	}
	return nil
}
