package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// withArtifacts gives the run with everything two artifacts, one of which is gone.
func withArtifacts(o *web.Options) {
	h := o.Runs.(*house)
	h.runs[runID].Stages[0].Actions[0].Artifacts = []pipeline.Artifact{
		{Name: "shop", Digest: "sha256:kept", Size: 8}, {Name: "old", Digest: "sha256:gone", Size: 9},
	}
	other := *h.runs[endedID]
	other.ID, other.Pipeline = "01939f3e-0000-7000-8000-0000000000d0", "docs"
	h.runs[other.ID], h.order = &other, append(h.order, other.ID)
	h.print("test-1", pipeline.Stdout, "last")
}

func TestAPIReads(t *testing.T) {
	t.Parallel()
	s := newAPI(t, withArtifacts)
	c := s.caller(t, "hubot", pipeline.ScopeRead)
	run := "/api/v1/runs/" + runID
	tests := []struct {
		name, path string
		status     int
		has, lacks []string
	}{
		{"runs", "/api/v1/runs", 200, []string{`"number":142`, `"name":"Release/approve"`, `"repository":{`, `"url":"` + s.url + "/runs/" + runID}, []string{"a secret plan", `"stages"`}},
		{"runs of a repository", "/api/v1/runs?repository=octo-org/shop&pipeline=docs", 200, []string{`"pipeline":"docs"`}, []string{`"release"`, `"next"`}},
		{"runs of a lane with a status", "/api/v1/runs?repository=octo-org/shop&lane=pull:7&status=Superseded", 200, []string{`"number":140`}, []string{`"number":142`}},
		{"runs of a commit", "/api/v1/runs?sha=" + sha, 200, []string{`"number":142`}, nil},
		{"runs at gates", "/api/v1/runs?waiting=gates", 200, []string{`"number":142`}, []string{`"number":141`}},
		{"a page", "/api/v1/runs?limit=2", 200, []string{`"next":"` + endedID + `"`}, nil},
		{"the page after", "/api/v1/runs?limit=50&before=" + endedID, 200, []string{`"number":140`}, []string{`"number":142`, `"next"`}},
		{"a run", run, 200, []string{`"status":"NotReached"`, `"environment":"production"`, `"percent":40`, `"failureType":"JobFailed"`, `"required":2`, `"door":"comment"`, `"words":"2 approvals by people with write access","needed":2,"missing":1,"by":["hubot-owner"]`}, nil},
		{"by number", "/api/v1/repositories/octo-org/shop/runs/142", 200, []string{runID}, nil},
		{"names know no case", "/api/v1/repositories/Octo-Org/SHOP/runs/142", 200, []string{runID}, nil},
		{"a number of two pipelines", "/api/v1/repositories/octo-org/shop/runs/141", 409, []string{`"allowed":["release","docs"]`, `"field":"pipeline"`}, nil},
		{"one of them", "/api/v1/repositories/octo-org/shop/runs/141?pipeline=docs", 200, []string{`"pipeline":"docs"`}, nil},
		{"a number that is not there", "/api/v1/repositories/octo-org/shop/runs/7", 404, []string{"octo-org/shop has no run #7"}, nil},
		{"no number", "/api/v1/repositories/octo-org/shop/runs/x", 400, []string{`"field":"number"`}, nil},
		{"log", run + "/logs/test-1?from=6", 200, []string{`{"number":6,"at":"2026-11-20T09:30:07Z","stream":"stderr","text":"exit status 1"}` + "\n", `"text":"last"`}, []string{`"end"`}},
		{"log of an attempt that has ended, followed", run + "/logs/test-1?follow=true", 200, []string{`"text":"\u003cscript\u003ealert(1)\u003c/script\u003e"`, `{"end":"Failed"}`}, nil},
		{"log of a gate", run + "/logs/approve-1", 404, []string{"there is no such log"}, nil},
		{"artifacts", run + "/artifacts", 200, []string{`"name":"shop","digest":"sha256:kept","size":8,"stage":"Build","action":"compile"`}, nil},
		{"an artifact", run + "/artifacts/shop", 200, []string{"a bundle"}, nil},
		{"an artifact that is not kept", run + "/artifacts/old", 404, []string{"artifact old is no longer kept"}, nil},
		{"an artifact that never was", run + "/artifacts/x%0a", 404, []string{`run #142 has no artifact`}, nil},
		{"why", run + "/why", 200, []string{`"text":"Release/approve waits for approval of commit 4f2c9d1: 2 approvals by people with write access, 1 missing (hubot-owner); it expires`, `"move":"Whoever is asked: /approve Release/approve`}, nil},
		{"why it ended", "/api/v1/runs/" + endedID + "/why", 200, []string{"has failed in stage Release: rejected by hubot-owner: not on a Friday", "A retry asks again"}, nil},
		{"judgements", "/api/v1/repositories/octo-org/shop/judgements", 200, []string{`"note":"not triggered: release."`, "long ago", "started release"}, []string{`"next"`}},
		{"the newest judgement", "/api/v1/repositories/octo-org/shop/judgements?limit=1", 200, []string{`"next":"d3"`}, []string{"long ago"}},
		{"judgements of a commit", "/api/v1/repositories/octo-org/shop/judgements?sha=C0FFEE0", 200, []string{"started release"}, []string{"long ago", "not triggered"}},
		{"judgements of another repository", "/api/v1/repositories/octo-org/other/judgements", 404, []string{"there is no such repository"}, nil},
		{"transitions", "/api/v1/repositories/octo-org/shop/pipelines/release/transitions", 200, []string{`{"stage":"Production","enabled":false,"reason":"freeze","by":"octocat"`, `"lane":"branch:main"`}, nil},
		{"transitions of what never ran", "/api/v1/repositories/octo-org/shop/pipelines/x/transitions", 200, []string{`"transitions":[]`}, nil},
		{"the document", "/api/v1/openapi.json", 200, []string{`"openapi": "3.0.3"`, `"url": "` + s.url + `/api/v1"`}, nil},

		{"no such run", "/api/v1/runs/" + noRun, 404, []string{"there is no such run, or it is not for you to see"}, nil},
		{"a run of another repository", "/api/v1/runs/" + otherRun, 404, []string{"there is no such run, or it is not for you to see"}, nil},
		{"another repository", "/api/v1/repositories/octo-org/other/runs/900", 404, []string{"there is no such repository, or it is not for you to see"}, nil},
		{"no repository", "/api/v1/repositories/octo-org/nothing/runs/900", 404, []string{"there is no such repository, or it is not for you to see"}, nil},
		{"runs of another repository", "/api/v1/runs?repository=octo-org/other", 404, []string{"there is no such repository"}, nil},
		{"an artifact of another repository", "/api/v1/runs/" + otherRun + "/artifacts/shop", 404, []string{"there is no such run"}, nil},
		{"a log of another repository", "/api/v1/runs/" + otherRun + "/logs/secret-1", 404, []string{"there is no such log"}, nil},
		{"no endpoint", "/api/v1/nothing", 404, []string{"there is no such endpoint"}, nil},
		{"no version", "/api", 404, []string{"there is no such endpoint"}, nil},

		{"a parameter that is unknown", "/api/v1/runs?repo=x", 400, []string{`"field":"repo"`, `"allowed":["repository","pipeline"`}, nil},
		{"a parameter twice", "/api/v1/runs?limit=1&limit=2", 400, []string{`"field":"limit"`}, nil},
		{"a limit that is too high", "/api/v1/runs?limit=201", 400, []string{"is not a number from 1 to 200"}, nil},
		{"a status that is none", "/api/v1/runs?status=Done", 400, []string{`"field":"status"`, `"Succeeded"`}, nil},
		{"a lane that is none", "/api/v1/runs?repository=octo-org/shop&lane=main", 400, []string{"write branch:NAME, tag:NAME or pull:NUMBER"}, nil},
		{"a pipeline of nowhere", "/api/v1/runs?pipeline=release", 400, []string{`"field":"repository"`}, nil},
		{"half a repository", "/api/v1/runs?repository=shop", 400, []string{"is not OWNER/NAME"}, nil},
		{"half a commit", "/api/v1/runs?sha=4f2c9d1", 400, []string{`"field":"sha"`}, nil},
		{"a page of nowhere", "/api/v1/runs?before=%22", 400, []string{`"field":"before"`}, nil},
		{"follow what", run + "/logs/test-1?follow=perhaps", 400, []string{`"field":"follow"`}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			one := *c
			one.t = t
			p := one.call(http.MethodGet, test.path, "")
			if p.status != test.status {
				t.Errorf("status %d, want %d", p.status, test.status)
			}
			for _, want := range test.has {
				if !strings.Contains(p.body, want) {
					t.Errorf("no %q in\n%s", want, p.body)
				}
			}
			for _, no := range test.lacks {
				if strings.Contains(p.body, no) {
					t.Errorf("%q in\n%s", no, p.body)
				}
			}
		})
	}
}

// Strangers learn nothing from the API, and other methods than those of the document
// are refused.
func TestAPIDoor(t *testing.T) {
	t.Parallel()
	s := newAPI(t)
	reader := s.caller(t, "hubot", pipeline.ScopeRead)
	stranger := *reader
	for _, token := range []string{"", "pst_nothing", s.token(t, "octocat", pipeline.ScopeMetrics)} {
		stranger.token = token
		for _, path := range []string{"/api/v1/runs", "/api/v1/openapi.json", "/api/v1/nothing", "/api", "/api/v1/runs/" + runID} {
			if p := stranger.call(http.MethodGet, path, ""); p.status != http.StatusUnauthorized || p.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %q: %d %s", path, token, p.status, p.body)
			}
		}
	}
	if p := reader.call(http.MethodDelete, "/api/v1/runs/"+runID, ""); p.status != http.StatusMethodNotAllowed || p.header.Get("Allow") != "GET" {
		t.Errorf("DELETE: %d %s", p.status, p.body)
	}
	// Who is logged in may read with their session.
	b := s.browser(t).login("hubot")
	if p := b.get("/api/v1/runs/" + runID); p.status != http.StatusOK || !strings.Contains(p.body, `"number":142`) {
		t.Errorf("with a session: %d %s", p.status, p.body)
	}
}

// Without a login, the API answers this machine only.
func TestAPIWithoutLogin(t *testing.T) {
	t.Parallel()
	s := newAPI(t, func(o *web.Options) { o.Login = nil })
	c := &caller{t: t, url: s.url, routes: strictRoutes(t, s.url)}
	if p := c.call(http.MethodGet, "/api/v1/runs", ""); p.status != http.StatusOK {
		t.Errorf("reading: %d %s", p.status, p.body)
	}
	p := c.call(http.MethodGet, "/api/v1/runs", "", header("X-Forwarded-For", "192.0.2.1"))
	if p.status != http.StatusForbidden || !strings.Contains(p.body, "docs/login.md") {
		t.Errorf("through a proxy: %d %s", p.status, p.body)
	}
}

// A run can be waited for: the answer comes when it has changed.
func TestRunIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newAPI(t)
	c := s.caller(t, "hubot", pipeline.ScopeRead)
	var run, later api.Run
	tag := c.get("/api/v1/runs/"+runID, &run).header.Get("ETag")
	if p := c.call(http.MethodGet, "/api/v1/runs/"+runID, "", header("If-None-Match", tag)); p.status != http.StatusNotModified || p.body != "" {
		t.Fatalf("nothing has changed: %d %s", p.status, p.body)
	}
	if p := c.call(http.MethodGet, "/api/v1/runs/"+runID+"?wait=1", "", header("If-None-Match", tag)); p.status != http.StatusNotModified {
		t.Fatalf("nothing has changed in a second: %d %s", p.status, p.body)
	}
	changed := time.AfterFunc(20*time.Millisecond, func() { s.house.end(runID, "test-2", pipeline.ActionSucceeded) })
	defer changed.Stop()
	if got := c.get("/api/v1/runs/"+runID+"?wait=30", &later, header("If-None-Match", tag)).header.Get("ETag"); got == tag {
		t.Error("the tag is the same")
	}
	if diff := cmp.Diff("Succeeded", later.Stages[0].Actions[3].Status); diff != "" {
		t.Error(diff)
	}
	if p := c.call(http.MethodGet, "/api/v1/runs/"+runID+"?wait=61", ""); p.status != http.StatusBadRequest {
		t.Errorf("waiting too long: %d", p.status)
	}
}

// A log is followed to the end of its attempt, and whoever loses the right to see it
// gets no more of it.
func TestAPILogIsFollowed(t *testing.T) {
	t.Parallel()
	s := newAPI(t)
	c := s.caller(t, "hubot", pipeline.ScopeRead)
	go func() {
		s.house.print("test-2", pipeline.Stdout, "PASS")
		s.house.end(runID, "test-2", pipeline.ActionSucceeded)
	}()
	p := c.call(http.MethodGet, "/api/v1/runs/"+runID+"/logs/test-2?follow=true", "")
	var texts []string
	for line := range strings.SplitSeq(strings.TrimSpace(p.body), "\n") {
		var l api.LogLine
		if line != "" {
			ok(t, json.Unmarshal([]byte(line), &l))
			texts = append(texts, l.Text+l.End)
		}
	}
	if diff := cmp.Diff([]string{"go test ./...", "PASS", "Succeeded"}, texts); diff != "" {
		t.Error(diff)
	}
}

// Every endpoint of the document is answered by the server.
func TestEveryEndpointIsAnswered(t *testing.T) {
	t.Parallel()
	s, _ := newCommands(t)
	c := s.caller(t, "octocat", pipeline.ScopeWrite)
	fill := strings.NewReplacer("{id}", noRun, "{attempt}", "a", "{name}", "n", "{owner}", "octo-org", "{repository}", "nothing", "{number}", "1", "{pipeline}", "p")
	for _, end := range api.Endpoints() {
		p := c.call(end.Method, api.Prefix+fill.Replace(end.Path), map[bool]string{true: `{}`}[end.Writes()])
		if p.status >= 500 || p.status == http.StatusMethodNotAllowed || strings.Contains(p.body, "no such endpoint") {
			t.Errorf("%s: %d %s", end.ID, p.status, p.body)
		}
	}
}

// The page of a run says what it waits for and who can move it, in the same words;
// what people wrote stays text.
func TestPageExplains(t *testing.T) {
	t.Parallel()
	s := newAPI(t, func(o *web.Options) {
		gate := o.Runs.(*house).runs[runID].Stages[1].Actions[0].Approval
		gate.Votes[0].Facts.Voter.Login = "<script>alert(1)</script>"
	})
	p := s.browser(t).login("hubot").get("/runs/" + runID)
	for _, want := range []string{"paused: moving the disk: no action starts", "Release/approve waits for approval of commit 4f2c9d1: 2 approvals by people", "Whoever is asked"} {
		if !strings.Contains(p.body, want) {
			t.Errorf("no %q in\n%s", want, p.body)
		}
	}
	if strings.Contains(p.body, "<script>alert") {
		t.Errorf("a script in\n%s", p.body)
	}
}
