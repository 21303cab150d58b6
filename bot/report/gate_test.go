package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// production is a gate of an environment that asks for two of a team or octocat, and
// keeps out those with a hand in the change.
func production(run report.Run) *pipeline.Approval {
	gate := waiting(run)
	gate.Name, gate.Action = "production", ""
	gate.Policy = pipeline.Policy{
		AllOf:               []pipeline.Requirement{{Required: 2, From: []pipeline.Selector{{Team: "sre"}, {User: "monalisa", ID: 7}, {User: "defunkt", ID: 8}}}},
		PreventSelfApproval: true, Timeout: 7 * 24 * time.Hour,
	}
	gate.Brief = &pipeline.Brief{
		Base: "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", BaseNumber: 41, Files: 12, CompareURL: "https://github.com/octo-org/shop/compare/c0ffee0...4f2c9d1",
		Commits: []pipeline.BriefCommit{
			{SHA: sha, Title: "Add a cart", Author: "octocat", PullRequest: 7, PullTitle: "A cart for the shop"},
			{SHA: "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef", Title: "Count to 10 in fewer steps", Author: "hubot"},
		},
		Involved: []pipeline.Involved{
			{Actor: pipeline.Actor{ID: 1, Login: "octocat"}, Roles: []pipeline.Role{pipeline.RoleAuthor, pipeline.RolePusher, pipeline.RoleCommitter}},
			{Actor: pipeline.Actor{ID: 8, Login: "defunkt"}, Roles: []pipeline.Role{pipeline.RoleMerger}},
		},
	}
	s := run.Execution.Stage("Release")
	s.Gate, s.Actions, s.Entry = gate, nil, &pipeline.Entry{Gated: true}
	return gate
}

// teamVote is a vote of somebody in a team.
func teamVote(verdict pipeline.Verdict, id int64, login, team string) pipeline.Vote {
	v := vote(verdict, id, login, "")
	v.Facts.Teams = []string{team}
	return v
}

func manyCommits(n int) (list []pipeline.BriefCommit) {
	for i := range n {
		list = append(list, pipeline.BriefCommit{
			SHA: fmt.Sprintf("%040x", 1<<40+i), Title: fmt.Sprintf("Step %d", i), Author: "octocat", PullRequest: 100 + i, PullTitle: fmt.Sprintf("Step %d", i),
		})
	}
	return list
}

// gateScene is a way for a gate to stand.
type gateScene struct {
	name string
	set  func(report.Run) *pipeline.Approval
}

func gateScenes() []gateScene {
	return []gateScene{
		{"pending", waiting},
		{"pending_two", func(run report.Run) *pipeline.Approval {
			gate := waiting(run)
			gate.Policy.Required = 2
			gate.Votes = []pipeline.Vote{vote(pipeline.Approve, 2, "hubot-owner", "")}
			return gate
		}},
		{"approved", func(run report.Run) *pipeline.Approval { return decided(run, pipeline.ApprovalApproved) }},
		{"rejected", func(run report.Run) *pipeline.Approval { return decided(run, pipeline.ApprovalRejected) }},
		{"expired", func(run report.Run) *pipeline.Approval { return decided(run, pipeline.ApprovalExpired) }},
		{"cancelled", func(run report.Run) *pipeline.Approval { return decided(run, pipeline.ApprovalCancelled) }},
		{"base", production},
		{"no_base", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			b := gate.Brief
			b.Base, b.BaseNumber, b.CompareURL, b.Files, b.Commits = "", 0, "", 1, b.Commits[:1]
			return gate
		}},
		{"many_commits", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Brief.Commits, gate.Brief.More, gate.Brief.Files = manyCommits(60), 190, -1
			return gate
		}},
		{"countless_commits", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Brief.Commits, gate.Brief.More = manyCommits(3), -1
			return gate
		}},
		{"flagged", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Brief.Flagged, gate.Brief.MoreFlagged = []string{"db/007_carts.sql", "infra/main.tf"}, 3
			return gate
		}},
		{"unresolved", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Brief.Unresolved = []string{"Mona <mona@example.com>"}
			gate.Brief.Involved = append(gate.Brief.Involved, pipeline.Involved{Actor: pipeline.Actor{Login: "Mona"}, Roles: []pipeline.Role{pipeline.RoleUnresolved}})
			return gate
		}},
		{"one_of_two_met", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Policy.AllOf = append(gate.Policy.AllOf, pipeline.Requirement{Required: 1, From: []pipeline.Selector{{Team: "dba"}}})
			gate.Votes = []pipeline.Vote{teamVote(pipeline.Approve, 21, "hubot", "dba"), teamVote(pipeline.Approve, 1, "octocat", "sre"), vote(pipeline.Approve, 7, "monalisa", "")}
			return gate
		}},
		{"codeowners", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Policy.AllOf = []pipeline.Requirement{{Required: 1, From: []pipeline.Selector{{CodeOwners: true}}}}
			gate.Brief.Owners = []pipeline.Ownership{
				{Pattern: "/db/", Owners: []pipeline.Selector{{Team: "dba"}}}, {Pattern: "*.go", Owners: []pipeline.Selector{{User: "monalisa", ID: 7}}, Others: []string{"go@example.com"}},
			}
			gate.Votes = []pipeline.Vote{vote(pipeline.Approve, 7, "monalisa", "fine")}
			return gate
		}},
		{"waived", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Policy.Waived = []string{"1 of team dba, for changes of db/**"}
			return gate
		}},
		{"to_escalate", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Policy.Escalate = &pipeline.Escalation{After: 24 * time.Hour, To: []pipeline.Selector{{Team: "leads"}}}
			gate.EscalateAt = gate.OpenedAt.Add(24 * time.Hour)
			return gate
		}},
		{"escalated", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Policy.Escalate = &pipeline.Escalation{After: 24 * time.Hour, To: []pipeline.Selector{{Team: "leads"}}}
			gate.EscalatedAt = gate.OpenedAt.Add(24 * time.Hour)
			return gate
		}},
		{"reopened", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Reopened = 1
			left := teamVote(pipeline.Approve, 22, "hubot", "sre")
			left.Facts.Suspended = true
			gate.Votes = []pipeline.Vote{left, vote(pipeline.Approve, 7, "monalisa", "")}
			return gate
		}},
		{"rules_changed", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.ChangedAt = at(900)
			return gate
		}},
		{"overridden", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Status, gate.DecidedAt = pipeline.ApprovalApproved, at(900)
			gate.Overridden = &pipeline.Override{By: pipeline.Actor{ID: 31, Login: "hubot"}, Reason: "the shop is down", At: at(900)}
			return gate
		}},
		{"frozen", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			run.Execution.Stage("Release").Entry.Frozen = &pipeline.Frozen{Until: at(3600), Reason: "no Fridays"}
			return gate
		}},
		{"unreadable", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			run.Execution.Stage("Release").Entry.Trouble = "GitHub answers 502"
			return gate
		}},
		{"missing", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Brief.Missing = []string{pipeline.MissingPeople, pipeline.MissingDetails}
			v := vote(pipeline.Approve, 40, "hubot", "")
			v.Facts.Unknown = []string{pipeline.UnknownTeam("sre")}
			gate.Votes = []pipeline.Vote{v}
			return gate
		}},
		{"rollback", func(run report.Run) *pipeline.Approval {
			gate := production(run)
			gate.Policy.AnyOne = true
			run.Execution.Rollback = &pipeline.Rollback{TargetNumber: 41}
			return gate
		}},
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	for _, test := range gateScenes() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := newRun()
			gate := test.set(run)
			c := renderer().GateCheck(run, gate)
			checkLimits(t, c)
			golden(t, "gate_check_"+test.name+".golden", show(c))
			comment := renderer().GateComment(run, gate)
			if !strings.HasPrefix(comment, report.GateMarker(gate.ID)) {
				t.Errorf("the comment does not start with its marker:\n%s", comment)
			}
			golden(t, "gate_comment_"+test.name+".golden", comment)
		})
	}
}
