package bot_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// pullsShip has an environment that pull requests reach, whose gate reminds at once.
const pullsShip = `name: release
triggers: {pullRequest: {branches: ['**']}}
environments:
  production: {pullRequests: true, approval: {remindAfter: 1s}}
stages:
  - name: Ship
    environment: production
    actions:
      - {name: ship, provider: Commands, commands: [make]}
`

// having are the comments of a pull request with a text.
func having(v *emulator.View, repository string, number int, text string) (list []emulator.Comment) {
	for _, c := range v.Comments(repository, number) {
		if strings.Contains(c.Body, text) {
			list = append(list, c)
		}
	}
	return list
}

// GitHub makes a comment and its answer is lost, and before the next try nobody is asked
// any more: it is found all the same, and says so.
func TestACommentOfALostReplyIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pullsShip)
	h.provider.auto = pipeline.ActionSucceeded
	h.github.Inject(emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/issues/*/comments", Count: 2}, emulator.LoseReply())
	number, sha := h.pull()
	h.await("the comment that nobody noted", h.said(number, report.StickyMarker))
	h.click(sha, "approve", "hubot")
	h.await("the end", func(v *emulator.View) bool { return h.status(sha, "success")(v) && h.says(number, "succeeded in")(v) })
}

// GitHub makes a comment or a deployment and its answer is lost: it is found again and
// not made twice. So for the gate's comment, the one about all runs, the reminder, and
// the deployment.
func TestNothingIsMadeTwiceAfterALostReply(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pullsShip)
	h.provider.auto = pipeline.ActionSucceeded
	lost := []*emulator.Injected{
		h.github.Inject(emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/issues/*/comments", Count: 2}, emulator.LoseReply()),
		h.github.Inject(emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/deployments", Count: 1}, emulator.LoseReply()),
	}
	number, sha := h.pull()
	h.await("the gate", h.check(sha, productionCheck, "action_required"))
	markers := []string{"<!-- penstock:gate:", "<!-- penstock:sticky", "still waits for an answer"}
	for i, marker := range markers {
		if i == 2 {
			lost = append(lost, h.github.Inject(emulator.Match{Method: "POST", Path: "/repos/octo-org/shop/issues/*/comments", Count: 1}, emulator.LoseReply()))
		}
		h.await(marker, h.said(number, marker))
	}
	h.click(sha, "approve", "hubot")
	h.await("the end", func(v *emulator.View) bool {
		d := v.Deployments(shop)
		folded := having(v, shop, number, "<details>")
		return h.status(sha, "success")(v) && len(d) > 0 && d[0].State() == "success" && len(folded) == 1 && h.says(number, "succeeded in")(v)
	})
	for i, l := range lost {
		if l.Hits() == 0 {
			t.Errorf("reply %d was not lost", i)
		}
	}
	h.github.Look(func(v *emulator.View) {
		for _, marker := range markers {
			if n := len(having(v, shop, number, marker)); n != 1 {
				t.Errorf("%d comments have %q", n, marker)
			}
		}
		if n := len(v.Deployments(shop)); n != 1 {
			t.Errorf("%d deployments", n)
		}
	})
}

// However many gates a run of a branch has, its pull request is asked for once a look.
func TestThreadOfManyGates(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile+"      - {name: b, provider: Manual}\n      - {name: c, provider: Manual}\n")
	sha := h.push(emulator.Change{Message: "one"})
	h.await("the gates", func(v *emulator.View) bool {
		asked := 0
		for _, c := range v.Checks(shop, sha) {
			if c.Conclusion == "action_required" {
				asked++
			}
		}
		return asked == 3
	})
	h.stop() // nobody else looks
	h.github.ForgetWrites()
	numbers, err := h.bot.Threads(t.Context(), h.runs(1)[0])
	if reads := h.github.Reads(); err != nil || len(numbers) != 3 || len(reads) != 1 {
		t.Errorf("found %v, %v, by %q", numbers, err, reads)
	}
}

// A repository is renamed while a gate is open, and another takes its name: button,
// comment and API go on to count, and what they do is shown under the new name, where
// it was.
func TestRenamedWhileAGateIsOpen(t *testing.T) {
	t.Parallel()
	const store = "octo-org/store"
	for _, door := range []string{"button", "comment", "api"} {
		t.Run(door, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, pullsShip)
			h.provider.auto = pipeline.ActionSucceeded
			number, sha := h.pull()
			gate := h.gate(sha)
			h.await("its comment", h.said(number, "<!-- penstock:gate:"))
			check, _ := find(h.github.Checks(shop, sha), productionCheck)
			if err := h.github.RenameRepository(shop, "store", "octo-org"); err != nil {
				t.Fatal(err)
			}
			_, err := h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "shop", Files: map[string]string{
				".penstock.yml": strings.Replace(pullsShip, "approval: {remindAfter: 1s}", "branches: ['**']", 1), // it asks nobody
			}})
			if err != nil {
				t.Fatal(err)
			}
			switch door {
			case "button":
				err = h.github.ClickCheckAction(check.ID, "approve", "hubot")
			case "comment":
				_, err = h.github.Comment(store, number, "hubot", "/approve")
			default:
				run := h.runs(1)[0]
				err = h.bot.Vote(t.Context(), h.by("hubot", "k"), run.Repository, run, pipeline.Ballot{Verdict: pipeline.Approve, Gate: gate.Name})
			}
			if err != nil {
				t.Fatal(err)
			}
			h.await("the end under the new name", func(v *emulator.View) bool {
				after, _ := v.CheckRun(check.ID)
				s := v.Statuses(store, sha)
				gates := having(v, store, number, "<!-- penstock:gate:")
				d := v.Deployments(store)
				return after.Conclusion == "success" && len(s) == 1 && s[0].State == "success" &&
					len(gates) == 1 && strings.Contains(gates[0].Body, "<details>") && len(d) == 1 && d[0].State() == "success"
			})
		})
	}
}

func find(list []emulator.CheckRun, name string) (emulator.CheckRun, bool) {
	for _, c := range list {
		if c.Name == name {
			return c, true
		}
	}
	return emulator.CheckRun{}, false
}

// A pull request that is closed, or whose branch is deleted, takes its gates with it:
// they are not asked any more, their comment is folded, and no vote counts.
func TestClosedWhileAGateIsOpen(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *house, number int) error{
		"closed": func(h *house, number int) error { return h.github.ClosePullRequest(shop, number, "octocat") },
		"deleted": func(h *house, _ int) error {
			return h.github.DeleteBranch(shop, "topic", "octocat")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, pullsShip)
			h.provider.auto = pipeline.ActionSucceeded
			number, sha := h.pull()
			h.gate(sha)
			h.await("its comment", h.said(number, "<!-- penstock:gate:"))
			if err := end(h, number); err != nil {
				t.Fatal(err)
			}
			h.await("that nobody is asked", func(v *emulator.View) bool {
				gates := having(v, shop, number, "<!-- penstock:gate:")
				return h.check(sha, productionCheck, "cancelled")(v) && len(gates) == 1 && strings.Contains(gates[0].Body, "<details>")
			})
			asked, err := h.github.Comment(shop, number, "hubot", "/approve")
			if err != nil {
				t.Fatal(err)
			}
			h.await("the refusal", func(v *emulator.View) bool {
				for _, r := range v.Reactions(asked.ID) {
					if r.Content == string(githubapp.ReactionConfused) {
						return true
					}
				}
				return false
			})
			if run := h.runs(1)[0]; run.Status != pipeline.ExecutionStopped || len(run.AllGates()[0].Votes) != 0 {
				t.Errorf("the run is %s with the gate %+v", run.Status, run.AllGates()[0])
			}
			if n := len(h.provider.starts); n != 0 {
				t.Errorf("%d jobs were started", n)
			}
		})
	}
}
