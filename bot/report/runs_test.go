package report_test

import (
	"time"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

const sha = "4f2c9d1e8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e"

func at(seconds int) time.Time {
	return time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

func renderer() *report.Renderer { return report.New(report.Options{URL: "http://localhost:8080/"}) }

// newRun is a run of a pipeline with a build, a gate and a deployment that has
// just been accepted.
func newRun() report.Run {
	p := &pipeline.Pipeline{
		Name: "release", File: ".penstock.yml",
		Stages: []pipeline.Stage{
			{Name: "Build", Actions: []pipeline.Action{
				{Name: "compile", RunOrder: 1}, {Name: "test", RunOrder: 1}, {Name: "pack", RunOrder: 2},
			}},
			{Name: "Release", Actions: []pipeline.Action{
				{Name: "approve", RunOrder: 1, Type: pipeline.ActionType{Category: pipeline.CategoryApproval}},
				{Name: "ship", RunOrder: 2},
			}},
		},
	}
	e := &pipeline.Execution{
		ID: "01939f3e-0000-7000-8000-000000000001", Pipeline: "release", Number: 142, Attempt: 1,
		Repository: pipeline.Repository{Owner: "octo-org", Name: "shop", WebURL: "https://github.com/octo-org/shop"},
		Lane:       pipeline.PullLane(7), Status: pipeline.ExecutionInProgress,
		Trigger:  pipeline.Trigger{Kind: pipeline.TriggerPullRequest, By: pipeline.Actor{ID: 1, Login: "octocat"}, PullRequest: 7},
		Revision: pipeline.Revision{SHA: sha, Branch: "feature/cart", Message: "Add a cart", Author: "octocat"},
		Stages:   []pipeline.StageExecution{{Name: "Build"}, {Name: "Release"}}, CreatedAt: at(0),
	}
	return report.Run{Execution: e, Pipeline: p}
}

func attempt(name string, n int, status pipeline.ActionStatus, from, to int) pipeline.ActionExecution {
	a := pipeline.ActionExecution{ID: name + "-" + string(rune('0'+n)), Name: name, Attempt: n, Status: status, StartedAt: at(from)}
	if status.Ended() {
		a.EndedAt = at(to)
	}
	return a
}

func building(run report.Run) *pipeline.StageExecution {
	s := run.Execution.Stage("Build")
	s.Status, s.StartedAt = pipeline.StageInProgress, at(1)
	s.Actions = []pipeline.ActionExecution{
		attempt("compile", 1, pipeline.ActionSucceeded, 1, 21), attempt("test", 1, pipeline.ActionInProgress, 1, 0),
	}
	return s
}

func buildFailed(run report.Run) {
	s := building(run)
	s.Status, s.EndedAt, s.FailureType, s.Reason = pipeline.StageFailed, at(95), pipeline.JobFailed, "exit status 2"
	s.Actions[1] = attempt("test", 1, pipeline.ActionFailed, 1, 95)
	s.Actions[1].FailureType, s.Actions[1].Summary = pipeline.JobFailed, "exit status 2"
	e := run.Execution
	e.Status, e.FailureType, e.Reason, e.EndedAt = pipeline.ExecutionFailed, pipeline.JobFailed, "exit status 2", at(95)
}

func built(run report.Run) {
	s := building(run)
	s.Status, s.EndedAt = pipeline.StageSucceeded, at(200)
	s.Actions[1] = attempt("test", 2, pipeline.ActionSucceeded, 100, 190)
	s.Actions = append(s.Actions, attempt("pack", 1, pipeline.ActionSucceeded, 190, 200))
}

func waiting(run report.Run) *pipeline.Approval {
	built(run)
	gate := &pipeline.Approval{
		ID: "gate-1", Name: "Release/approve", Stage: "Release", Action: "approve", Status: pipeline.ApprovalPending,
		Policy: pipeline.Policy{Required: 1, Timeout: 7 * 24 * time.Hour, Message: "Look at the numbers", Link: "https://example.com/board"},
		SHA:    sha, OpenedAt: at(200), ExpiresAt: at(200 + 7*24*3600),
	}
	s := run.Execution.Stage("Release")
	s.Status, s.StartedAt = pipeline.StageInProgress, at(200)
	a := attempt("approve", 1, pipeline.ActionInProgress, 200, 0)
	a.Approval = gate
	s.Actions = []pipeline.ActionExecution{a}
	return gate
}

// entering is a run that stands in front of an environment.
func entering(run report.Run) *pipeline.Entry {
	built(run)
	run.Pipeline.Stage("Release").Environment = "production"
	s := run.Execution.Stage("Release")
	s.Status, s.StartedAt, s.Entry = pipeline.StageInProgress, at(200), &pipeline.Entry{}
	return s.Entry
}

func vote(verdict pipeline.Verdict, id int64, login, reason string) pipeline.Vote {
	return pipeline.Vote{
		Verdict: verdict, Reason: reason, Door: pipeline.DoorComment, At: at(500),
		Facts: pipeline.Facts{Voter: pipeline.Actor{ID: id, Login: login}, Permission: pipeline.PermissionWrite},
	}
}

// decided gives the gate of the run its last word.
func decided(run report.Run, status pipeline.ApprovalStatus) *pipeline.Approval {
	gate := waiting(run)
	gate.Status, gate.DecidedAt = status, at(500)
	s, e := run.Execution.Stage("Release"), run.Execution
	a := &s.Actions[0]
	a.EndedAt = at(500)
	fail := func(f pipeline.FailureType) {
		a.Status, a.FailureType = pipeline.ActionFailed, f
		s.Status, s.FailureType, s.EndedAt = pipeline.StageFailed, f, at(500)
		e.Status, e.FailureType, e.EndedAt = pipeline.ExecutionFailed, f, at(500)
	}
	switch status {
	case pipeline.ApprovalApproved:
		gate.Votes = []pipeline.Vote{vote(pipeline.Approve, 2, "hubot-owner", "numbers are fine")}
		a.Status = pipeline.ActionSucceeded
		s.Actions = append(s.Actions, attempt("ship", 1, pipeline.ActionInProgress, 501, 0))
	case pipeline.ApprovalRejected:
		gate.Votes = []pipeline.Vote{vote(pipeline.Reject, 2, "hubot-owner", "not on a Friday")}
		fail(pipeline.Rejected)
	case pipeline.ApprovalExpired:
		fail(pipeline.Expired)
	case pipeline.ApprovalCancelled:
		a.Status = pipeline.ActionAbandoned
		s.Status, s.EndedAt = pipeline.StageStopped, at(500)
		e.Status, e.Reason, e.EndedAt = pipeline.ExecutionSuperseded, "superseded by 9999999", at(500)
	}
	return gate
}
