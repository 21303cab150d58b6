package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// action is one of the script's.
func action(name string) pipeline.Action {
	return pipeline.Action{Name: name, RunOrder: 1, Type: pipeline.ActionType{Category: pipeline.CategoryBuild, Provider: "Script"}}
}

// run starts a run of a definition in a lane.
func (h *house) run(key pipeline.StateKey, id string, p *pipeline.Pipeline, change ...func(*pipeline.Execution)) string {
	h.t.Helper()
	e := pipeline.Execution{
		ID: id, Pipeline: key.Pipeline, Lane: key.Lane, Repository: pipeline.Repository{Host: key.Host, ID: key.RepositoryID, Owner: "octo-org", Name: "shop"},
		Revision: pipeline.Revision{SHA: id, Branch: key.Lane.Name}, Definition: fmt.Sprintf("%p", p), Trigger: pipeline.Trigger{Kind: pipeline.TriggerPush},
	}
	for _, c := range change {
		c(&e)
	}
	if _, err := h.engine.Submit(h.t.Context(), key, "", pipeline.StartExecution{Definition: p, Execution: e}); err != nil {
		h.t.Fatal(err)
	}
	synctest.Wait()
	return id
}

func (h *house) ok(run, stage, action string)   { h.ended(run, stage, action, pipeline.ActionSucceeded) }
func (h *house) fail(run, stage, action string) { h.ended(run, stage, action, pipeline.ActionFailed) }

func (h *house) ended(run, stage, action string, status pipeline.ActionStatus) {
	h.t.Helper()
	a := h.store.Execution(run).Stage(stage).Latest(action)
	if a == nil || a.Status != pipeline.ActionInProgress {
		h.t.Fatalf("%s of %s does not run: %+v", action, run, a)
	}
	h.provider.end(a.ID, status, true)
	synctest.Wait()
}

// An environment holds one run at a time, whatever the lane and the pipeline, in
// the order of arrival; across a restart too.
func TestEnvironmentIsSharedByLanes(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		p := &pipeline.Pipeline{V: 1, Name: "p", Stages: []pipeline.Stage{{Name: "Ship", Environment: "production", Actions: []pipeline.Action{action("ship")}}}}
		other := lane
		other.Lane, other.Pipeline = pipeline.BranchLane("hotfix"), "q"
		first, second, third := h.run(lane, "a", p), h.run(other, "b", p), h.run(pipeline.StateKey{Host: lane.Host, RepositoryID: 1, Pipeline: "p", Lane: pipeline.PullLane(3)}, "c", p)
		if n := h.provider.started("ship"); n != 1 {
			t.Fatalf("%d runs are in it", n)
		}
		h.restart()
		h.ok(first, "Ship", "ship")
		h.wantStatus(first, pipeline.ExecutionSucceeded)
		if h.store.Execution(second).Stage("Ship").Environment != pipeline.EnvironmentHeld || h.store.Execution(third).Stage("Ship").Environment != pipeline.EnvironmentWaiting {
			t.Fatal("the lock did not go to the second")
		}
		if _, err := h.engine.Submit(t.Context(), other, "", pipeline.StopExecution{ExecutionID: second, Abandon: true, Reason: "stopped"}); err != nil {
			t.Fatal(err)
		}
		h.wantStatus(second, pipeline.ExecutionStopped)
		h.ok(third, "Ship", "ship")
		h.wantStatus(third, pipeline.ExecutionSucceeded)
	})
}

// A grant that comes late, after the environment was given back and asked for again,
// is none.
func TestLateGrantIsNone(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		p := &pipeline.Pipeline{V: 1, Name: "p", Stages: []pipeline.Stage{{Name: "Ship", Environment: "production", Actions: []pipeline.Action{action("ship")}}}}
		h.run(lane, "a", p)
		key := lane
		key.Lane = pipeline.PullLane(1)
		h.run(key, "b", p)
		payload, err := json.Marshal(pipeline.StageOrder{V: 1, Key: key, Execution: "b", Stage: "Ship"})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.store.Enqueue(t.Context(), pipeline.Order{RepositoryID: 1, Kind: pipeline.GrantEnvironment, Payload: payload}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := h.store.Execution("b").Stage("Ship").Environment; got != pipeline.EnvironmentWaiting {
			t.Errorf("the second run is %s, and the first holds the environment", got)
		}
		if open, err := h.store.OpenOrders(t.Context(), pipeline.GrantEnvironment); err != nil || len(open) != 0 {
			t.Errorf("%d grants are open: %v", len(open), err)
		}
		h.ok("a", "Ship", "ship")
		h.ok("b", "Ship", "ship")
		h.wantStatus("b", pipeline.ExecutionSucceeded)
	})
}

// A failed stage goes back to its last success by itself, with that run's revision,
// artifacts and variables, and lets the next run in.
func TestAutomaticRollback(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		ship := action("ship")
		ship.InputArtifacts, ship.Configuration = []string{"app"}, map[string]string{"Version": "#{build.VERSION} of #{variables.REGION}"}
		build := action("build")
		build.Namespace = "build"
		p := &pipeline.Pipeline{
			V: 1, Name: "p", Variables: []pipeline.Variable{{Name: "REGION", Default: "north", HasDefault: true}},
			Stages: []pipeline.Stage{
				{Name: "Build", Actions: []pipeline.Action{build}},
				{Name: "Ship", Actions: []pipeline.Action{ship}, OnFailure: &pipeline.FailureCondition{Result: pipeline.ResultRollback}},
			},
		}
		var shipped []string
		h.provider.onStart = func(job provider.Job) error {
			if job.Action.Name == "ship" {
				shipped = append(shipped, fmt.Sprintf("%s %s %s", job.Revision.SHA, job.Action.Configuration["Version"], job.Inputs[0].Digest))
			}
			return nil
		}
		run := func(id string, ends func(run, stage, action string)) {
			t.Helper()
			h.run(lane, id, p)
			h.provider.mu.Lock()
			h.provider.ends[h.store.Execution(id).Stage("Build").Latest("build").ID] = provider.Progress{
				Status: pipeline.ActionSucceeded, Variables: map[string]string{"VERSION": "v-" + id}, Artifacts: []pipeline.Artifact{{Name: "app", Digest: "d-" + id}},
			}
			h.provider.mu.Unlock()
			h.engine.Wake(h.store.Execution(id).Stage("Build").Latest("build").ID)
			synctest.Wait()
			ends(id, "Ship", "ship")
		}
		run("a", h.ok)
		run("b", h.fail)
		e := h.wantStatus("b", pipeline.ExecutionFailed)
		if !strings.Contains(e.Reason, "rolled back to #1") {
			t.Errorf("reason: %s", e.Reason)
		}
		back := h.store.Execution(pipeline.AttemptID("b", "Ship", "rollback", 1))
		if back == nil || back.Rollback.Target != "a" || back.Rollback.Failed != "b" || len(back.Stages) != 1 {
			t.Fatalf("the rollback is %+v", back)
		}
		h.ok(back.ID, "Ship", "ship")
		h.wantStatus(back.ID, pipeline.ExecutionSucceeded)
		run("c", h.ok)
		h.wantStatus("c", pipeline.ExecutionSucceeded)
		want := []string{"a v-a of north d-a", "b v-b of north d-b", "a v-a of north d-a", "c v-c of north d-c"}
		if diff := cmp.Diff(want, shipped); diff != "" {
			t.Error(diff)
		}
	})
}

// A rollback that a person asks for passes the door and closes it behind itself.
func TestRollbackClosesTheDoor(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		p := &pipeline.Pipeline{V: 1, Name: "p", Stages: []pipeline.Stage{{Name: "Ship", Actions: []pipeline.Action{action("ship")}}}}
		for _, id := range []string{"a", "b"} {
			h.run(lane, id, p)
			h.ok(id, "Ship", "ship")
		}
		octocat := pipeline.Actor{ID: 1, Login: "octocat"}
		if _, err := h.engine.Submit(t.Context(), lane, "", pipeline.RollbackStage{ExecutionID: "back", Stage: "Ship", Target: "a", By: octocat}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		h.run(lane, "c", p)
		h.ok("back", "Ship", "ship")
		h.wantStatus("back", pipeline.ExecutionSucceeded)
		h.wantStatus("c", pipeline.ExecutionInProgress)
		if h.provider.started("ship") != 3 {
			t.Fatal("the next run went through the closed door")
		}
		if _, err := h.engine.Submit(t.Context(), lane, "", pipeline.SetTransition{Stage: "Ship", AllLanes: true, Enabled: true, By: octocat}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		h.ok("c", "Ship", "ship")
		h.wantStatus("c", pipeline.ExecutionSucceeded)
	})
}

// Values reach commands in variables of their own, whatever they are.
func TestReferencesInCommands(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		a := action("use")
		a.Commands = []string{"echo #{penstock.Message}", "ship '#{variables.REGION}' #{penstock.Message}"}
		a.Environment = map[string]string{"COMMIT": "#{penstock.ShortCommit}"}
		p := &pipeline.Pipeline{V: 1, Name: "p", Variables: []pipeline.Variable{{Name: "REGION"}}, Stages: []pipeline.Stage{{Name: "s", Actions: []pipeline.Action{a}}}}
		var job provider.Job
		h.provider.onStart = func(j provider.Job) error { job = j; return nil }
		h.run(lane, "0123456789", p, func(e *pipeline.Execution) {
			e.Variables = map[string]string{"REGION": "no'rth"}
			e.Revision.Message = "$(rm -rf /)"
		})
		want := []string{`echo "${PENSTOCK_REFERENCE_1}"`, `ship ''"${PENSTOCK_REFERENCE_2}"'' "${PENSTOCK_REFERENCE_1}"`}
		if diff := cmp.Diff(want, job.Action.Commands); diff != "" {
			t.Error(diff)
		}
		for name, want := range map[string]string{"PENSTOCK_REFERENCE_1": "$(rm -rf /)", "PENSTOCK_REFERENCE_2": "no'rth", "COMMIT": "0123456"} {
			if got := job.Action.Environment[name]; got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if slices.Contains(p.Stages[0].Actions[0].Commands, want[0]) {
			t.Error("the definition was changed")
		}
	})
}

func TestUnresolvedReference(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		a := action("use")
		a.Configuration = map[string]string{"Image": "#{build.IMAGE}"}
		p := &pipeline.Pipeline{V: 1, Name: "p", Stages: []pipeline.Stage{{Name: "s", Actions: []pipeline.Action{a}}}}
		h.run(lane, "a", p)
		e := h.wantStatus("a", pipeline.ExecutionFailed)
		if e.FailureType != pipeline.ConfigurationError || !strings.Contains(e.Reason, "Image: #{build.IMAGE} has no value in this run") || h.provider.started("use") != 0 {
			t.Errorf("%s: %s, started %d times", e.FailureType, e.Reason, h.provider.started("use"))
		}
	})
}

// runIf and skipIf of actions and stages.
func TestExpressions(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		here, there, gate, broken := action("here"), action("there"), action("gate"), action("broken")
		here.When.RunIf, there.When.RunIf = `branch == "main"`, `branch != "main"`
		gate.Type.Category, gate.Approval, gate.When.SkipIf, gate.RunOrder = pipeline.CategoryApproval, &pipeline.Policy{Required: 1}, `event == "push"`, 2
		broken.When.RunIf = `files.exists(f, f == "x")` // they are not known
		p := &pipeline.Pipeline{V: 1, Name: "p", Stages: []pipeline.Stage{
			{Name: "one", Actions: []pipeline.Action{here, there, gate}},
			{Name: "two", When: pipeline.When{RunIf: "false"}, Actions: []pipeline.Action{action("never")}},
			{Name: "three", When: pipeline.When{SkipIf: "false"}, Actions: []pipeline.Action{broken}},
		}}
		h.run(lane, "a", p)
		h.ok("a", "one", "here")
		e := h.wantStatus("a", pipeline.ExecutionFailed)
		if s := e.Stage("one"); s.Latest("there").Status != pipeline.ActionSkipped || s.Latest("gate").Status != pipeline.ActionSkipped {
			t.Errorf("stage one: %+v", s)
		}
		if s := e.Stage("two"); s.Status != pipeline.StageSkipped || s.Reason != "runIf: false" {
			t.Errorf("stage two: %s: %s", s.Status, s.Reason)
		}
		if s := e.Stage("three"); s.FailureType != pipeline.ConfigurationError || h.provider.started("never")+h.provider.started("broken") != 0 {
			t.Errorf("stage three: %+v", s)
		}
	})
}

// A rule that has not come true in its time fails its condition.
func TestRuleOutOfTime(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		rule := action("healthy")
		rule.Type.Category, rule.Timeout = pipeline.CategoryRule, 5*time.Minute
		p := &pipeline.Pipeline{V: 1, Name: "p", Stages: []pipeline.Stage{{Name: "s", Actions: []pipeline.Action{action("ship")},
			BeforeEntry: &pipeline.Condition{Result: pipeline.ResultFail, Rules: []pipeline.Action{rule}}}}}
		h.run(lane, "a", p)
		time.Sleep(4 * time.Minute)
		h.wantStatus("a", pipeline.ExecutionInProgress)
		time.Sleep(2 * time.Minute)
		e := h.wantStatus("a", pipeline.ExecutionFailed)
		if e.FailureType != pipeline.TimedOut || !strings.Contains(e.Reason, "before entry: rule healthy: not so within 5m0s") || h.provider.stops["healthy"] != 1 {
			t.Errorf("%s: %s; %v", e.FailureType, e.Reason, h.provider.stops)
		}
	})
}
