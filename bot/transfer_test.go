package bot_test

import (
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// A repository is given to another owner while a gate is open. Where the app is
// installed and the server works for that owner, votes go on to count and the run goes
// on; elsewhere nothing of it does.
func TestTransferredWhileAGateIsOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, owner       string
		installed, counts bool
	}{
		{"to an owner with the app", "new-org", true, true},
		{"to an owner without it", "new-org", false, false},
		{"to an owner that is not allowed", "old-org", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, pullsShip)
			h.provider.auto = pipeline.ActionSucceeded
			number, sha := h.pull()
			gate := h.gate(sha)
			h.await("its comment", h.said(number, "<!-- penstock:gate:"))
			run := h.runs(1)[0]

			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			_, err := h.github.AddOrganization(c.owner)
			must(err)
			if c.installed {
				_, err = h.github.Install(h.app.ID, c.owner)
				must(err)
			}
			must(h.github.TransferRepository(shop, c.owner, "octo-org"))
			shop := c.owner + "/shop"
			if c.counts {
				_, err = h.github.Comment(shop, number, "hubot", "/approve")
				must(err)
				h.await("the end at the new owner's", func(v *emulator.View) bool {
					s, d := v.Statuses(shop, sha), v.Deployments(shop)
					return len(s) > 0 && s[len(s)-1].State == "success" && len(d) == 1 && d[0].State() == "success"
				})
				return
			}
			err = h.bot.Vote(t.Context(), h.by("hubot", "k"), run.Repository, run, pipeline.Ballot{Verdict: pipeline.Approve, Gate: gate.Name})
			if err == nil {
				t.Error("a vote by API counts")
			}
			if run := h.runs(1)[0]; run.Status != pipeline.ExecutionInProgress || len(run.AllGates()[0].Votes) != 0 {
				t.Errorf("the run is %s, its gate %+v", run.Status, run.AllGates()[0])
			}
			if n := len(h.provider.starts); n != 0 {
				t.Errorf("%d jobs were started", n)
			}
		})
	}
}
