package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// A stage that is skipped says why once, and nothing of what it would have done;
// one that waits for its rules, and one that is rolled back, say so.
func TestStagesOfARun(t *testing.T) {
	t.Parallel()
	const expression = `runIf: branch == "main"`
	entry := func(e *pipeline.Execution) *pipeline.StageExecution {
		s := &e.Stages[1]
		s.Status, s.StartedAt = pipeline.StageInProgress, at(10)
		return s
	}
	tests := []struct {
		name       string
		change     func(e *pipeline.Execution)
		has, lacks []string
	}{
		{"skipped by an expression", func(e *pipeline.Execution) {
			s := entry(e)
			rule := attempt("runIf", 1, pipeline.ActionFailed, 10, 10)
			rule.Summary = expression
			s.Status, s.Reason, s.EndedAt = pipeline.StageSkipped, expression, at(10)
			s.When = &pipeline.ConditionExecution{Status: pipeline.ConditionFailed, Rules: []pipeline.ActionExecution{rule}}
		}, []string{"skipped", "runIf: branch"}, []string{"failed", "<b>ship</b>"}},
		{"an action skipped", func(e *pipeline.Execution) {
			entry(e).Actions = []pipeline.ActionExecution{attempt("ship", 1, pipeline.ActionSkipped, 10, 10)}
		}, []string{"<b>ship</b>", "skipped"}, []string{"/log/ship-1"}},
		{"rules are asked", func(e *pipeline.Execution) {
			entry(e).BeforeEntry = &pipeline.ConditionExecution{
				Status: pipeline.ConditionInProgress, Rules: []pipeline.ActionExecution{attempt("window", 1, pipeline.ActionInProgress, 10, 0)},
			}
		}, []string{"waiting for its rules", "before entry: window"}, nil},
		{"rolling back", func(e *pipeline.Execution) { entry(e).RollingBack = true }, []string{"rolling back"}, nil},
		{"a rollback", func(e *pipeline.Execution) {
			e.Trigger.Kind, e.Rollback = pipeline.TriggerRollback, &pipeline.Rollback{Target: endedID, TargetNumber: 141, Reason: "checkout is broken"}
		}, []string{"Brings back", `<a href="/runs/` + endedID + `">#141</a>`, "checkout is broken"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			e := newRun(timedID, 143)
			e.Stages = []pipeline.StageExecution{{Name: "Build", Status: pipeline.StageSucceeded, StartedAt: at(0), EndedAt: at(9)}, {Name: "Release"}}
			test.change(e)
			h.runs[timedID] = e
			base, _ := serve(t, h)
			status, _, body := get(t, base+"/runs/"+timedID)
			if status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			for _, want := range test.has {
				if !strings.Contains(body, want) {
					t.Errorf("no %q in\n%s", want, body)
				}
			}
			for _, no := range test.lacks {
				if strings.Contains(body, no) {
					t.Errorf("%q in\n%s", no, body)
				}
			}
			if n := strings.Count(body, "runIf: branch"); n > 1 {
				t.Errorf("the expression is shown %d times", n)
			}
		})
	}
}

// The list names the stage of a failure once.
func TestStageIsNamedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse()
	e := newRun(timedID, 143)
	e.Status, e.FailureType, e.Reason = pipeline.ExecutionFailed, pipeline.JobFailed, "Build: compile: exit status 1"
	e.Stages = []pipeline.StageExecution{{Name: "Build", Status: pipeline.StageFailed}}
	h.runs[timedID] = e
	base, _ := serve(t, h)
	_, _, body := get(t, base+"/")
	if !strings.Contains(body, ">Build: compile: exit status 1<") {
		t.Errorf("the stage is not named once in\n%s", body)
	}
}
