package explain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/pipeline"
)

func at(minutes int) time.Time {
	return time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

// scene is run #142 behind run #141 in the lane of main, both in progress.
func scene() (older, run *pipeline.Execution, s explain.Situation) {
	d := &pipeline.Pipeline{Name: "release", ExecutionMode: pipeline.ModeSuperseded, Stages: []pipeline.Stage{
		{Name: "Build"}, {Name: "Production", Environment: "production"},
	}}
	key := pipeline.StateKey{Host: "h", RepositoryID: 1, Pipeline: "release", Lane: pipeline.BranchLane("main")}
	begun := func(id string, number int64) *pipeline.Execution {
		return &pipeline.Execution{
			ID: id, Number: number, Position: number, Pipeline: "release", Lane: key.Lane, Status: pipeline.ExecutionInProgress, Definition: "d",
			Repository: pipeline.Repository{Host: "h", ID: 1, Owner: "octo-org", Name: "shop"},
			Stages:     []pipeline.StageExecution{{Name: "Build"}, {Name: "Production"}},
		}
	}
	older, run = begun("e141", 141), begun("e142", 142)
	s = explain.Situation{Run: run, Definition: d, Form: "/", Lane: pipeline.State{
		Key: key, Executions: []*pipeline.Execution{older, run}, Definitions: map[string]*pipeline.Pipeline{"d": d},
	}}
	return older, run, s
}

func TestWhy(t *testing.T) {
	t.Parallel()
	enter := func(e *pipeline.Execution, stage string) *pipeline.StageExecution {
		for i := range e.Stages {
			if e.Stages[i].Name == stage {
				e.Stages[i].Status, e.Stages[i].StartedAt = pipeline.StageInProgress, at(0)
				return &e.Stages[i]
			}
			e.Stages[i].Status = pipeline.StageSucceeded
		}
		return nil
	}
	tests := []struct {
		name       string
		change     func(older, run *pipeline.Execution, s *explain.Situation)
		text, move string
	}{
		{"behind a run that is inside", func(older, run *pipeline.Execution, s *explain.Situation) { enter(older, "Build") },
			"run #141 is in stage Build, which holds one run of a lane at a time", "ask why about that one"},
		{"behind an older run", func(older, run *pipeline.Execution, s *explain.Situation) {},
			"run #141 is older and still has stage Build ahead", "It goes on when run #141 has passed the stage"},
		{"parallel runs wait for nobody", func(older, run *pipeline.Execution, s *explain.Situation) {
			s.Definition.ExecutionMode = pipeline.ModeParallel
		}, "run #142 is about to enter stage Build", ""},
		{"a run that stops is not waited for", func(older, run *pipeline.Execution, s *explain.Situation) { older.Stop = &pipeline.StopRequest{} },
			"run #142 is about to enter stage Build", ""},
		{"a closed door", func(older, run *pipeline.Execution, s *explain.Situation) {
			s.Lane.Transitions = []pipeline.Transition{{Stage: "Build", Reason: "freeze", By: pipeline.Actor{Login: "octocat"}, At: at(0)}}
		}, "The transition into stage Build of every lane is disabled since 2026-11-20 09:30 UTC, by octocat: freeze", "penstock enable 'Build' --repo octo-org/shop --pipeline 'release'"},
		{"a closed door of one lane", func(older, run *pipeline.Execution, s *explain.Situation) {
			s.Lane.Key.Lane = pipeline.Lane{Kind: pipeline.LaneBranch, Name: "it's"}
			s.Lane.Transitions = []pipeline.Transition{{Stage: "Build", Lane: s.Lane.Key.Lane, By: pipeline.Actor{Login: "octocat"}, At: at(0)}}
		}, "The transition into stage Build of branch:it's is disabled", `--pipeline 'release' --lane 'branch:it'\''s'`},
		{"the door of another lane", func(older, run *pipeline.Execution, s *explain.Situation) {
			older.Status = pipeline.ExecutionSucceeded
			s.Lane.Transitions = []pipeline.Transition{{Stage: "Build", Lane: pipeline.BranchLane("x")}}
		}, "about to enter stage Build", ""},
		{"a gate", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Gate = &pipeline.Approval{Name: "production", Status: pipeline.ApprovalPending, SHA: "4f2c9d1e8b", Policy: pipeline.Policy{Required: 2},
				ExpiresAt: at(60), Votes: []pipeline.Vote{{Verdict: pipeline.Approve, Facts: pipeline.Facts{Voter: pipeline.Actor{ID: 2, Login: "hubot"}, Permission: pipeline.PermissionWrite}}}}
		}, "production waits for approval of commit 4f2c9d1: 2 approvals by people with write access, 1 missing (hubot); it expires 2026-11-20 10:30 UTC", "/approve production in the pull request"},
		{"an environment", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Environment = pipeline.EnvironmentWaiting
			s.Holder = older
		}, "Stage Production waits for environment production, which holds one run at a time; octo-org/shop/release#141 holds it", "first come first served"},
		{"rules that cannot be read", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Entry = &pipeline.Entry{Asked: 2, Read: 1, Trouble: "GitHub answers 502"}
		}, "The rules of environment production cannot be read: GitHub answers 502", "read again by themselves. Until then nothing enters"},
		{"rules that are being read", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Entry = &pipeline.Entry{Asked: 1}
		}, "The rules of environment production are being read", "by itself"},
		{"a freeze", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Entry = &pipeline.Entry{Frozen: &pipeline.Frozen{Until: at(60), Reason: "no Fridays"}, Override: []pipeline.Selector{{Team: "oncall"}}}
		}, "Environment production is frozen until 2026-11-20 10:30 UTC: no Fridays", "/override production <reason> in the pull request"},
		{"a freeze that nobody may pass", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Entry = &pipeline.Entry{Frozen: &pipeline.Frozen{Reason: "end of the year"}}
		}, "Environment production is frozen: end of the year", "It goes on when the freeze ends."},
		{"a freeze that somebody has passed", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Entry = &pipeline.Entry{Frozen: &pipeline.Frozen{Until: at(60)}, Overridden: &pipeline.Override{}}
		}, "Stage Production is about to go on", ""},
		{"a locked environment", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Entry = &pipeline.Entry{}
			s.Lane.Lockouts = []pipeline.EnvironmentLockout{{Environment: "production", Locked: true, Reason: "moving the database", By: pipeline.Actor{Login: "octocat"}, At: at(0)}}
		}, "Environment production is locked since 2026-11-20 09:30 UTC, by octocat: moving the database", "/unlock production"},
		{"inside, an environment that was locked since", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").Entry = &pipeline.Entry{Inside: true}
			s.Lane.Lockouts = []pipeline.EnvironmentLockout{{Environment: "production", Locked: true}}
		}, "Stage Production is about to go on", ""},
		{"something that the machine says", func(older, run *pipeline.Execution, s *explain.Situation) {
			older.Status, run.Waits = pipeline.ExecutionSucceeded, "the moon is full"
		}, "run #142 stands in front of stage Build: the moon is full", ""},
		{"a condition", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Production").BeforeEntry = &pipeline.ConditionExecution{Status: pipeline.ConditionInProgress, Rules: []pipeline.ActionExecution{
				{Name: "window", Status: pipeline.ActionInProgress, Summary: "opens at 10:00"}, {Name: "ok", Status: pipeline.ActionSucceeded},
			}}
		}, "Stage Production evaluates its condition before entry; not succeeded: window (opens at 10:00)", "penstock override 'octo-org/shop/release#142' 'Production' --reason"},
		{"an action", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Build").Actions = []pipeline.ActionExecution{{Name: "compile", Attempt: 2, Status: pipeline.ActionInProgress, Handle: []byte("x"), Percent: 40, StartedAt: at(1), Deadline: at(56)}}
		}, "Action Build/compile runs since 2026-11-20 09:31 UTC, attempt 2, 40 %", "is ended at 2026-11-20 10:26 UTC. Its log: penstock logs -f 'octo-org/shop/release#142' 'Build/compile'"},
		{"an action that is not launched", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Build").Actions = []pipeline.ActionExecution{{Name: "compile", Attempt: 1, Status: pipeline.ActionInProgress}}
		}, "Action Build/compile is about to start", ""},
		{"a pause", func(older, run *pipeline.Execution, s *explain.Situation) {
			s.Paused = "Penstock is paused: moving the disk"
		}, "Penstock is paused: moving the disk: no action starts", "penstock resume"},
		{"stopping", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Build").Actions = []pipeline.ActionExecution{{Name: "compile", Status: pipeline.ActionInProgress}}
			run.Status, run.Stop = pipeline.ExecutionStopping, &pipeline.StopRequest{Reason: "stopped by octocat"}
		}, "run #142 is stopping: stopped by octocat; still to end: Build/compile", "/stop abandon, or penstock stop --abandon 'octo-org/shop/release#142'"},
		{"failed", func(older, run *pipeline.Execution, s *explain.Situation) {
			enter(run, "Build").Status = pipeline.StageFailed
			run.Status, run.FailureType, run.Reason = pipeline.ExecutionFailed, pipeline.JobFailed, "Build: compile: exit status 1"
		}, "run #142 has failed in stage Build: compile: exit status 1", "penstock retry 'octo-org/shop/release#142'"},
		{"rejected", func(older, run *pipeline.Execution, s *explain.Situation) {
			run.Status, run.FailureType = pipeline.ExecutionFailed, pipeline.Rejected
		}, "has failed", "A retry asks again"},
		{"superseded", func(older, run *pipeline.Execution, s *explain.Situation) {
			run.Status, run.Reason = pipeline.ExecutionSuperseded, "superseded by c0ffee0"
		}, "was replaced by a newer run of its lane: superseded by c0ffee0", "the newer run is what counts"},
		{"succeeded", func(older, run *pipeline.Execution, s *explain.Situation) { run.Status = pipeline.ExecutionSucceeded }, "run #142 has succeeded", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			older, run, s := scene()
			test.change(older, run, &s)
			lines := explain.Why(s)
			if !strings.Contains(lines[0].Text, test.text) || !strings.Contains(lines[0].Move, test.move) || test.move == "" && strings.Contains(lines[0].Move, "retry") {
				t.Errorf("says %q\n%q", lines[0].Text, lines[0].Move)
			}
		})
	}
}

// source is a repository with one run that holds an environment and one that waits.
type source struct {
	explain.Situation
	older *pipeline.Execution
}

func (s source) LoadState(context.Context, pipeline.StateKey, ...string) (pipeline.State, error) {
	return s.Lane, nil
}

func (s source) Executions(_ context.Context, f pipeline.ExecutionFilter) ([]*pipeline.Execution, error) {
	if f.Status != s.older.Status {
		return nil, nil
	}
	return []*pipeline.Execution{s.Run, s.older}, nil
}

func (s source) Definition(context.Context, int64, string) (*pipeline.Pipeline, error) {
	return s.Situation.Definition, nil
}

// Who holds an environment is found in the whole repository.
func TestHolderIsFound(t *testing.T) {
	t.Parallel()
	for _, status := range []pipeline.ExecutionStatus{pipeline.ExecutionInProgress, pipeline.ExecutionStopping} {
		older, run, s := scene()
		for _, e := range []*pipeline.Execution{older, run} {
			e.Stages[0].Status, e.Stages[1].Status = pipeline.StageSucceeded, pipeline.StageInProgress
		}
		older.Status, older.Stages[1].Environment, run.Stages[1].Environment = status, pipeline.EnvironmentHeld, pipeline.EnvironmentWaiting
		seen, err := explain.Look(t.Context(), source{s, older}, run)
		if err != nil || seen.Holder != older {
			t.Errorf("%s: held by %+v, %v", status, seen.Holder, err)
		}
	}
}
