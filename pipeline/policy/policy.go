package policy

import "github.com/penstock-cd/penstock/pipeline"

// Result is where a gate stands.
type Result struct {
	Status    pipeline.ApprovalStatus // Pending, Approved or Rejected
	Approvals int                     // distinct people whose approval counts
	// Missing is how many approvals are still needed, at least: one person may serve
	// several requirements, or several people be needed for one.
	Missing int
	// By is whose vote decided, if Status is not Pending.
	By pipeline.Vote
}

// Decide counts the votes of a gate in the order they were given, by its Rules.
// The first vote that settles the question decides. Each person counts once; votes
// that were taken back or do not count are passed over.
func Decide(gate *pipeline.Approval) Result {
	t := newTally(gate)
	for _, vote := range gate.Votes {
		if ok, _ := t.counts(vote); !ok {
			continue
		}
		if vote.Verdict == pipeline.Reject {
			return Result{Status: pipeline.ApprovalRejected, Approvals: t.approvals(), By: vote}
		}
		t.add(vote)
		if t.missing() == 0 {
			return Result{Status: pipeline.ApprovalApproved, Approvals: t.approvals(), By: vote}
		}
	}
	return Result{Status: pipeline.ApprovalPending, Approvals: t.approvals(), Missing: t.missing()}
}
