package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// shippingFile has one environment, whose approval is what a test says.
func shippingFile(approval string) string {
	return `name: release
environments:
  production:
    flag: ["db/**"]
    approval: ` + approval + `
stages:
  - name: Ship
    environment: production
    actions:
      - {name: ship, provider: Commands, commands: [make]}
`
}

const productionCheck = "penstock / release / approve production"

// gate awaits the open gate of the newest run of a commit.
func (h *house) gate(sha string) *pipeline.Approval {
	h.t.Helper()
	h.await("the gate", h.check(sha, productionCheck, "action_required"))
	runs, err := h.db.Executions(h.t.Context(), pipeline.ExecutionFilter{SHA: sha})
	if err != nil || len(runs) == 0 || len(runs[0].Gates()) != 1 {
		h.t.Fatalf("%d runs, %v", len(runs), err)
	}
	return runs[0].Gates()[0]
}

// click presses a button of the gate of a commit.
func (h *house) click(sha, button, as string) {
	h.t.Helper()
	var id int64
	h.await("the button", func(v *emulator.View) bool {
		check, ok := v.Check(shop, sha, productionCheck)
		id = check.ID
		return ok && len(check.Actions) > 0
	})
	if err := h.github.ClickCheckAction(id, button, as); err != nil {
		h.t.Fatal(err)
	}
}

func TestEnvironmentGate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, shippingFile("{allOf: [{required: 1, from: [{team: sre}]}]}"))
	h.provider.auto = pipeline.ActionSucceeded
	if _, err := h.github.AddTeam("octo-org", "sre", ""); err != nil {
		t.Fatal(err)
	}
	if err := h.github.AddMember("octo-org", "monalisa"); err != nil {
		t.Fatal(err)
	}
	if err := h.github.SetTeamMember("octo-org", "sre", "monalisa", "active"); err != nil {
		t.Fatal(err)
	}
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	first := h.push(emulator.Change{Message: "one"})
	gate := h.gate(first)
	if b := gate.Brief; b == nil || len(b.Commits) != 1 || len(b.Missing) > 0 || !involves(b, "octocat", pipeline.RolePusher) {
		t.Errorf("the brief of the first is %+v", gate.Brief)
	}
	h.click(first, "approve", "hubot") // has write access, and is in no team
	h.click(first, "approve", "monalisa")
	h.await("the run", h.status(first, "success"))
	run := h.runs(1)[0]
	if votes := run.AllGates()[0].Votes; len(votes) != 1 || votes[0].Facts.Voter.Login != "monalisa" {
		t.Errorf("votes: %+v", votes)
	}
	h.await("the deployment", func(v *emulator.View) bool {
		d := v.Deployments(shop)
		return len(d) == 1 && d[0].Environment == "production" && d[0].SHA == first && d[0].State() == "success"
	})

	second := h.push(emulator.Change{Message: "two\n\nCo-authored-by: Hubot <hubot@users.noreply.github.com>"})
	third := h.push(emulator.Change{Message: "three", Files: map[string]string{"db/x.sql": "x"}})
	if b := h.gate(third).Brief; b.Base != first || b.BaseNumber != 1 || len(b.Commits) != 2 || b.Files != 2 || !slices.Equal(b.Flagged, []string{"db/x.sql"}) || !involves(b, "hubot", pipeline.RoleCoAuthor) {
		t.Errorf("the brief of the third is %+v, second %s", b, second)
	}
}

func involves(b *pipeline.Brief, login string, role pipeline.Role) bool {
	for _, i := range b.Involved {
		for _, r := range i.Roles {
			if strings.EqualFold(i.Actor.Login, login) && r == role {
				return true
			}
		}
	}
	return false
}

// A branch of its own cannot name an environment that the default branch does not
// have, nor enter one that is not for it.
func TestEnvironmentIsReadFromTheDefaultBranch(t *testing.T) {
	t.Parallel()
	h := newHouse(t, shippingFile("{}"))
	h.provider.auto = pipeline.ActionSucceeded
	open := strings.ReplaceAll(shippingFile("{}"), "production", "elsewhere") + "triggers: {push: {branches: ['**']}}\n"
	sha := h.push(emulator.Change{Branch: "topic", Files: map[string]string{".penstock.yml": open}})
	h.await("the run", h.status(sha, "success"))
	if s := h.runs(1)[0].Stages[0]; s.Status != pipeline.StageSkipped || !strings.Contains(s.Reason, "elsewhere is not declared") {
		t.Errorf("the stage is %s: %s", s.Status, s.Reason)
	}
	mine := strings.Replace(shippingFile("{}"), "    approval: {}\n", "    branches: ['**']\n", 1) + "triggers: {push: {branches: ['**']}}\n"
	sha = h.push(emulator.Change{Branch: "other", Files: map[string]string{".penstock.yml": mine}})
	h.await("the run", h.status(sha, "success"))
	if s := h.runs(2)[0].Stages[0]; s.Status != pipeline.StageSkipped || !strings.Contains(s.Reason, "not for the branch other") {
		t.Errorf("the stage is %s: %s", s.Status, s.Reason)
	}
}

// The rules count as they are at the vote, and whoever has voted as they are then.
func TestRulesOfToday(t *testing.T) {
	t.Parallel()
	h := newHouse(t, shippingFile("{required: 2, preventSelfApproval: false}")+"triggers: {push: {branches: [main]}}\n")
	h.provider.auto = pipeline.ActionSucceeded
	sha := h.push(emulator.Change{Message: "one"})
	h.gate(sha)
	h.click(sha, "approve", "hubot")
	h.await("the vote", func(v *emulator.View) bool {
		check, _ := v.Check(shop, sha, productionCheck)
		return strings.Contains(check.Summary, "hubot")
	})
	noError(t, h.github.SetRole(shop, "hubot", emulator.RoleRead))
	h.click(sha, "approve", "octocat")
	h.await("that hubot does not count", func(v *emulator.View) bool {
		run := h.runs(1)[0]
		return len(run.Gates()) == 1 && len(run.Gates()[0].Votes) == 2
	})
	events, err := h.db.Events(t.Context(), h.runs(1)[0].Key(), 0)
	if err != nil {
		t.Fatal(err)
	}
	lost := false
	for _, e := range events {
		lost = lost || e.Kind == pipeline.EventVoterLost && e.By.Login == "hubot"
	}
	if !lost {
		t.Error("nothing says that the vote of hubot counts no more")
	}
}

// Before anything has succeeded, the change is all that was pushed since the first
// run: neither a later push nor a start by hand leaves anybody out.
func TestNobodyIsLeftOutOfTheFirstBrief(t *testing.T) {
	t.Parallel()
	h := newHouse(t, shippingFile("{}")+"triggers: {push: {branches: [main]}}\n")
	first, err := h.github.Push(emulator.Change{Repository: shop, Branch: "main", Message: "one", As: "hubot", Files: map[string]string{"one": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	h.gate(first)
	second := h.push(emulator.Change{Message: "two"})
	b := h.gate(second).Brief
	if len(b.Commits) != 2 || !involves(b, "hubot", pipeline.RolePusher) || !involves(b, "hubot", pipeline.RoleCommitter) {
		t.Errorf("the brief is %+v", b)
	}
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	run := h.runs(2)[0]
	q := pipeline.Request{By: h.people["monalisa"], Door: pipeline.DoorAPI, Key: "start again"}
	r := run.Repository
	r.DefaultBranch = "main"
	if _, err := h.bot.Start(t.Context(), q, r, pipeline.Wish{Pipeline: "release"}); err != nil {
		t.Fatal(err)
	}
	var started *pipeline.Execution
	h.await("the gate of the start", func(*emulator.View) bool {
		runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{Limit: 1})
		if err != nil || len(runs) == 0 || runs[0].Trigger.By.Login != "monalisa" {
			return false
		}
		started = runs[0]
		return len(started.Gates()) == 1
	})
	b = started.Gates()[0].Brief
	if len(b.Commits) != 2 || !involves(b, "hubot", pipeline.RoleCommitter) || !involves(b, "monalisa", pipeline.RoleStarter) {
		t.Errorf("the brief of the start is %+v", b)
	}
}

// The name of a branch does not lead people to another host.
func TestEnvironmentAddress(t *testing.T) {
	t.Parallel()
	file := strings.Replace(shippingFile("{}"), "    approval: {}\n", "    branches: ['**']\n    url: 'https://pr-#{penstock.Branch}.example.com/#{penstock.Branch}'\n", 1) + "triggers: {push: {branches: ['**']}}\n"
	h := newHouse(t, file)
	h.provider.auto = pipeline.ActionSucceeded
	for branch, want := range map[string]string{"topic": "https://pr-topic.example.com/topic", "evil.example/x": ""} {
		sha := h.push(emulator.Change{Branch: branch, Message: branch})
		h.await("the run", h.status(sha, "success"))
		runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{SHA: sha})
		if err != nil || len(runs) != 1 || runs[0].Stages[0].Entry == nil || runs[0].Stages[0].Entry.URL != want {
			t.Errorf("%s: %v, %+v", branch, err, runs)
		}
	}
}

// Who pushed has a hand in the change, whoever git says wrote it and whether a run
// followed or not.
func TestPushersOfWhatDidNotRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, shippingFile("{}")+"triggers: {push: {branches: [main]}}\n")
	push := func(c emulator.Change) string {
		t.Helper()
		c.Repository = shop
		sha, err := h.github.Push(c)
		if err != nil {
			t.Fatal(err)
		}
		return sha
	}
	first := h.push(emulator.Change{Message: "zero"})
	h.gate(first)
	push(emulator.Change{Branch: "main", Message: "one [skip ci]", As: "hubot", Author: fmt.Sprintf("octocat <%d+octocat@users.noreply.github.com>", h.people["octocat"].ID), Files: map[string]string{"one": "1"}})
	second := h.push(emulator.Change{Message: "two"})
	h.await("the gate", func(*emulator.View) bool {
		runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{SHA: second})
		return err == nil && len(runs) == 1 && len(runs[0].Gates()) == 1
	})
	h.settled()
	h.handled()
	h.click(second, "approve", "hubot")
	h.settled()
	h.handled()
	run := h.runs(2)[0]
	if b := run.AllGates()[0].Brief; len(run.Gates()) != 1 || !involves(b, "hubot", pipeline.RolePusher) {
		t.Errorf("gates %+v, brief %+v", run.Gates(), b)
	}
}
