package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

const onMain = "triggers: {push: {branches: [main]}}\n"

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// votes awaits that so many votes of the only run's gate are on record, and returns it.
func (h *house) votes(n int) *pipeline.Approval {
	h.t.Helper()
	h.await("the votes", func(*emulator.View) bool { return len(h.runs(1)[0].AllGates()[0].Votes) == n })
	return h.runs(1)[0].AllGates()[0]
}

// Another branch becomes the default one while a gate is open: its rules count from then
// on, and what stands on the old one is nobody's business.
func TestRulesOfTheBranchThatIsDefaultNow(t *testing.T) {
	t.Parallel()
	file := strings.Replace(shippingFile("{required: 2, preventSelfApproval: false}"), "    flag:", "    branches: [main]\n    flag:", 1) + onMain
	h := newHouse(t, file)
	h.provider.auto = pipeline.ActionSucceeded
	sha := h.push(emulator.Change{Message: "one"})
	h.gate(sha)
	noError(t, h.github.SetBranch(shop, "trunk", sha, "octo-org"))
	noError(t, h.github.SetDefaultBranch(shop, "trunk", "octo-org"))
	weak := strings.Replace(file, "required: 2", "required: 1", 1)
	h.push(emulator.Change{Branch: "main", Message: "weak [skip ci]", Files: map[string]string{".penstock.yml": weak}})
	h.click(sha, "approve", "hubot")
	if gate := h.votes(1); gate.Status != pipeline.ApprovalPending || gate.Policy.Requirements()[0].Required != 2 {
		t.Errorf("the gate is %s, and asks for %+v", gate.Status, gate.Policy)
	}
}

// Somebody who is suspended before their vote is heard, or after, does not count.
func TestSuspendedVotersDoNotCount(t *testing.T) {
	t.Parallel()
	h := newHouse(t, shippingFile("{required: 2, preventSelfApproval: false}")+onMain)
	h.provider.auto = pipeline.ActionSucceeded
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	sha := h.push(emulator.Change{Message: "one"})
	h.gate(sha)
	h.click(sha, "approve", "hubot")
	h.votes(1)
	noError(t, h.github.SuspendUser("hubot", true))
	h.click(sha, "approve", "monalisa")
	if gate := h.votes(2); gate.Status != pipeline.ApprovalPending || !gate.Votes[0].Facts.Suspended {
		t.Errorf("the gate is %s with %+v", gate.Status, gate.Votes)
	}
	h.github.HoldDeliveries()
	h.click(sha, "approve", "octocat")
	noError(t, h.github.SuspendUser("octocat", true))
	h.github.ReleaseDeliveries()
	h.await("that octocat is told", func(*emulator.View) bool {
		return slices.ContainsFunc(h.events(), func(e pipeline.Event) bool { return e.Kind == pipeline.EventVoteRefused && e.By.Login == "octocat" })
	})
	if gate := h.runs(1)[0].AllGates()[0]; gate.Status != pipeline.ApprovalPending {
		t.Errorf("the gate is %s with %+v", gate.Status, gate.Votes)
	}
	noError(t, h.github.SuspendUser("octocat", false))
}

func (h *house) events() []pipeline.Event {
	h.t.Helper()
	events, err := h.db.Events(h.t.Context(), h.runs(1)[0].Key(), 0)
	noError(h.t, err)
	return events
}

// A pull request cannot choose its owners by the branch that it is bound for.
func TestOwnersOfTheDefaultBranch(t *testing.T) {
	t.Parallel()
	file := strings.Replace(shippingFile("{from: [{codeowners: true}]}"), "    flag:", "    pullRequests: true\n    flag:", 1) +
		"triggers: {pullRequest: {branches: ['**']}}\n"
	h := newHouse(t, file)
	h.push(emulator.Change{Message: "owners", Files: map[string]string{"CODEOWNERS": "* @monalisa\n"}})
	h.push(emulator.Change{Branch: "base", As: "octocat", Message: "my owners", Files: map[string]string{"CODEOWNERS": "* @hubot\n"}})
	sha := h.push(emulator.Change{Branch: "topic", From: "base", As: "octocat", Message: "topic", Files: map[string]string{"a": "a"}})
	_, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "t", Head: "topic", Base: "base", As: "octocat"})
	noError(t, err)
	gate := h.gate(sha)
	if o := gate.Brief.Owners; len(o) != 1 || len(o[0].Owners) != 1 || o[0].Owners[0].ID != h.people["monalisa"].ID {
		t.Errorf("the owners are %+v", o)
	}
}

// When the commit that is live is gone, nobody knows what changes: what asks by paths
// asks.
func TestLostBaseMakesPathsUnknown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, shippingFile("{allOf: [{required: 1}, {required: 1, from: [{user: monalisa}], when: {paths: ['db/**']}}]}")+onMain)
	h.provider.auto = pipeline.ActionSucceeded
	first := h.push(emulator.Change{Message: "one"})
	h.click(first, "approve", "hubot")
	h.await("the first run", h.status(first, "success"))
	trouble := h.github.Inject(emulator.Match{Method: http.MethodGet, Path: "/repos/*/*/compare/*", Count: 1}, emulator.ServerError(http.StatusNotFound))
	second := h.push(emulator.Change{Message: "two"})
	gate := h.gate(second)
	if trouble.Hits() != 1 || gate.Brief.Files != -1 || len(gate.Policy.AllOf) != 2 {
		t.Errorf("%d hits, %d files, asked for %+v", trouble.Hits(), gate.Brief.Files, gate.Policy.AllOf)
	}
}
