package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/engine"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/storage/storagetest"
)

// script is a provider that does what a test says.
type script struct {
	mu      sync.Mutex
	starts  map[string]int // by action name
	stops   map[string]int
	ends    map[string]provider.Progress // by job id: ended so
	onStart func(provider.Job) error
	wake    func(string)
}

func newScript() *script {
	return &script{starts: map[string]int{}, stops: map[string]int{}, ends: map[string]provider.Progress{}}
}

func (s *script) Start(_ context.Context, job provider.Job) (provider.Handle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starts[job.Action.Name]++
	if s.onStart != nil {
		if err := s.onStart(job); err != nil {
			return nil, err
		}
	}
	return provider.Handle("handle of " + job.Action.Name), nil
}

func (s *script) Poll(_ context.Context, job provider.Job, _ provider.Handle) (provider.Progress, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if end, ok := s.ends[job.ID]; ok {
		return end, nil
	}
	return provider.Progress{Status: pipeline.ActionInProgress}, nil
}

func (s *script) Stop(_ context.Context, job provider.Job, _ provider.Handle) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops[job.Action.Name]++
	s.ends[job.ID] = provider.Progress{Status: pipeline.ActionAbandoned, Summary: "stopped"}
	return nil
}

// end ends the job of an action and, if asked to, tells the engine.
func (s *script) end(jobID string, status pipeline.ActionStatus, tell bool) {
	s.mu.Lock()
	s.ends[jobID] = provider.Progress{Status: status}
	wake := s.wake
	s.mu.Unlock()
	if tell {
		wake(jobID)
	}
}

func (s *script) started(action string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starts[action]
}

var lane = pipeline.StateKey{Host: "github.com", RepositoryID: 1, Pipeline: "p", Lane: pipeline.BranchLane("main")}

// house is an engine on a store, inside a bubble of fake time.
type house struct {
	t        *testing.T
	store    *storagetest.Memory
	provider *script
	vault    *vault
	engine   *engine.Engine
	end      func()
	now      func() time.Time // nil: the bubble's
}

func (h *house) start() {
	ctx, cancel := context.WithCancel(context.Background())
	h.engine = engine.New(engine.Options{
		Store: h.store, Providers: map[string]provider.Provider{"Script": h.provider}, PollEvery: 30 * time.Second, Secrets: h.vault, Now: h.now,
	})
	h.provider.mu.Lock()
	h.provider.wake = h.engine.Wake
	h.provider.mu.Unlock()
	done := make(chan error, 1)
	go func() { done <- h.engine.Run(ctx) }()
	h.end = func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("the engine ended with %v", err)
		}
	}
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, store: storagetest.NewMemory(), provider: newScript(), vault: &vault{}}
	h.start()
	return h
}

func (h *house) restart() {
	h.end()
	h.store.Restart()
	h.start()
}

// push starts a run of stages, each with the actions named, in one group.
func (h *house) push(sha string, stages ...string) string {
	h.t.Helper()
	p := &pipeline.Pipeline{V: 1, Name: "p"}
	for i, stage := range stages {
		s := pipeline.Stage{Name: fmt.Sprintf("s%d", i+1)}
		for name := range strings.FieldsSeq(stage) {
			a := pipeline.Action{Name: name, RunOrder: 1, Type: pipeline.ActionType{Category: pipeline.CategoryBuild, Provider: "Script"}}
			if name == "gate" {
				a.Type.Category, a.Approval = pipeline.CategoryApproval, &pipeline.Policy{Required: 1, Timeout: time.Hour}
			}
			s.Actions = append(s.Actions, a)
		}
		p.Stages = append(p.Stages, s)
	}
	id := "run-" + sha
	_, err := h.engine.Submit(h.t.Context(), lane, "push "+sha, pipeline.StartExecution{
		Definition: p,
		Execution: pipeline.Execution{
			ID: id, Pipeline: "p", Lane: lane.Lane, Repository: pipeline.Repository{Host: "github.com", ID: 1},
			Revision: pipeline.Revision{SHA: sha}, Definition: strings.Join(stages, ";"),
		},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	synctest.Wait()
	return id
}

func attempt(run, stage, action string) string { return pipeline.AttemptID(run, stage, action, 1) }

func (h *house) wantStatus(run string, want pipeline.ExecutionStatus) *pipeline.Execution {
	h.t.Helper()
	synctest.Wait()
	e := h.store.Execution(run)
	if e == nil || e.Status != want {
		h.t.Fatalf("run is %+v, want %s", e, want)
	}
	return e
}

func bubble(t *testing.T, test func(t *testing.T, h *house)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer func() { h.end() }()
		test(t, h)
	})
}

func TestRunToTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		run := h.push("a", "compile test", "ship")
		for _, action := range []string{"compile", "test"} {
			h.provider.end(attempt(run, "s1", action), pipeline.ActionSucceeded, true)
		}
		synctest.Wait()
		h.provider.end(attempt(run, "s2", "ship"), pipeline.ActionSucceeded, true)
		h.wantStatus(run, pipeline.ExecutionSucceeded)
		if open := h.store.Orders(false); len(open) != 0 {
			t.Errorf("orders left behind: %v", open)
		}
	})
}

// A provider that tells nothing is polled.
func TestPolling(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		run := h.push("a", "compile")
		h.provider.end(attempt(run, "s1", "compile"), pipeline.ActionSucceeded, false)
		h.wantStatus(run, pipeline.ExecutionInProgress)
		time.Sleep(31 * time.Second)
		h.wantStatus(run, pipeline.ExecutionSucceeded)
	})
}

// The engine is cut off in mid-flight: what had ended is not started again, what
// ended meanwhile is told at once, and the rest goes on.
func TestResume(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		run := h.push("a", "first", "second", "third")
		h.provider.end(attempt(run, "s1", "first"), pipeline.ActionSucceeded, true)
		synctest.Wait()
		if h.provider.started("second") != 1 {
			t.Fatal("the second action was not started")
		}
		h.end()
		h.provider.end(attempt(run, "s2", "second"), pipeline.ActionSucceeded, false)
		h.store.Restart()
		h.start()
		synctest.Wait()
		if h.provider.started("third") != 1 {
			t.Error("the third action was not started after the restart")
		}
		h.provider.end(attempt(run, "s3", "third"), pipeline.ActionSucceeded, true)
		h.wantStatus(run, pipeline.ExecutionSucceeded)
		for _, action := range []string{"first", "second", "third"} {
			if n := h.provider.started(action); n != 1 {
				t.Errorf("%s was started %d times", action, n)
			}
		}
	})
}

// A crash between the provider's start and its note in the store: the same job is
// started again under the same id, and the run goes on.
func TestCrashAfterStart(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		failing := true
		var ids []string
		h.provider.onStart = func(job provider.Job) error {
			ids = append(ids, job.ID)
			return nil
		}
		h.store.SetFault(func(operation string) error {
			if failing && operation == "SaveTurn" && len(ids) > 0 {
				return errors.New("disk gone")
			}
			return nil
		})
		run := h.push("a", "compile")
		failing = false
		h.restart()
		time.Sleep(time.Second) // of the bubble: the order comes back after its pause
		synctest.Wait()
		if len(ids) < 2 || len(slices.Compact(ids)) != 1 {
			t.Errorf("started as %v, want the same id again", ids)
		}
		h.provider.end(attempt(run, "s1", "compile"), pipeline.ActionSucceeded, true)
		h.wantStatus(run, pipeline.ExecutionSucceeded)
	})
}

func TestStartOutOfTries(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.provider.onStart = func(provider.Job) error { return errors.New("no route to host") }
		run := h.push("a", "compile")
		time.Sleep(10 * time.Minute)
		e := h.wantStatus(run, pipeline.ExecutionFailed)
		if e.FailureType != pipeline.SystemUnavailable || !strings.Contains(e.Reason, "no route to host") {
			t.Errorf("failed as %s: %s", e.FailureType, e.Reason)
		}
	})
}

func TestStartRefused(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.provider.onStart = func(provider.Job) error {
			return &provider.Refusal{FailureType: pipeline.PermissionError, Reason: "not here"}
		}
		e := h.wantStatus(h.push("a", "compile"), pipeline.ExecutionFailed)
		if e.FailureType != pipeline.PermissionError || h.provider.started("compile") != 1 {
			t.Errorf("failed as %s after %d starts", e.FailureType, h.provider.started("compile"))
		}
	})
}

func TestUnknownProvider(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		p := &pipeline.Pipeline{Name: "p", Stages: []pipeline.Stage{{Name: "s1", Actions: []pipeline.Action{
			{Name: "a", RunOrder: 1, Type: pipeline.ActionType{Category: pipeline.CategoryDeploy, Provider: "Teleport"}},
		}}}}
		_, err := h.engine.Submit(t.Context(), lane, "", pipeline.StartExecution{Definition: p, Execution: pipeline.Execution{
			ID: "run-x", Pipeline: "p", Lane: lane.Lane, Repository: pipeline.Repository{Host: "github.com", ID: 1}, Definition: "x",
		}})
		if err != nil {
			t.Fatal(err)
		}
		if e := h.wantStatus("run-x", pipeline.ExecutionFailed); e.FailureType != pipeline.ConfigurationError {
			t.Errorf("failed as %s", e.FailureType)
		}
	})
}

func TestStopRunning(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		run := h.push("a", "compile", "ship")
		if _, err := h.engine.Submit(t.Context(), lane, "", pipeline.StopExecution{ExecutionID: run, Abandon: true}); err != nil {
			t.Fatal(err)
		}
		h.wantStatus(run, pipeline.ExecutionStopped)
		if h.provider.stops["compile"] != 1 || h.provider.started("ship") != 0 {
			t.Errorf("stopped %v, started %v", h.provider.stops, h.provider.starts)
		}
	})
}

func TestGateExpiresByItself(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		run := h.push("a", "gate")
		time.Sleep(59 * time.Minute)
		h.wantStatus(run, pipeline.ExecutionInProgress)
		time.Sleep(61 * time.Second)
		if e := h.wantStatus(run, pipeline.ExecutionFailed); e.FailureType != pipeline.Expired {
			t.Errorf("failed as %s", e.FailureType)
		}
	})
}

func TestSameKeyOnce(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		run := h.push("a", "gate")
		vote := pipeline.VoteGiven{ExecutionID: run, ApprovalID: attempt(run, "s1", "gate"), Vote: pipeline.Vote{
			Verdict: pipeline.Approve, Facts: pipeline.Facts{Voter: pipeline.Actor{ID: 1}, Permission: pipeline.PermissionRead},
		}}
		if _, err := h.engine.Submit(t.Context(), lane, "comment 1", vote); err != nil {
			t.Fatal(err)
		}
		if _, err := h.engine.Submit(t.Context(), lane, "comment 1", vote); !errors.Is(err, pipeline.ErrDuplicate) {
			t.Errorf("the second time gave %v", err)
		}
	})
}

// A wait costs a row, not a goroutine. Not parallel: it counts the goroutines of
// the process.
func TestWaitingCostsNoGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer func() { h.end() }()
		synctest.Wait()
		before := runtime.NumGoroutine()
		h.push("a", manyNames(100))
		if after := runtime.NumGoroutine(); after > before+5 {
			t.Errorf("%d goroutines before, %d with 100 actions in progress", before, after)
		}
	})
}

func manyNames(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("a%d", i))
	}
	return strings.Join(names, " ")
}
