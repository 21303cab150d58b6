package policy_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

func vote(id int64, verdict pipeline.Verdict, permission pipeline.Permission) pipeline.Vote {
	return pipeline.Vote{Verdict: verdict, Facts: pipeline.Facts{
		Voter: pipeline.Actor{ID: id, Login: "octocat"}, Permission: permission,
	}}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	const yes, no = pipeline.Approve, pipeline.Reject
	const write, admin, read = pipeline.PermissionWrite, pipeline.PermissionAdmin, pipeline.PermissionRead
	bot := vote(1, yes, admin)
	bot.Facts.Bot = true
	unknown := vote(1, yes, admin)
	unknown.Facts.Unknown = []string{"permission"}
	for _, test := range []struct {
		name     string
		required int
		votes    []pipeline.Vote
		want     pipeline.ApprovalStatus
	}{
		{"nobody has voted", 1, nil, pipeline.ApprovalPending},
		{"one writer approves", 1, []pipeline.Vote{vote(1, yes, write)}, pipeline.ApprovalApproved},
		{"an administrator approves", 1, []pipeline.Vote{vote(1, yes, admin)}, pipeline.ApprovalApproved},
		{"a reader does not count", 1, []pipeline.Vote{vote(1, yes, read)}, pipeline.ApprovalPending},
		{"a stranger does not count", 1, []pipeline.Vote{vote(1, yes, pipeline.PermissionNone)}, pipeline.ApprovalPending},
		{"nobody known does not count", 1, []pipeline.Vote{vote(0, yes, admin)}, pipeline.ApprovalPending},
		{"a bot does not count", 1, []pipeline.Vote{bot}, pipeline.ApprovalPending},
		{"a failed look-up is never a yes", 1, []pipeline.Vote{unknown}, pipeline.ApprovalPending},
		{"a reader cannot reject", 1, []pipeline.Vote{vote(2, no, read)}, pipeline.ApprovalPending},
		{"one writer rejects", 1, []pipeline.Vote{vote(2, no, write)}, pipeline.ApprovalRejected},
		{"one of two is not enough", 2, []pipeline.Vote{vote(1, yes, write)}, pipeline.ApprovalPending},
		{"one person counts once", 2, []pipeline.Vote{vote(1, yes, write), vote(1, yes, write)}, pipeline.ApprovalPending},
		{"two of two", 2, []pipeline.Vote{vote(1, yes, write), vote(2, yes, write)}, pipeline.ApprovalApproved},
		{"a veto before the second", 2, []pipeline.Vote{vote(1, yes, write), vote(2, no, write)}, pipeline.ApprovalRejected},
		{"the first that settles it decides", 1, []pipeline.Vote{vote(1, yes, write), vote(2, no, write)}, pipeline.ApprovalApproved},
		{"a policy that asks for nobody still asks for one", 0, nil, pipeline.ApprovalPending},
		{"a negative number asks for one", -3, []pipeline.Vote{vote(1, yes, write)}, pipeline.ApprovalApproved},
		{"a word that is no verdict", 1, []pipeline.Vote{vote(1, "maybe", write)}, pipeline.ApprovalPending},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := policy.Decide(&pipeline.Approval{Policy: pipeline.Policy{Required: test.required}, Votes: test.votes})
			if got.Status != test.want {
				t.Errorf("got %s, want %s", got.Status, test.want)
			}
		})
	}
}

func TestEligibleSaysWhy(t *testing.T) {
	t.Parallel()
	ok, why := policy.Eligible(&pipeline.Approval{}, vote(7, pipeline.Approve, pipeline.PermissionRead).Facts)
	if ok || !strings.Contains(why, "write access") {
		t.Errorf("got %v, %q", ok, why)
	}
}

// An ineligible vote changes nothing, and taking a vote away opens no gate.
func TestLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		votes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pipeline.Vote {
			v := vote(rapid.Int64Range(0, 4).Draw(t, "id"),
				rapid.SampledFrom([]pipeline.Verdict{pipeline.Approve, pipeline.Reject}).Draw(t, "verdict"),
				rapid.SampledFrom([]pipeline.Permission{"none", "read", "write", "admin"}).Draw(t, "permission"))
			v.Facts.Bot = rapid.IntRange(0, 9).Draw(t, "bot") == 0
			return v
		}), 0, 8).Draw(t, "votes")
		p := pipeline.Policy{Required: rapid.IntRange(0, 4).Draw(t, "required")}
		before := policy.Decide(&pipeline.Approval{Policy: p, Votes: votes}).Status

		var eligible []pipeline.Vote
		for _, v := range votes {
			if ok, _ := policy.Eligible(&pipeline.Approval{Policy: p}, v.Facts); ok {
				eligible = append(eligible, v)
			}
		}
		if got := policy.Decide(&pipeline.Approval{Policy: p, Votes: eligible}).Status; got != before {
			t.Fatalf("without the ineligible votes %s becomes %s", before, got)
		}
		if len(votes) == 0 || before != pipeline.ApprovalPending {
			return
		}
		i := rapid.IntRange(0, len(votes)-1).Draw(t, "gone")
		fewer := append(append([]pipeline.Vote{}, votes[:i]...), votes[i+1:]...)
		if got := policy.Decide(&pipeline.Approval{Policy: p, Votes: fewer}).Status; got == pipeline.ApprovalApproved {
			t.Fatalf("a gate opened because a vote was taken away")
		}
	})
}
