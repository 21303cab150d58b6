package policy_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// copyOf is a gate that shares nothing with the other.
func copyOf(t *rapid.T, g *pipeline.Approval) *pipeline.Approval {
	text, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	c := &pipeline.Approval{}
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	return c
}

func counted(g *pipeline.Approval, verdict pipeline.Verdict) (votes []pipeline.Vote) {
	for _, v := range g.Votes {
		if ok, _ := policy.Counts(g, v); ok && v.Verdict == verdict {
			votes = append(votes, v)
		}
	}
	return votes
}

func TestAVoteThatDoesNotCountChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		before := stands(policy.Decide(g))
		g.Votes = slices.DeleteFunc(slices.Clone(g.Votes), func(v pipeline.Vote) bool {
			ok, _ := policy.Counts(g, v)
			return !ok
		})
		if after := stands(policy.Decide(g)); after != before {
			t.Fatalf("with votes that do not count: %s, without: %s", before, after)
		}
	})
}

func TestTakingAVoteAwayOpensNoGate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		if len(g.Votes) == 0 || policy.Decide(g).Status != pipeline.ApprovalPending {
			return
		}
		i := rapid.IntRange(0, len(g.Votes)-1).Draw(t, "gone")
		g.Votes = slices.Delete(slices.Clone(g.Votes), i, i+1)
		if policy.Decide(g).Status == pipeline.ApprovalApproved {
			t.Fatal("a gate opened because a vote was taken away")
		}
	})
}

func TestTheOrderOfVotesMattersForTheFirstDecisionOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		before := policy.Decide(g)
		no, enough := len(counted(g, pipeline.Reject)) > 0, before.Status == pipeline.ApprovalApproved
		g.Votes = rapid.Permutation(g.Votes).Draw(t, "order")
		switch after := policy.Decide(g); {
		case !no && after.Status != before.Status:
			t.Fatalf("nobody rejects: %s in one order, %s in another", before.Status, after.Status)
		case !no && !enough && (after.Approvals != before.Approvals || after.Missing != before.Missing):
			t.Fatalf("%d approvals, %d missing; in another order %d and %d", before.Approvals, before.Missing, after.Approvals, after.Missing)
		case no && after.Status == pipeline.ApprovalPending:
			t.Fatal("a rejection that counts left a gate open")
		}
	})
}

// Whoever is excluded besides, and whoever else is not known, opens nothing.
func TestAnotherHandInTheChangeOpensNoGate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		if g.Brief == nil || policy.Decide(g).Status == pipeline.ApprovalApproved {
			return
		}
		before := policy.Decide(g)
		g = copyOf(t, g)
		switch rapid.IntRange(0, 2).Draw(t, "who") {
		case 0:
			g.Brief.Involved = append(g.Brief.Involved, hand(rapid.SampledFrom([]string{"octocat", "monalisa", "mojombo"}).Draw(t, "hand"), pipeline.RolePusher))
		case 1:
			g.Brief.Involved = append(g.Brief.Involved, pipeline.Involved{Actor: pipeline.Actor{Login: "Mona"}})
		case 2:
			g.Brief.Unresolved = append(g.Brief.Unresolved, "Tom <t@example.com>")
		}
		if after := policy.Decide(g); after.Status == pipeline.ApprovalApproved || after.Status != before.Status {
			t.Fatalf("%s became %s", before.Status, after.Status)
		}
	})
}

// failLookUp has one look-up fail that had been good.
func failLookUp(t *rapid.T, g *pipeline.Approval) {
	forget := func(all []pipeline.Selector) {
		for i := range all {
			if all[i].User != "" {
				all[i].ID = 0
			}
		}
	}
	switch what := rapid.SampledFrom([]string{"permission", "team", "suspended", "users", "owners", "brief", "people", "lines", "else"}).Draw(t, "look-up"); what {
	case "permission", "team", "suspended":
		if len(g.Votes) == 0 {
			return
		}
		f := &g.Votes[rapid.IntRange(0, len(g.Votes)-1).Draw(t, "vote")].Facts
		switch {
		case what == "permission":
			f.Permission, f.Unknown = pipeline.PermissionNone, append(f.Unknown, pipeline.UnknownPermission)
		case what == "suspended":
			f.Unknown = append(f.Unknown, "whether the account is suspended")
		case len(f.Teams) > 0:
			f.Unknown = append(f.Unknown, pipeline.UnknownTeam(f.Teams[0]))
			f.Teams = f.Teams[1:]
		}
	case "users":
		for i := range g.Policy.AllOf {
			forget(g.Policy.AllOf[i].From)
		}
		if g.Policy.Escalate != nil {
			forget(g.Policy.Escalate.To)
		}
	case "brief":
		g.Brief = nil
	default:
		if g.Brief == nil {
			return
		}
		switch what {
		case "owners":
			for i := range g.Brief.Owners {
				forget(g.Brief.Owners[i].Owners)
			}
		case "people": // and nobody of them is known, then
			g.Brief.Involved, g.Brief.Unresolved = nil, nil
			g.Brief.Missing = append(g.Brief.Missing, pipeline.MissingPeople)
		case "lines":
			g.Brief.Owners = nil
			g.Brief.Missing = append(g.Brief.Missing, pipeline.MissingOwners)
		case "else":
			g.Brief.Missing = append(g.Brief.Missing, "something")
		}
	}
}

func TestAFailedLookUpOpensNoGate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		if policy.Decide(g).Status != pipeline.ApprovalPending {
			return
		}
		before := g
		g = copyOf(t, g)
		failLookUp(t, g)
		if policy.Decide(g).Status == pipeline.ApprovalApproved {
			t.Fatalf("a failed look-up opened a gate:\n%+v\n%+v", before, g)
		}
	})
}

// What Progress tells is what Decide decides by.
func TestProgressAgreesWithTheDecision(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		g.Votes = slices.DeleteFunc(slices.Clone(g.Votes), func(v pipeline.Vote) bool { return v.Verdict == pipeline.Reject })
		missing := 0
		for _, s := range policy.Progress(g) {
			missing = max(missing, s.Missing)
		}
		if result := policy.Decide(g); result.Missing != missing {
			t.Fatalf("Decide misses %d, Progress %d", result.Missing, missing)
		}
	})
}

// An open gate had its people, and none of those who may not.
func TestAnApprovedGateHadItsPeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		if policy.Decide(g).Status != pipeline.ApprovalApproved {
			return
		}
		people := map[int64]bool{}
		for _, v := range g.Votes {
			f := v.Facts
			involved := g.Brief != nil && slices.ContainsFunc(g.Brief.Involved, func(i pipeline.Involved) bool { return i.Actor.ID == f.Voter.ID })
			if v.Verdict != pipeline.Approve || !v.Withdrawn.IsZero() || f.Bot || f.Suspended || f.Voter.ID <= 0 || f.Permission == pipeline.PermissionNone ||
				slices.Contains(f.Unknown, pipeline.UnknownPermission) || involved && g.Policy.PreventSelfApproval && !g.Policy.AnyOne {
				continue
			}
			people[f.Voter.ID] = true
		}
		for _, q := range g.Policy.Requirements() {
			if n := len(people); n < 1 || !g.Policy.AnyOne && n < q.Required {
				t.Fatalf("%d people opened a gate that asks for %d", n, q.Required)
			}
		}
	})
}
