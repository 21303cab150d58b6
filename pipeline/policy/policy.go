// Package policy counts votes: approval rules, facts and votes go in, a decision
// comes out. It never looks anything up, and it knows no clock.
package policy

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// Result is where a gate stands.
type Result struct {
	Status    pipeline.ApprovalStatus // Pending, Approved or Rejected
	Approvals int                     // distinct people whose approval counts
	Missing   int                     // approvals still needed
	// By is whose vote decided, if Status is not Pending.
	By pipeline.Vote
}

// Eligible reports whether a person with these facts may answer the gate. If
// not, why is a sentence for that person. A fact that could not be looked up is
// never a yes.
func Eligible(_ *pipeline.Approval, facts pipeline.Facts) (ok bool, why string) {
	switch {
	case facts.Voter.ID == 0:
		return false, "it is not known who gave this vote"
	case facts.Bot:
		return false, fmt.Sprintf("%s is a bot; people decide", facts.Voter.Login)
	case len(facts.Unknown) > 0:
		return false, fmt.Sprintf("the %s of %s could not be looked up", facts.Unknown[0], facts.Voter.Login)
	case !facts.Permission.CanWrite():
		return false, fmt.Sprintf("%s has no write access to this repository", facts.Voter.Login)
	}
	return true, ""
}

// Decide counts the votes of a gate in the order they were given. Each person
// counts once; the first vote that settles the question decides, and one
// eligible rejection rejects.
func Decide(gate *pipeline.Approval) Result {
	approvers := map[int64]bool{}
	for _, vote := range gate.Votes {
		if ok, _ := Eligible(gate, vote.Facts); !ok {
			continue
		}
		if vote.Verdict == pipeline.Reject {
			return Result{Status: pipeline.ApprovalRejected, Approvals: len(approvers), By: vote}
		}
		if vote.Verdict != pipeline.Approve {
			continue
		}
		approvers[vote.Facts.Voter.ID] = true
		if len(approvers) >= required(gate.Policy) {
			return Result{Status: pipeline.ApprovalApproved, Approvals: len(approvers), By: vote}
		}
	}
	return Result{
		Status:    pipeline.ApprovalPending,
		Approvals: len(approvers),
		Missing:   required(gate.Policy) - len(approvers),
	}
}

// required never lets a broken policy open a gate without a vote.
func required(policy pipeline.Policy) int { return max(1, policy.Required) }
