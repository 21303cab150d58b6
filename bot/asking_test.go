package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// A vote is taken back while its gate is open, and given again; nobody takes back what
// is not theirs, or what is decided.
func TestUnapprove(t *testing.T) {
	t.Parallel()
	h, number, sha := newTwoVotes(t)
	h.wantAnswer(number, "octocat", "/unapprove", "confused", "octocat has no vote on an open gate here")
	h.wantAnswer(number, "octocat", "/approve", "+1", "")
	h.wantAnswer(number, "hubot", "/unapprove Release/approve", "confused", "hubot has no vote on an open gate here")
	h.wantAnswer(number, "monalisa", "/unapprove", "confused", "monalisa has no vote on an open gate here")
	h.wantAnswer(number, "octocat", "/unapprove Release/aprove", "confused", "there is no vote of `octocat` on `Release/aprove` to take back")
	h.wantAnswer(number, "octocat", "/unapprove I was wrong", "rocket", "")
	h.wantAnswer(number, "octocat", "/unapprove", "confused", "octocat has no vote on an open gate here")

	h.wantAnswer(number, "hubot", "/approve", "+1", "") // one of two: octocat's is gone
	h.wantAnswer(number, "octocat", "/status", "rocket", "Release/approve waits for approval")
	h.wantAnswer(number, "octocat", "/approve", "+1", "")
	h.await("the end", h.status(sha, "success"))
	h.wantAnswer(number, "octocat", "/unapprove", "confused", "`Release/approve` of")
	h.wantAnswer(number, "octocat", "/unapprove", "confused", "is decided already, approved by octocat")
}

// A gate is overridden by somebody whom its rules list, with its name and a reason.
func TestOverride(t *testing.T) {
	t.Parallel()
	h, number, sha := newTwoVotes(t)
	noError(t, h.github.SetRole(shop, "hubot", emulator.RoleAdmin))
	h.wantAnswer(number, "octocat", "/override Release/approve it burns", "-1", "octocat may not override; these may: administrators of the repository")
	h.wantAnswer(number, "monalisa", "/override Release/approve it burns", "-1", "monalisa may not override")
	h.wantAnswer(number, "hubot", "/override it burns", "confused", "it must name its gate")
	h.wantAnswer(number, "hubot", "/override Release/approve", "confused", "it must say why")
	h.wantAnswer(number, "hubot", "/override Release/approve "+sha[:7]+" <reason>", "confused", "it must say why")
	h.wantAnswer(number, "hubot", "/override Release/approve 1234567 it burns", "confused", "is not the commit that waits")
	h.wantAnswer(number, "hubot", "/override staging it burns", "confused", "it must name its gate")
	h.wantAnswer(number, "hubot", "/override Release/approve it burns", "rocket", "")
	h.await("the end", h.status(sha, "success"))
	h.wantAnswer(number, "hubot", "/override Release/approve it burns", "confused", "no gate waits")
	run := h.runs(1)[0]
	if by := run.AllGates()[0].Overridden; by == nil || by.By.Login != "hubot" || by.Reason != "it burns" {
		t.Errorf("overridden %+v", by)
	}
}

// A comment that was written in view of another commit overrides nothing.
func TestOverrideIsBound(t *testing.T) {
	t.Parallel()
	h, number, _ := newTwoVotes(t)
	noError(t, h.github.SetRole(shop, "hubot", emulator.RoleAdmin))
	h.github.HoldDeliveries()
	if _, err := h.github.Comment(shop, number, "hubot", "/override Release/approve it burns"); err != nil {
		t.Fatal(err)
	}
	newer := h.push(emulator.Change{Branch: "topic", Message: "Newer"})
	h.github.ReleaseDeliveries()
	h.await("the gate of the newer commit", h.check(newer, gateCheck, "action_required"))
	h.await("the answer", h.said(number, "was not counted"))
	if status := h.runs(2)[0].AllGates()[0].Status; status != pipeline.ApprovalPending {
		t.Errorf("the gate of the newer commit is %s", status)
	}
}

// A locked environment lets no run in, and says who has locked it and why, until it is
// unlocked.
func TestLock(t *testing.T) {
	t.Parallel()
	h, number, sha := newTwoVotes(t)
	h.wantAnswer(number, "monalisa", "/lock production the fair is on", "-1", "has no write access")
	h.wantAnswer(number, "octocat", "/lock nowhere the fair is on", "confused", "octo-org/shop has no environment nowhere; there is production")
	h.wantAnswer(number, "octocat", "/lock production", "confused", "/lock environment reason")
	h.wantAnswer(number, "octocat", "/unlock production", "confused", "environment production is not locked")
	h.wantAnswer(number, "octocat", "/lock Production the fair is on", "rocket", "")
	lines, _ := h.help(number, "octocat")
	if want := "/unlock production"; lines[2] != want {
		t.Errorf("/help offers %q, not %s", lines, want)
	}
	h.wantAnswer(number, "octocat", "/approve", "+1", "")
	h.wantAnswer(number, "hubot", "/approve", "+1", "")
	h.await("the wait", func(v *emulator.View) bool {
		return slices.ContainsFunc(v.Statuses(shop, sha), func(s emulator.Status) bool {
			return s.State == "pending" && strings.Contains(s.Description, "the fair is on")
		})
	})
	h.wantAnswer(number, "monalisa", "/status", "rocket", "the fair is on")
	h.wantAnswer(number, "monalisa", "/why", "rocket", "the fair is on")
	h.wantAnswer(number, "monalisa", "/unlock production", "-1", "has no write access")
	h.wantAnswer(number, "hubot", "/unlock production", "rocket", "")
	h.await("the end", h.status(sha, "success"))
	if started := h.provider.started(); started != 2 {
		t.Errorf("%d actions were started", started)
	}
}

// A branch that names an environment in other letters is not in the way of a lock; one
// whose declarations cannot be read is locked all the same.
func TestLockOfWhatIsDeclared(t *testing.T) {
	t.Parallel()
	h, number, _ := newTwoVotes(t)
	other := strings.ReplaceAll(twoVotes, "environment: production", "environment: PRODUCTION")
	h.push(emulator.Change{Branch: "topic", Message: "Shout", Files: map[string]string{".penstock.yml": other}})
	h.await("its run", func(*emulator.View) bool {
		runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{})
		return err == nil && len(runs) == 2
	})
	locked := func() string {
		all, err := h.bot.Environments(t.Context(), h.runs(2)[0].Repository)
		var names []string
		for _, e := range all {
			if e.Locked {
				names = append(names, e.Environment)
			}
		}
		if err != nil {
			t.Error(err)
		}
		return strings.Join(names, " ")
	}
	h.wantAnswer(number, "octocat", "/lock Production the fair is on", "rocket", "")
	if got := locked(); got != "production" {
		t.Errorf("%q is locked", got)
	}
	h.wantAnswer(number, "octocat", "/unlock production", "rocket", "")
	h.push(emulator.Change{Message: "Broken", Files: map[string]string{".penstock.yml": "environments: {production: 7}"}})
	h.wantAnswer(number, "octocat", "/lock production the fair is on", "rocket", "")
	if got := locked(); got != "production" {
		t.Errorf("%q is locked", got)
	}
}

// What comments do, the API does, in the same words; the same request again has no
// second effect.
func TestGatesThroughTheAPI(t *testing.T) {
	t.Parallel()
	h, _, sha := newTwoVotes(t)
	noError(t, h.github.SetRole(shop, "hubot", emulator.RoleAdmin))
	now := func() *pipeline.Execution { return h.runs(1)[0] }
	r := now().Repository
	withdraw := func(login, key, gate string) error {
		return h.bot.Withdraw(t.Context(), h.by(login, key), r, now(), gate)
	}
	wantRefusal(t, withdraw("octocat", "", ""), pipeline.Conflict, "octocat has no vote on an open gate of run #1")
	if err := h.bot.Vote(t.Context(), h.by("octocat", ""), r, now(), pipeline.Ballot{Verdict: pipeline.Approve}); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, withdraw("hubot", "", "release/approve"), pipeline.Conflict, "hubot has no vote on gate Release/approve of run #1")
	wantRefusal(t, withdraw("octocat", "", "production"), pipeline.NotFound, "has no gate")
	for range 2 {
		if err := withdraw("octocat", "w", ""); err != nil {
			t.Fatal(err)
		}
	}
	override := func(login, key, gate string) error {
		return h.bot.Override(t.Context(), h.by(login, key), r, now(), gate, "it burns")
	}
	wantRefusal(t, override("octocat", "", "Release/approve"), pipeline.Forbidden, "octocat")
	wantRefusal(t, override("hubot", "", "production"), pipeline.NotFound, "has no gate")

	lock := func(login, key string, locked bool) error {
		return h.bot.Lock(t.Context(), h.by(login, key), r, "Production", locked, "the fair")
	}
	wantRefusal(t, lock("monalisa", "", true), pipeline.Forbidden, "monalisa may not write")
	wantRefusal(t, lock("hubot", "", false), pipeline.Conflict, "production is not locked")
	for range 2 {
		if err := lock("hubot", "l", true); err != nil {
			t.Fatal(err)
		}
	}
	all, err := h.bot.Environments(t.Context(), r)
	if err != nil || len(all) != 1 || !all[0].Locked || all[0].By.Login != "hubot" || all[0].Reason != "the fair" {
		t.Errorf("environments %+v, %v", all, err)
	}
	for range 2 {
		if err := override("hubot", "o", "release/approve"); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, withdraw("octocat", "", "Release/approve"), pipeline.Conflict, "is not open: it is overridden by hubot: it burns")
	for range 2 {
		if err := lock("hubot", "u", false); err != nil {
			t.Fatal(err)
		}
	}
	h.await("the end", h.status(sha, "success"))
}

// A command whose effect was saved before a crash, and that is worked on again after
// it, gets the sign of success: it is not judged by what it has changed itself.
func TestCommandsOfACrashAreNotRefused(t *testing.T) {
	t.Parallel()
	h, number, _ := newTwoVotes(t)
	noError(t, h.github.SetRole(shop, "hubot", emulator.RoleAdmin))
	h.wantAnswer(number, "hubot", "/approve", "+1", "")
	run := h.runs(1)[0]
	gate := run.AllGates()[0]
	admin := pipeline.Facts{Voter: h.people["hubot"], Permission: pipeline.PermissionAdmin}
	for _, test := range []struct {
		body, key string
		input     pipeline.Input
	}{
		{"/unapprove", "unapprove", pipeline.VoteWithdrawn{ExecutionID: run.ID, ApprovalID: gate.ID, By: h.people["hubot"]}},
		{"/lock production it burns", "lock", pipeline.LockEnvironment{Environment: "production", Locked: true, Reason: "it burns", By: h.people["hubot"]}},
		{"/unlock production", "unlock", pipeline.LockEnvironment{Environment: "production", By: h.people["hubot"]}},
		{"/override Release/approve it burns", "override", pipeline.OverrideGate{ExecutionID: run.ID, Stage: "Release", ApprovalID: gate.ID, Facts: admin, Reason: "it burns"}},
	} {
		h.github.HoldDeliveries()
		comment, err := h.github.Comment(shop, number, "hubot", test.body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.engine.Submit(t.Context(), run.Key(), fmt.Sprintf("comment %d 1 %s", comment.ID, test.key), test.input); err != nil {
			t.Fatal(err)
		}
		h.github.ReleaseDeliveries()
		sign, reply := h.signOn(number, comment)
		if sign != "rocket" || reply != "" {
			t.Errorf("%s gets %s and %q", test.body, sign, reply)
		}
	}
}

// The same for what has an effect on each run.
func TestAStopOfACrashIsNotRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	number, sha := h.pull()
	h.await("the run", h.status(sha, "pending"))
	run := h.runs(1)[0]
	for _, test := range []struct {
		body  string
		input pipeline.Input
	}{
		{"/stop abandon", pipeline.StopExecution{ExecutionID: run.ID, Abandon: true, Reason: "stopped", By: h.people["octocat"]}},
		{"/retry", pipeline.RetryStage{ExecutionID: run.ID, By: h.people["octocat"]}},
	} {
		h.github.HoldDeliveries()
		comment, err := h.github.Comment(shop, number, "octocat", test.body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.engine.Submit(t.Context(), run.Key(), fmt.Sprintf("comment %d 1 %s", comment.ID, run.ID), test.input); err != nil {
			t.Fatal(err)
		}
		if test.body != "/retry" {
			h.await("the end", h.status(sha, "error"))
		}
		h.github.ReleaseDeliveries()
		if sign, reply := h.signOn(number, comment); sign != "rocket" || reply != "" {
			t.Errorf("%s gets %s and %q", test.body, sign, reply)
		}
	}
}
