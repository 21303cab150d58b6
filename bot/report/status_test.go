package report_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	end := func(status pipeline.ExecutionStatus, reason string) func(report.Run) {
		return func(run report.Run) {
			building(run).Status = pipeline.StageStopped
			run.Execution.Status, run.Execution.Reason = status, reason
		}
	}
	tests := []struct {
		name  string
		set   func(report.Run)
		state report.State
		want  string
	}{
		{"rules unreadable", func(run report.Run) { entering(run).Trouble = "GitHub answers 502" }, report.StatePending, "#142 the rules of production cannot be read: GitHub answers 502"},
		{"frozen", func(run report.Run) {
			entering(run).Frozen = &pipeline.Frozen{Until: at(3600), Reason: "no Fridays"}
		}, report.StatePending, "#142 production is frozen until 2026-11-20 10:30 UTC: no Fridays"},
		{"frozen and overridden", func(run report.Run) {
			e := entering(run)
			e.Frozen, e.Overridden = &pipeline.Frozen{Until: at(3600)}, &pipeline.Override{}
		}, report.StatePending, "#142 in Release"},
		{"locked", func(run report.Run) {
			entering(run)
			run.Execution.Waits = "production is locked by octocat: moving the database"
		}, report.StatePending, "#142 waiting to enter Release: production is locked by octocat: moving the database"},
		{"inside a frozen one", func(run report.Run) {
			e := entering(run)
			e.Frozen, e.Inside = &pipeline.Frozen{}, true
		}, report.StatePending, "#142 in Release"},
		{"accepted", func(report.Run) {}, report.StatePending, "#142 waiting to enter Build"},
		{"running", func(run report.Run) { building(run) }, report.StatePending, "#142 Build: test running"},
		{"waiting", func(run report.Run) { waiting(run) }, report.StatePending, "#142 waiting for approval of Release/approve"},
		{"approved", func(run report.Run) { decided(run, pipeline.ApprovalApproved) }, report.StatePending, "#142 Release: ship running"},
		{"rejected", func(run report.Run) { decided(run, pipeline.ApprovalRejected) }, report.StateFailure, "#142 Release/approve rejected by hubot-owner: not on a Friday"},
		{"expired", func(run report.Run) { decided(run, pipeline.ApprovalExpired) }, report.StateFailure, "#142 Release/approve expired: nobody decided within 7d"},
		{"expired after seconds", func(run report.Run) {
			decided(run, pipeline.ApprovalExpired).Policy.Timeout = 4 * time.Second
		}, report.StateFailure, "#142 Release/approve expired: nobody decided within 4s"},
		{"failed", buildFailed, report.StateFailure, "#142 Build/test failed: exit status 2"},
		{"host lost", func(run report.Run) {
			buildFailed(run)
			run.Execution.FailureType = pipeline.SystemUnavailable
			run.Execution.Stages[0].Actions[1].Summary = "the host lost this build"
		}, report.StateError, "#142 Build/test could not be carried out: the host lost this build"},
		{"superseded", end(pipeline.ExecutionSuperseded, "superseded by 9999999"), report.StateError, "#142 superseded by 9999999"},
		{"stopped", end(pipeline.ExecutionStopped, "the pull request was closed"), report.StateError, "#142 stopped: the pull request was closed"},
		{"cancelled", end(pipeline.ExecutionCancelled, ""), report.StateError, "#142 cancelled"},
		{"stopping", func(run report.Run) {
			building(run)
			run.Execution.Status = pipeline.ExecutionStopping
			run.Execution.Stop = &pipeline.StopRequest{By: pipeline.Actor{Login: "octocat"}}
		}, report.StatePending, "#142 stopping by octocat"},
		{"succeeded", func(run report.Run) {
			built(run)
			run.Execution.Status, run.Execution.EndedAt = pipeline.ExecutionSucceeded, at(200)
		}, report.StateSuccess, "#142 succeeded in 3m 20s"},
		{"no number yet", func(run report.Run) { run.Execution.Number = 0 }, report.StatePending, "waiting to enter Build"},
		{"a long reason", func(run report.Run) {
			buildFailed(run)
			run.Execution.Stages[0].Actions[1].Summary = strings.Repeat("größer als\n", 40)
		}, report.StateFailure, "#142 Build/test failed: " + strings.TrimSpace(strings.Repeat("größer als ", 10)) + "…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := newRun()
			test.set(run)
			got := renderer().Status(run)
			want := report.StatusContent{
				Context: "penstock/release", State: test.state, Description: test.want,
				TargetURL: "http://localhost:8080/runs/" + run.Execution.ID,
			}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if utf8.RuneCountInString(got.Description) > 140 {
				t.Errorf("%q is too long", got.Description)
			}
		})
	}
}

func TestNotNeeded(t *testing.T) {
	t.Parallel()
	got := renderer().NotNeeded("release", "no branch filter matches\n")
	if got.State != report.StateSuccess || got.Description != "not needed: no branch filter matches" {
		t.Errorf("got %+v", got)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	run := newRun()
	one, two := renderer().Status(run), renderer().Status(run)
	if report.Hash(one) != report.Hash(two) {
		t.Error("equal contents have different hashes")
	}
	two.Description += "."
	if report.Hash(one) == report.Hash(two) || report.Hash("x") == "" {
		t.Error("different contents have one hash")
	}
}

func TestParseExternal(t *testing.T) {
	t.Parallel()
	for _, e := range []report.External{
		{Kind: report.ExternalStage, Execution: "run", Name: "Build"},
		{Kind: report.ExternalGate, Execution: "run", Name: "a:b"},
		{Kind: report.ExternalFile, Name: ".penstock/a:b.yml"},
		{Kind: report.ExternalFork},
	} {
		if got, ok := report.ParseExternal(e.String()); !ok || got != e {
			t.Errorf("ParseExternal(%q) = %+v, %v", e.String(), got, ok)
		}
	}
	for _, s := range []string{"", "stage", "stage:", "stage::Build", "stage:run:", "gate:run", "file:run:x", "fork", "other:a:b"} {
		if got, ok := report.ParseExternal(s); ok {
			t.Errorf("ParseExternal(%q) = %+v", s, got)
		}
	}
}
