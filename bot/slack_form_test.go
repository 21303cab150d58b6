package bot_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// A form that was opened for a gate counts for no other one, also if that bears the same
// name: not after a new push, and not after a rejected run was tried again.
func TestAnOldFormCountsForNoNewGate(t *testing.T) {
	t.Parallel()
	for name, renew := range map[string]func(h *house, number int, sha string) (again string){
		"a new push": func(h *house, _ int, _ string) string {
			return h.push(emulator.Change{Branch: "topic", Message: "more"})
		},
		"a retry": func(h *house, number int, sha string) string {
			h.await("the gate's comment", h.said(number, "penstock:gate:"))
			h.comment(number, "monalisa", "/reject no")
			h.await("the rejection", h.status(sha, "failure"))
			h.comment(number, "monalisa", "/retry")
			return sha
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newSlackTest(t, pullsShip)
			noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
			number, sha := h.pull()
			asked := h.slack.gate()
			form := h.slack.opens("hubot", asked, "penstock.approve")
			again := renew(h, number, sha)
			h.slack.see("the next gate, and the old one without buttons", func(v *slack.View) bool {
				old, _ := v.Message("releases", asked.TS)
				return !has(old, "penstock.approve") && slices.ContainsFunc(v.Messages("releases"), func(m slack.Message) bool {
					return has(m, "penstock.approve") && strings.Contains(m.Plain, again[:7])
				})
			})
			h.slack.submit("hubot", form, "")
			h.slack.see("the answer", func(v *slack.View) bool { return len(havingIn(v.Ephemerals("hubot"), "any more")) == 1 })
			runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{OpenGates: true})
			if err != nil || len(runs) != 1 || len(runs[0].Gates()) != 1 || len(runs[0].Gates()[0].Votes) != 0 {
				t.Errorf("%+v, %v", runs, err)
			}
		})
	}
}

func havingIn(list []slack.Message, text string) []slack.Message {
	return slices.DeleteFunc(slices.Clone(list), func(m slack.Message) bool { return !strings.Contains(m.Plain, text) })
}

// A run is rejected and tried again while Slack is away: the message of the gate that it
// has no more asks nobody, and its buttons are gone.
func TestAGateThatIsGone(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	number, sha := h.pull()
	asked := h.slack.gate()
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	h.slack.Down(true)
	h.comment(number, "hubot", "/reject no")
	h.await("the rejection", h.status(sha, "failure"))
	h.comment(number, "hubot", "/retry")
	h.await("the next gate", h.status(sha, "pending"))
	h.slack.Down(false)
	h.slack.see("the next gate, and the old one without buttons", func(v *slack.View) bool {
		old, _ := v.Message("releases", asked.TS)
		return !has(old, "penstock.approve") && slices.ContainsFunc(v.Messages("releases"), func(m slack.Message) bool { return has(m, "penstock.approve") })
	})
}

// A vote by a comment and one in Slack make the two that a gate takes; the message says
// who has voted in between.
func TestQuorumThroughTwoDoors(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, twoVotes)
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	number, sha := h.pull()
	asked := h.slack.gate()
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	h.comment(number, "monalisa", "/approve")
	h.slack.see("the first vote", func(v *slack.View) bool {
		m, _ := v.Message("releases", asked.TS)
		return has(m, "penstock.approve") && strings.Contains(m.Plain, "monalisa")
	})
	h.slack.submit("hubot", h.slack.opens("hubot", asked, "penstock.approve"), "")
	h.await("the end", h.status(sha, "success"))
}

// Somebody sends the form in while somebody else rejects on the page, time and again:
// one of them decides, each is told how it is, and the message says the same.
func TestSlackAndThePageAtOnce(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	for _, branch := range []string{"a", "b", "c", "d", "e"} {
		_, sha := h.pullOf(branch)
		asked := h.slack.asks(sha)
		form := h.slack.opens("hubot", asked, "penstock.approve")
		gate := h.gate(sha)
		runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{SHA: sha})
		noError(t, err)
		told := len(h.slack.Ephemerals("hubot"))
		var both sync.WaitGroup
		var page error
		both.Go(func() {
			page = h.bot.Vote(t.Context(), h.by("monalisa", branch), runs[0].Repository, runs[0],
				pipeline.Ballot{Verdict: pipeline.Reject, Gate: gate.Name, SHA: sha, Reason: "no"})
		})
		both.Go(func() { h.slack.submit("hubot", form, "") })
		both.Wait()
		h.slack.see("what hubot is told", func(v *slack.View) bool { return len(v.Ephemerals("hubot")) > told })
		said := h.slack.Ephemerals("hubot")[told].Plain
		h.slack.see("no buttons", func(v *slack.View) bool {
			m, _ := v.Message("releases", asked.TS)
			return !has(m, "penstock.approve")
		})
		runs, err = h.db.Executions(t.Context(), pipeline.ExecutionFilter{SHA: sha})
		noError(t, err)
		decided := runs[0].AllGates()[0]
		approved := decided.Status == pipeline.ApprovalApproved
		message, _ := h.slack.Message("releases", asked.TS)
		if approved != (page != nil) || approved != strings.Contains(said, "Your approval") || approved == strings.Contains(message.Plain, "rejected") {
			t.Errorf("the gate is %s; the page says %v; hubot is told %q; the message is\n%s", decided.Status, page, said, message.Plain)
		}
	}
}

// What a click or a form says is believed only as far as it fits together: no other
// run's gate, no other commit, nothing that is not ours, and nothing twice.
func TestForgedInSlack(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, twoVotes)
	_, one := h.pullOf("one")
	asked := h.slack.asks(one)
	_, two := h.pullOf("two")
	other := h.slack.asks(two)
	value := func(m slack.Message) (run, gate string) {
		run, gate, _ = strings.Cut(m.Buttons[0].Value, ":")
		return run, gate
	}
	run, gate := value(asked)
	otherRun, otherGate := value(other)
	const nobody = "00000000-0000-7000-8000-000000000000"
	for _, forged := range []string{
		run + ":" + otherGate, otherRun + ":" + gate, nobody + ":" + gate, run + ":" + nobody, run, "", ":", run + ":" + gate + ":", "' OR 1=1 --:" + gate,
	} {
		p, err := h.slack.ClickPayload("hubot", asked.Channel, asked.TS, "penstock.approve")
		noError(t, err)
		r, err := h.slack.Deliver(p, slack.Edited(func(body map[string]any) {
			body["actions"].([]any)[0].(map[string]any)["value"] = forged
		}))
		if err != nil || !r.Acknowledged {
			t.Errorf("%q: %+v, %v", forged, r, err)
		}
	}
	h.slack.told("hubot", "does not ask this any more")
	h.slack.told("hubot", "not kept any more")
	if _, open := h.slack.Modal("hubot"); open {
		t.Error("a forged click opens a form")
	}
	form := h.slack.opens("hubot", asked, "penstock.approve")
	for _, forge := range []func(string) string{
		func(s string) string { return strings.ReplaceAll(s, gate, otherGate) },
		func(s string) string { return strings.ReplaceAll(s, one, two) },
		func(s string) string { return s + " " },
		func(string) string { return "" },
	} {
		p, err := h.slack.SubmitPayload("hubot", form.ID, map[string]string{"reason": "forged"})
		noError(t, err)
		_, err = h.slack.Deliver(p, slack.Edited(func(body map[string]any) {
			view := body["view"].(map[string]any)
			view["private_metadata"] = forge(view["private_metadata"].(string))
		}))
		noError(t, err)
		form = h.slack.opens("hubot", asked, "penstock.approve")
	}
	receipt, err := h.slack.Submit("hubot", form.ID, map[string]string{"reason": "mine"})
	noError(t, err)
	for range 3 {
		if _, err := h.slack.Replay(receipt); err != nil {
			t.Error(err)
		}
	}
	h.slack.see("the true vote", func(v *slack.View) bool {
		m, _ := v.Message("releases", asked.TS)
		return strings.Contains(m.Plain, "`hubot` approved in Slack")
	})
	for _, run := range h.runs(2) {
		for _, vote := range run.AllGates()[0].Votes {
			if run.Revision.SHA != one || vote.Reason != "mine" {
				t.Errorf("run #%d has the vote %+v", run.Number, vote)
			}
		}
	}
}
