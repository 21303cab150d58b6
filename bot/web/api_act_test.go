package web_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/pipeline"
)

// commands notes what it is asked for, and answers with err.
type commands struct {
	mu   sync.Mutex
	who  []pipeline.Request
	what []any
	err  error
}

func (c *commands) note(q pipeline.Request, what any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who, c.what = append(c.who, q), append(c.what, what)
	return c.err
}

func (c *commands) Ask(_ context.Context, q pipeline.Request, _ pipeline.Repository, _ pipeline.StateKey, input pipeline.Input) error {
	return c.note(q, input)
}

func (c *commands) Vote(_ context.Context, q pipeline.Request, _ pipeline.Repository, _ *pipeline.Execution, v pipeline.Ballot) error {
	return c.note(q, v)
}

func (c *commands) Start(_ context.Context, q pipeline.Request, _ pipeline.Repository, w pipeline.Wish) (string, error) {
	return runID, c.note(q, w)
}

func (c *commands) Rollback(_ context.Context, q pipeline.Request, _ pipeline.Repository, target *pipeline.Execution, stage, reason string) (string, error) {
	return runID, c.note(q, [3]string{target.ID, stage, reason})
}

func (c *commands) Door(_ context.Context, q pipeline.Request, _ pipeline.Repository, name string, lane pipeline.Lane, to pipeline.SetTransition) error {
	return c.note(q, door{name, lane, to})
}

func (c *commands) Withdraw(_ context.Context, q pipeline.Request, _ pipeline.Repository, run *pipeline.Execution, gate string) error {
	return c.note(q, [2]string{run.ID, gate})
}

func (c *commands) Override(_ context.Context, q pipeline.Request, _ pipeline.Repository, run *pipeline.Execution, gate, reason string) error {
	return c.note(q, [3]string{run.ID, gate, reason})
}

func (c *commands) Lock(_ context.Context, q pipeline.Request, _ pipeline.Repository, environment string, locked bool, reason string) error {
	return c.note(q, pipeline.LockEnvironment{Environment: environment, Locked: locked, Reason: reason})
}

func (c *commands) Environments(context.Context, pipeline.Repository) ([]pipeline.EnvironmentLockout, error) {
	return []pipeline.EnvironmentLockout{
		{Environment: "production", Locked: true, Reason: "the fair", By: pipeline.Actor{ID: 1, Login: "octocat"}, At: at(0)}, {Environment: "staging"},
	}, c.err
}

// door is what Door was asked for.
type door struct {
	Name string
	Lane pipeline.Lane
	To   pipeline.SetTransition
}

// newCommands is an API that can be asked to do things.
func newCommands(t *testing.T) (*site, *commands) {
	t.Helper()
	done := &commands{}
	return newAPI(t, func(o *web.Options) { o.Commands = done }), done
}

func TestAPIAsks(t *testing.T) {
	t.Parallel()
	run, release := "/api/v1/runs/"+runID, "/api/v1/repositories/octo-org/shop/pipelines/release"
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     any
	}{
		{"stop", "POST", run + "/stop", `{"abandon":true,"reason":"enough"}`, 200, pipeline.StopExecution{ExecutionID: runID, Abandon: true, Reason: "stopped by octocat: enough"}},
		{"retry", "POST", run + "/retry", `{}`, 200, pipeline.RetryStage{ExecutionID: runID}},
		{"retry all of a stage", "POST", run + "/retry", `{"stage":"Build","mode":"ALL_ACTIONS"}`, 200, pipeline.RetryStage{ExecutionID: runID, Stage: "Build", Mode: pipeline.RetryAllActions}},
		{"approve", "POST", run + "/approve", `{"gate":"production","sha":"4f2c9d1","reason":"fine"}`, 200, pipeline.Ballot{Gate: "production", SHA: "4f2c9d1", Verdict: pipeline.Approve, Reason: "fine"}},
		{"reject", "POST", run + "/reject", `{"reason":"no"}`, 200, pipeline.Ballot{Verdict: pipeline.Reject, Reason: "no"}},
		{"override", "POST", run + "/override", `{"stage":"Build","condition":"ON_SUCCESS","reason":"r"}`, 200, pipeline.OverrideCondition{ExecutionID: runID, Stage: "Build", Block: pipeline.BlockOnSuccess, Reason: "r"}},
		{"unapprove", "POST", run + "/unapprove", `{}`, 200, [2]string{runID, ""}},
		{"unapprove a gate", "POST", run + "/unapprove", `{"gate":"production"}`, 200, [2]string{runID, "production"}},
		{"override a gate", "POST", run + "/override", `{"gate":"production","reason":"it burns"}`, 200, [3]string{runID, "production", "it burns"}},
		{"start", "POST", release + "/runs", `{"branch":"main","variables":{"A":"b"}}`, 201, pipeline.Wish{Pipeline: "release", Branch: "main", Variables: map[string]string{"A": "b"}}},
		{"rollback", "POST", release + "/rollback", `{"stage":"Build","target":141,"reason":"r"}`, 201, [3]string{endedID, "Build", "r"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, done := newCommands(t)
			c := s.caller(t, "octocat", pipeline.ScopeWrite)
			p := c.call(test.method, test.path, test.body, header("Idempotency-Key", "k1"), header("User-Agent", "penstock-cli/1"))
			if p.status != test.status || !strings.Contains(p.body, `"id":"`+runID) {
				t.Fatalf("%d %s", p.status, p.body)
			}
			who := done.who[0]
			by := who.By
			if by.Login != "octocat" || by.ID == 0 || who.Door != pipeline.DoorCLI || !strings.Contains(who.Key, test.method+" "+test.path+" k1") {
				t.Errorf("asked by %+v", who)
			}
			got := done.what[0]
			switch in := got.(type) { // who it was is checked above
			case pipeline.StopExecution:
				in.By = pipeline.Actor{}
				got = in
			case pipeline.RetryStage:
				in.By = pipeline.Actor{}
				got = in
			case pipeline.OverrideCondition:
				in.By = pipeline.Actor{}
				got = in
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is sent is checked at the door; the answer names the field.
func TestAPIRefusesNonsense(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	c := s.caller(t, "octocat", pipeline.ScopeWrite)
	run, release := "/api/v1/runs/"+runID, "/api/v1/repositories/octo-org/shop/pipelines/release"
	for _, test := range []struct {
		name, path, body, has string
		status                int
	}{
		{"no JSON", run + "/stop", `abandon`, `"field":"body"`, 400},
		{"nothing", run + "/stop", ``, `"field":"Content-Type"`, 400},
		{"two objects", run + "/stop", `{}{}`, "something follows the object", 400},
		{"a field that is unknown", run + "/stop", `{"force":true}`, `"field":"force"`, 400},
		{"a field of another type", run + "/stop", `{"abandon":"yes"}`, `"field":"abandon"`, 400},
		{"a reason of two lines", run + "/stop", `{"reason":"a\nb"}`, `"field":"reason"`, 400},
		{"a reason without end", run + "/stop", `{"reason":"` + strings.Repeat("x", 1001) + `"}`, "has 1001 characters, and at most 1000", 400},
		{"more than is read", run + "/stop", `{"reason":"` + strings.Repeat("x", 70<<10) + `"}`, `"field":"body"`, 400},
		{"a mode that is none", run + "/retry", `{"mode":"all"}`, `"allowed":["FAILED_ACTIONS","ALL_ACTIONS"]`, 400},
		{"a rejection without a reason", run + "/reject", `{"gate":"x"}`, `"field":"reason"`, 400},
		{"a commit that is none", run + "/approve", `{"sha":"main"}`, `"field":"sha"`, 400},
		{"an override of nothing", run + "/override", `{"condition":"ON_SUCCESS","reason":"r"}`, `"field":"stage"`, 400},
		{"an override of another block", run + "/override", `{"stage":"s","condition":"WHEN","reason":"r"}`, `"field":"condition"`, 400},
		{"an override of both", run + "/override", `{"gate":"production","stage":"s","condition":"ON_SUCCESS","reason":"r"}`, `"field":"gate"`, 400},
		{"an override of a gate without a reason", run + "/override", `{"gate":"production"}`, `"field":"reason"`, 400},
		{"a gate of two lines", run + "/unapprove", `{"gate":"a\nb"}`, `"field":"gate"`, 400},
		{"half a commit", release + "/runs", `{"sha":"4f2c9d1"}`, `"field":"sha"`, 400},
		{"a branch and a tag", release + "/runs", `{"branch":"main","tag":"v1"}`, `"field":"tag"`, 400},
		{"an empty variable", release + "/runs", `{"variables":{"":"x"}}`, `"field":"variables"`, 400},
		{"a value of two lines", release + "/runs", `{"variables":{"A":"x\u0000"}}`, `"field":"variables.A"`, 400},
		{"a target that is none", release + "/rollback", `{"stage":"Build"}`, `"field":"target"`, 400},
		{"a target that never was", release + "/rollback", `{"stage":"Build","target":999}`, "has no run #999", 400},
		{"another repository's run", "/api/v1/runs/" + noRun + "/stop", `{}`, "there is no such run", 404},
	} {
		p := c.call(http.MethodPost, test.path, test.body)
		if p.status != test.status || !strings.Contains(p.body, test.has) {
			t.Errorf("%s: %d %s", test.name, p.status, p.body)
		}
	}
	for _, test := range []struct{ body, has string }{
		{`{"stage":"Build"}`, `"field":"reason"`},
		{`{"stage":"Build","enabled":true,"lane":"main"}`, `"field":"lane"`},
		{`{"enabled":true}`, `"field":"stage"`},
		{`{"stage":"Build","reason":"` + strings.Repeat("x", 301) + `"}`, "at most 300"},
	} {
		if p := c.call(http.MethodPut, release+"/transitions", test.body); p.status != 400 || !strings.Contains(p.body, test.has) {
			t.Errorf("transition %s: %d %s", test.body, p.status, p.body)
		}
	}
	lock := "/api/v1/repositories/octo-org/shop/environments/production/lock"
	for _, test := range []struct{ body, has string }{
		{`{"locked":true}`, `"field":"reason"`},
		{`{"locked":true,"reason":"` + strings.Repeat("x", 301) + `"}`, "at most 300"},
		{`{"lock":true}`, `"field":"lock"`},
	} {
		if p := c.call(http.MethodPut, lock, test.body); p.status != 400 || !strings.Contains(p.body, test.has) {
			t.Errorf("lock %s: %d %s", test.body, p.status, p.body)
		}
	}
	for _, key := range []string{"", "two words", strings.Repeat("x", 201)} {
		if p := c.call(http.MethodPost, run+"/stop", `{}`, header("Idempotency-Key", key)); p.status != 400 || !strings.Contains(p.body, "Idempotency-Key") {
			t.Errorf("key %q: %d %s", key, p.status, p.body)
		}
	}
	if len(done.what) != 0 {
		t.Errorf("was asked for %v", done.what)
	}
}

// A refusal is told with its reason; trouble of ours is not.
func TestAPITellsWhyNot(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	c := s.caller(t, "octocat", pipeline.ScopeWrite)
	for _, test := range []struct {
		err    error
		status int
		has    string
	}{
		{pipeline.Errorf(pipeline.Conflict, "run #142 is over"), 409, "run #142 is over"},
		{pipeline.Errorf(pipeline.Forbidden, "octocat may not"), 403, "octocat may not"},
		{pipeline.Errorf(pipeline.NotFound, "no stage"), 404, "no stage"},
		{pipeline.Errorf(pipeline.Invalid, "no branch"), 422, "no branch"},
		{pipeline.Errorf(pipeline.Unavailable, "token of installation 7"), 503, "nothing has been done, try again"},
		{http.ErrAbortHandler, 500, "the server's log says why"},
	} {
		done.err = test.err
		p := c.call(http.MethodPost, "/api/v1/runs/"+runID+"/stop", `{}`)
		if p.status != test.status || !strings.Contains(p.body, test.has) || test.status >= 500 && strings.Contains(p.body, test.err.Error()) {
			t.Errorf("%v: %d %s", test.err, p.status, p.body)
		}
	}
}

// To change something takes a token of that scope: no session, which another site's
// page could use, and nobody who is not known.
func TestAPIWritesNeedAToken(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	path := "/api/v1/runs/" + runID + "/stop"
	if p := s.caller(t, "octocat", pipeline.ScopeRead).call(http.MethodPost, path, `{}`); p.status != http.StatusForbidden || !strings.Contains(p.body, "--scope write") {
		t.Errorf("a token to read: %d %s", p.status, p.body)
	}
	b := s.browser(t).login("octocat")
	r := must(http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(`{}`)))(t)
	r.Header.Set("Content-Type", "application/json")
	if p := b.do(r); p.status != http.StatusForbidden || !strings.Contains(p.body, "API token instead of the cookie") {
		t.Errorf("a session: %d %s", p.status, p.body)
	}
	alone := newAPI(t, func(o *web.Options) { o.Login, o.Commands = nil, done })
	c := &caller{t: t, url: alone.url, routes: strictRoutes(t, alone.url)}
	if p := c.call(http.MethodPost, path, `{}`); p.status != http.StatusForbidden || !strings.Contains(p.body, "nobody is logged in here") {
		t.Errorf("without a login: %d %s", p.status, p.body)
	}
	if len(done.what) != 0 {
		t.Errorf("was asked for %v", done.what)
	}
}

// The door into a stage is opened and closed, for one lane or all.
func TestAPIDoorsOfStages(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	c := s.caller(t, "octocat", pipeline.ScopeWrite)
	path := "/api/v1/repositories/octo-org/shop/pipelines/release/transitions"
	for _, body := range []string{`{"stage":"Production","enabled":false,"reason":"freeze","lane":"branch:main"}`, `{"stage":"Production","enabled":true}`} {
		if p := c.call(http.MethodPut, path, body); p.status != http.StatusOK || !strings.Contains(p.body, `"reason":"freeze"`) {
			t.Errorf("%s: %d %s", body, p.status, p.body)
		}
	}
	want := []any{
		door{"release", pipeline.BranchLane("main"), pipeline.SetTransition{Stage: "Production", Reason: "freeze"}},
		door{"release", pipeline.Lane{}, pipeline.SetTransition{Stage: "Production", Enabled: true}},
	}
	if diff := cmp.Diff(want, done.what); diff != "" {
		t.Error(diff)
	}
}

// An environment is locked and unlocked, and all are listed with their locks.
func TestAPILocks(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	c := s.caller(t, "octocat", pipeline.ScopeWrite)
	path := "/api/v1/repositories/octo-org/shop/environments"
	const list = `{"environments":[{"name":"production","locked":true,"reason":"the fair","by":"octocat","at":"2026-11-20T09:30:00Z"},{"name":"staging","locked":false}]}`
	if p := c.call(http.MethodGet, path, ""); p.status != http.StatusOK || strings.TrimSpace(p.body) != list {
		t.Errorf("%d %s", p.status, p.body)
	}
	for _, body := range []string{`{"locked":true,"reason":"the fair"}`, `{"locked":false}`} {
		if p := c.call(http.MethodPut, path+"/production/lock", body); p.status != http.StatusOK || strings.TrimSpace(p.body) != list {
			t.Errorf("%s: %d %s", body, p.status, p.body)
		}
	}
	want := []any{
		pipeline.LockEnvironment{Environment: "production", Locked: true, Reason: "the fair"},
		pipeline.LockEnvironment{Environment: "production"},
	}
	if diff := cmp.Diff(want, done.what); diff != "" {
		t.Error(diff)
	}
	done.err = pipeline.Errorf(pipeline.Conflict, "production is not locked")
	if p := c.call(http.MethodPut, path+"/production/lock", `{"locked":false}`); p.status != http.StatusConflict || !strings.Contains(p.body, "production is not locked") {
		t.Errorf("%d %s", p.status, p.body)
	}
	if p := c.call(http.MethodGet, "/api/v1/repositories/octo-org/nothing/environments", ""); p.status != http.StatusNotFound {
		t.Errorf("a repository that is not there: %d %s", p.status, p.body)
	}
}
