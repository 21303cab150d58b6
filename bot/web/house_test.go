package web_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	forge    = "github.example"
	sha      = "4f2c9d1e8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e"
	runID    = "01939f3e-0000-7000-8000-000000000142"
	endedID  = "01939f3e-0000-7000-8000-000000000141"
	orphanID = "01939f3e-0000-7000-8000-000000000140"
	timedID  = "01939f3e-0000-7000-8000-000000000139"
	brokenID = "01939f3e-0000-7000-8000-00000000bad0"
)

func at(seconds int) time.Time {
	return time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

// house is a store in memory.
type house struct {
	mu         sync.Mutex
	runs       map[string]*pipeline.Execution
	order      []string            // newest first
	repository pipeline.Repository // of deliveries
	foreign    int64               // the repository of another delivery; 0: there is none
	logs       map[string][]pipeline.LogLine
}

func (h *house) Execution(_ context.Context, id string) (*pipeline.Execution, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id == brokenID {
		return nil, errors.New("disk on fire")
	}
	if e := h.runs[id]; e != nil {
		return e, nil
	}
	return nil, pipeline.Errorf(pipeline.NotFound, "no run %s", id)
}

func (h *house) Newest(_ context.Context, before string, limit int) ([]*pipeline.Execution, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*pipeline.Execution
	for _, id := range h.order {
		if e := h.runs[id]; e != nil && before == "" && len(all) < limit {
			all = append(all, e)
		}
		if id == before {
			before = ""
		}
	}
	return all, nil
}

func (h *house) Definition(_ context.Context, _ int64, digest string) (*pipeline.Pipeline, error) {
	if digest == "" {
		return nil, pipeline.Errorf(pipeline.NotFound, "no definition")
	}
	return &pipeline.Pipeline{Name: "release", File: ".penstock.yml", Stages: []pipeline.Stage{
		{Name: "Build", Actions: []pipeline.Action{{Name: "compile"}, {Name: "test"}, {Name: "long"}}},
		{Name: "Release", Actions: []pipeline.Action{{Name: "approve"}, {Name: "ship"}}},
		{Name: "Production", Environment: "production", Actions: []pipeline.Action{{Name: "deploy"}}},
	}}, nil
}

func (h *house) Read(_ context.Context, _ int64, attemptID string, from, limit int) ([]pipeline.LogLine, int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.logs[attemptID]
	start := min(from-1, len(all))
	return all[start:min(start+limit, len(all))], len(all), nil
}

func (h *house) NewestDeliveries(_ context.Context, before string, _ int) ([]pipeline.Delivery, error) {
	r := h.repository
	if before != "" {
		return nil, nil
	}
	list := []pipeline.Delivery{
		{ID: "8f1c", Event: "issue_comment", Action: "created", Status: pipeline.DeliveryReceived, ReceivedAt: at(590), Host: r.Host, RepositoryID: r.ID},
		{ID: "8f1b", Event: "push", Status: pipeline.DeliveryDone, Note: "started release #142", ReceivedAt: at(0), Host: r.Host, RepositoryID: r.ID},
		{ID: "8f1a", Event: "push", Status: pipeline.DeliveryIgnored, Note: "octo-org/other is not allowed here", ReceivedAt: at(-300)},
	}
	if h.foreign != 0 {
		list = append(list, pipeline.Delivery{ID: "8f19", Event: "push", Status: pipeline.DeliveryDone, Note: "a secret plan", ReceivedAt: at(-400), Host: r.Host, RepositoryID: h.foreign})
	}
	return list, nil
}

// print adds lines to a log.
func (h *house) print(attempt string, stream pipeline.Stream, texts ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, text := range texts {
		h.logs[attempt] = append(h.logs[attempt], pipeline.LogLine{At: at(2 + len(h.logs[attempt])), Stream: stream, Text: text})
	}
}

// end ends an attempt, in a copy of its run: readers may hold the one before.
func (h *house) end(run, attempt string, status pipeline.ActionStatus) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := *h.runs[run]
	e.Stages = append([]pipeline.StageExecution(nil), e.Stages...)
	for i := range e.Stages {
		e.Stages[i].Actions = append([]pipeline.ActionExecution(nil), e.Stages[i].Actions...)
	}
	if _, a := e.FindAction(attempt); a != nil {
		a.Status, a.EndedAt = status, at(600)
	}
	h.runs[run] = &e
}

func attempt(name string, n int, status pipeline.ActionStatus, from, to int) pipeline.ActionExecution {
	a := pipeline.ActionExecution{ID: fmt.Sprintf("%s-%d", name, n), Name: name, Attempt: n, Status: status, StartedAt: at(from)}
	if status.Ended() {
		a.EndedAt = at(to)
	}
	return a
}

func newRun(id string, number int64) *pipeline.Execution {
	return &pipeline.Execution{
		ID: id, Pipeline: "release", Number: number, Attempt: 1, Definition: "sha256:1",
		Repository: pipeline.Repository{Host: forge, ID: 1, Owner: "octo-org", Name: "shop", WebURL: "https://github.com/octo-org/shop"},
		Lane:       pipeline.PullLane(7), Status: pipeline.ExecutionInProgress, CreatedAt: at(0),
		Trigger:  pipeline.Trigger{Kind: pipeline.TriggerPullRequest, By: pipeline.Actor{ID: 1, Login: "octocat"}, PullRequest: 7},
		Revision: pipeline.Revision{SHA: sha, Branch: "feature/cart", Message: "Add a cart", Author: "octocat"},
	}
}

// newHouse has a run at its gate, and three that ended in other ways.
func newHouse() *house {
	gate := pipeline.Approval{
		ID: "approve-1", Name: "Release/approve", Stage: "Release", Action: "approve", Status: pipeline.ApprovalPending, SHA: sha,
		Policy:   pipeline.Policy{Required: 2, Timeout: 7 * 24 * time.Hour, Message: "Look at the numbers", Link: "https://example.com/board"},
		OpenedAt: at(200), ExpiresAt: at(200 + 7*24*3600),
		Votes: []pipeline.Vote{{Verdict: pipeline.Approve, Door: pipeline.DoorComment, Reason: "numbers are fine", At: at(300), Facts: pipeline.Facts{Voter: pipeline.Actor{ID: 2, Login: "hubot-owner"}, Permission: pipeline.PermissionWrite}}},
	}
	waiting := newRun(runID, 142)
	failed := attempt("test", 1, pipeline.ActionFailed, 1, 95)
	failed.FailureType, failed.Summary = pipeline.JobFailed, "exit status 1"
	again := attempt("test", 2, pipeline.ActionInProgress, 100, 0)
	again.Percent = 40
	ask := attempt("approve", 1, pipeline.ActionInProgress, 200, 0)
	ask.Approval = &gate
	waiting.Stages = []pipeline.StageExecution{
		{Name: "Build", Status: pipeline.StageSucceeded, StartedAt: at(1), EndedAt: at(200), Actions: []pipeline.ActionExecution{
			attempt("compile", 1, pipeline.ActionSucceeded, 1, 21), failed, attempt("long", 1, pipeline.ActionSucceeded, 1, 90), again,
		}},
		{Name: "Release", Status: pipeline.StageInProgress, StartedAt: at(200), Actions: []pipeline.ActionExecution{ask}},
		{Name: "Production"},
	}

	ended := newRun(endedID, 141)
	ended.Status, ended.FailureType, ended.Reason, ended.EndedAt = pipeline.ExecutionFailed, pipeline.Rejected, "rejected by hubot-owner: not on a Friday", at(-60)
	no := gate
	no.Status, no.DecidedAt = pipeline.ApprovalRejected, at(-60)
	no.Votes = []pipeline.Vote{{Verdict: pipeline.Reject, Door: pipeline.DoorCheck, Reason: "not on a Friday", At: at(-60), Facts: pipeline.Facts{Voter: pipeline.Actor{ID: 2, Login: "hubot-owner"}, Permission: pipeline.PermissionWrite}}}
	ended.CreatedAt = at(-900)
	ended.Stages = []pipeline.StageExecution{
		{Name: "Build", Status: pipeline.StageSucceeded, StartedAt: at(-890), EndedAt: at(-700), Actions: []pipeline.ActionExecution{attempt("compile", 1, pipeline.ActionSucceeded, -890, -700)}},
		{Name: "Release", Status: pipeline.StageFailed, FailureType: pipeline.Rejected, Gate: &no, StartedAt: at(-700), EndedAt: at(-60)},
		{Name: "Production"},
	}

	orphan := newRun(orphanID, 140)
	orphan.Status, orphan.Reason, orphan.Definition, orphan.EndedAt = pipeline.ExecutionSuperseded, "superseded by 9999999", "", at(30)
	orphan.Stop = &pipeline.StopRequest{As: pipeline.ExecutionSuperseded, Reason: "superseded by 9999999"}
	orphan.Stages = []pipeline.StageExecution{{Name: "Build"}}

	timed := newRun(timedID, 139)
	timed.Status, timed.FailureType, timed.EndedAt = pipeline.ExecutionFailed, pipeline.TimedOut, at(3400)
	timed.Trigger = pipeline.Trigger{Kind: pipeline.TriggerPush, By: pipeline.Actor{Login: "octocat"}}
	timed.Revision.Message = "A message that goes on for rather a long time, because somebody wanted to explain everything in its first line, to the last detail of it"
	timed.Stages = []pipeline.StageExecution{{Name: "Build", Status: pipeline.StageFailed, FailureType: pipeline.TimedOut}}

	h := &house{
		runs:  map[string]*pipeline.Execution{runID: waiting, endedID: ended, orphanID: orphan, timedID: timed},
		order: []string{runID, endedID, orphanID, timedID},
		logs:  map[string][]pipeline.LogLine{},
	}
	h.print("test-1", pipeline.System, "go test ./...")
	h.print("test-1", pipeline.Stdout, "=== RUN   TestCart", "    cart_test.go:12: \x1b[31mgot 3, want 4\x1b[0m", "--- FAIL: TestCart (0.00s)", "<script>alert(1)</script>")
	h.print("test-1", pipeline.Stderr, "exit status 1")
	h.print("test-2", pipeline.System, "go test ./...")
	for i := range 5000 {
		h.print("long-1", pipeline.Stdout, fmt.Sprintf("line %d of a long log", i+1))
	}
	return h
}
