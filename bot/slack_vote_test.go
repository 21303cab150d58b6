package bot_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

func newSlackTest(t *testing.T, file string) *house {
	t.Helper()
	h := build(t, file, plan{slack: &bot.Slack{}})
	h.provider.auto = pipeline.ActionSucceeded
	return h
}

// A gate has one message, which is brought up to date: a click opens the form, the form
// is the vote, and after the decision the buttons are gone, and the thread says what
// came of it.
func TestApproveInSlack(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	_, sha := h.pull()
	asked := h.slack.gate()
	if !strings.Contains(asked.Plain, "production") || !strings.Contains(asked.Plain, pipeline.ShortSHA(sha)) || !has(asked, "penstock.run") {
		t.Errorf("the message is\n%s", asked.Plain)
	}
	form := h.slack.opens("hubot", asked, "penstock.approve")
	if !strings.Contains(form.Plain, pipeline.ShortSHA(sha)) {
		t.Errorf("the form is\n%s", form.Plain)
	}
	h.slack.submit("hubot", form, "looks good")
	h.await("the end", h.status(sha, "success"))
	h.slack.told("hubot", "Your approval")
	h.slack.see("the decision", func(v *slack.View) bool {
		m, ok := v.Message("releases", asked.TS)
		return ok && !has(m, "penstock.approve") && strings.Contains(m.Plain, "hubot") && len(m.Replies) == 2 &&
			strings.Contains(m.Replies[1].Plain, "succeeded")
	})
	run := h.runs(1)[0]
	if votes := run.AllGates()[0].Votes; len(votes) != 1 || votes[0].Door != pipeline.DoorSlack || votes[0].Reason != "looks good" {
		t.Errorf("votes %+v", votes)
	}
	for _, m := range h.slack.Messages("releases") {
		if has(m, "penstock.approve") {
			t.Errorf("a message still asks:\n%s", m.Plain)
		}
	}
}

// A rejection needs a reason, and fails the run with it.
func TestRejectInSlack(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	_, sha := h.pull()
	asked := h.slack.gate()
	form := h.slack.opens("hubot", asked, "penstock.reject")
	receipt, err := h.slack.Submit("hubot", form.ID, map[string]string{"reason": "  "})
	if err != nil || receipt.Errors["reason"] == "" {
		t.Errorf("a rejection without a reason gets %+v, %v", receipt, err)
	}
	h.slack.submit("hubot", form, "not on a Friday")
	h.await("the end", h.status(sha, "failure"))
	h.slack.see("the rejection", func(v *slack.View) bool {
		m, _ := v.Message("releases", asked.TS)
		return !has(m, "penstock.approve") && strings.Contains(m.Plain, "not on a Friday") && len(m.Replies) == 2
	})
}
