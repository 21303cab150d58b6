package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

const buildCheck, gateCheck = "penstock / release / Build", "penstock / release / approve Release/approve"

// A run of one action costs four writes: the status and the check, at the start
// and at the end.
func TestFourWrites(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	sha := h.push(emulator.Change{Message: "one"})
	h.await("a running check and a pending status", func(v *emulator.View) bool {
		check, ok := v.Check(shop, sha, buildCheck)
		return ok && check.Status == "in_progress" && h.status(sha, "pending")(v)
	})
	h.provider.endAll(pipeline.ActionSucceeded)
	h.await("a green commit", func(v *emulator.View) bool {
		return h.check(sha, buildCheck, "success")(v) && h.status(sha, "success")(v)
	})
	var writes []string
	for _, w := range h.github.Writes() {
		if !strings.Contains(w.Path, "access_tokens") {
			writes = append(writes, w.Method+" "+w.Path)
		}
	}
	if len(writes) != 4 {
		t.Errorf("%d writes, want 4: %v", len(writes), writes)
	}
}

// What GitHub refused for a while ends up right, without a word to anybody.
func TestReportsComeRight(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble emulator.Trouble
		match   emulator.Match
	}{
		{"500", emulator.ServerError(500), emulator.Match{Count: 3}},
		{"403 with Retry-After", emulator.SecondaryLimit(time.Second), emulator.Match{Count: 2}},
		{"429", emulator.TooManyRequests(time.Second), emulator.Match{Count: 2}},
		{"lost replies", emulator.LoseReply(), emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/*", Count: 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, simpleFile)
			h.provider.auto = pipeline.ActionSucceeded
			h.github.Inject(test.match, test.trouble)
			sha := h.push(emulator.Change{Message: test.name})
			h.await("a green commit", func(v *emulator.View) bool {
				return h.check(sha, buildCheck, "success")(v) && h.status(sha, "success")(v)
			})
			if all := h.github.AllChecks(shop, sha); len(all) != 1 {
				t.Errorf("%d check runs where one was meant", len(all))
			}
			if h.provider.started() != 1 {
				t.Errorf("the action was started %d times", h.provider.started())
			}
		})
	}
}

// The button of a gate's check is a door like any other.
func TestButton(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	number, sha := h.pull()
	h.await("the gate", h.check(sha, gateCheck, "action_required"))
	gate := h.github.Checks(shop, sha)[slices.IndexFunc(h.github.Checks(shop, sha), func(c emulator.CheckRun) bool { return c.Name == gateCheck })]

	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleRead))
	if err := h.github.ClickCheckAction(gate.ID, "approve", "monalisa"); err == nil {
		h.await("a refusal in the thread", func(v *emulator.View) bool {
			return slices.ContainsFunc(v.Comments(shop, number), func(c emulator.Comment) bool { return strings.Contains(c.Body, "write access") })
		})
	}
	if err := h.github.ClickCheckAction(gate.ID, "approve", "hubot"); err != nil {
		t.Fatal(err)
	}
	h.await("the approved gate", func(v *emulator.View) bool {
		return h.check(sha, gateCheck, "success")(v) && h.status(sha, "success")(v)
	})
}

// Two people at two doors at the same moment get one result.
func TestTwoDoorsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	number, sha := h.pull()
	h.await("the announced gate", func(v *emulator.View) bool {
		return h.check(sha, gateCheck, "action_required")(v) && h.said(number, "penstock:gate:")(v)
	})
	gate := h.github.Checks(shop, sha)
	i := slices.IndexFunc(gate, func(c emulator.CheckRun) bool { return c.Name == gateCheck })
	if err := h.github.ClickCheckAction(gate[i].ID, "reject", "hubot"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.github.Comment(shop, number, "octocat", "/approve"); err != nil {
		t.Fatal(err)
	}
	h.await("an end", func(v *emulator.View) bool { return !h.status(sha, "pending")(v) })
	runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	if votes := runs[0].AllGates()[0].Votes; len(votes) != 1 {
		t.Errorf("%d votes were counted", len(votes))
	}
}

// Bots, and above all we ourselves, give no commands.
func TestBotsGiveNoCommands(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	number, sha := h.pull()
	h.await("the announced gate", func(v *emulator.View) bool {
		return h.check(sha, gateCheck, "action_required")(v) && h.said(number, "penstock:gate:")(v)
	})
	if _, err := h.github.Comment(shop, number, "penstock[bot]", "/approve"); err != nil {
		t.Skipf("the emulator lets no bot comment: %v", err)
	}
	if _, err := h.github.Comment(shop, number, "hubot", "/help"); err != nil {
		t.Fatal(err)
	}
	h.await("help", h.said(number, "What you can write here now"))
	h.github.Look(func(v *emulator.View) {
		if !h.check(sha, gateCheck, "action_required")(v) {
			t.Error("a bot opened the gate")
		}
	})
}

// A second Re-run of a check whose stage has failed runs it again; of a green
// commit it starts another run.
func TestRerun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	sha := h.push(emulator.Change{Message: "red"})
	h.await("a running check", func(v *emulator.View) bool { _, ok := v.Check(shop, sha, buildCheck); return ok })
	h.provider.endAll(pipeline.ActionFailed)
	h.await("a red check", h.check(sha, buildCheck, "failure"))
	check := h.github.Checks(shop, sha)[0]
	if !strings.Contains(check.Text, "it broke") {
		t.Errorf("the check does not show the log: %q", check.Text)
	}
	h.provider.mu.Lock()
	h.provider.auto = pipeline.ActionSucceeded
	h.provider.mu.Unlock()
	if err := h.github.RerequestCheckRun(check.ID, "octocat"); err != nil {
		t.Fatal(err)
	}
	h.await("a green commit", func(v *emulator.View) bool {
		return h.check(sha, buildCheck, "success")(v) && h.status(sha, "success")(v)
	})
	if err := h.github.RerequestCheckSuite(h.github.Suites(shop, sha)[0], "octocat"); err != nil {
		t.Fatal(err)
	}
	h.await("a second run's check", func(v *emulator.View) bool {
		return len(v.AllChecks(shop, sha)) == 2 && h.check(sha, buildCheck, "success")(v) && h.status(sha, "success")(v)
	})
	if n := h.provider.started(); n != 3 {
		t.Errorf("%d starts, want 3", n)
	}
}
