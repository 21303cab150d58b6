package bot_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// pullOf opens the pull request of a branch of its own.
func (h *house) pullOf(branch string) (number int, sha string) {
	h.t.Helper()
	sha = h.push(emulator.Change{Branch: branch, Message: "What " + branch + " is"})
	p, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: branch, Head: branch, As: "octocat"})
	if err != nil {
		h.t.Fatal(err)
	}
	return p.Number, sha
}

// comment says something in a pull request.
func (h *house) comment(number int, login, body string) {
	h.t.Helper()
	if _, err := h.github.Comment(shop, number, login, body); err != nil {
		h.t.Fatal(err)
	}
}

// having are the messages of a channel, and what is answered to them, with a text.
func havingSaid(v *slack.View, channel, text string) (list []slack.Message) {
	for _, m := range v.Messages(channel) {
		for _, m := range append([]slack.Message{m}, m.Replies...) {
			if strings.Contains(m.Plain, text) {
				list = append(list, m)
			}
		}
	}
	return list
}

func havingText(s *slackHouse, text string) (list []slack.Message) {
	s.Look(func(v *slack.View) { list = havingSaid(v, "releases", text) })
	return list
}

// asks is the message that asks for a gate of a commit.
func (s *slackHouse) asks(sha string) slack.Message {
	s.t.Helper()
	var asked slack.Message
	s.see("the gate of "+sha[:7], func(v *slack.View) bool {
		i := slices.IndexFunc(v.Messages("releases"), func(m slack.Message) bool { return has(m, "penstock.approve") && strings.Contains(m.Plain, sha[:7]) })
		if i >= 0 {
			asked = v.Messages("releases")[i]
		}
		return i >= 0
	})
	return asked
}

// Two runs of a repository at once: each has its own start and its own end, and its own
// rows that say so, without which it would be told again.
func TestSlackTellsOfEachRunOnce(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	one, first := h.pullOf("one")
	h.slack.asks(first)
	two, second := h.pullOf("two")
	h.slack.asks(second)
	for _, number := range []int{one, two} {
		h.await("the gate's comment", h.said(number, "penstock:gate:"))
		h.comment(number, "hubot", "/approve")
	}
	h.slack.see("both ends", func(v *slack.View) bool { return len(havingSaid(v, "releases", " succeeded")) == 2 })
	h.shut() // when everything is noted
	h.boot(slog.New(slog.DiscardHandler))
	if n := len(havingText(h.slack, "has started")); n != 2 {
		t.Errorf("%d messages say that a run has started", n)
	}
	for _, run := range h.runs(2) {
		rows, err := h.db.ReportsOf(t.Context(), run.Repository.ID, run.ID)
		notes := 0
		for _, row := range rows {
			if strings.HasPrefix(row.Key.Name, "note:") && row.ExternalID != 0 {
				notes++
			}
		}
		if err != nil || notes != 2 {
			t.Errorf("run #%d: %d notes, %v", run.Number, notes, err)
		}
	}
}

const twoGates = gateFile + `  - name: Ship
    actions:
      - {name: ship, provider: Manual}
`

// A gate is decided and the next one opens while Slack is away: each decision is told
// in the thread of its own gate.
func TestADecisionIsToldInItsOwnThread(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, twoGates)
	number, sha := h.pull()
	first := h.slack.gate()
	h.slack.Down(true)
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	h.comment(number, "hubot", "/approve Release/approve")
	h.await("the second gate", h.check(sha, "penstock / release / approve Ship/ship", "action_required"))
	h.slack.Down(false)
	h.slack.see("the decision under its gate, and not under the next one", func(v *slack.View) bool {
		m, _ := v.Message("releases", first.TS)
		return len(m.Replies) == 1 && strings.Contains(m.Replies[0].Plain, "Release/approve") && !has(m, "penstock.approve")
	})
	if second := h.slack.gate(); len(second.Replies) != 0 {
		t.Errorf("the second gate has the answers %+v", second.Replies)
	}
}

// A gate's message that somebody deletes is made anew while it asks, and not once it is
// decided.
func TestAGatesMessageIsDeleted(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, twoVotes)
	number, sha := h.pull()
	first := h.slack.gate()
	if err := h.slack.Delete("octocat", first.Channel, first.TS); err == nil {
		t.Error("anybody can delete what the app says")
	}
	if err := h.slack.ChangeUser("octocat", func(u *slack.User) { u.Admin = true }); err != nil {
		t.Fatal(err)
	}
	if err := h.slack.Delete("octocat", first.Channel, first.TS); err != nil {
		t.Fatal(err)
	}
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	h.comment(number, "hubot", "/approve")
	second := h.slack.gate()
	if second.TS == first.TS || !strings.Contains(second.Plain, "hubot") {
		t.Errorf("the new message is\n%s", second.Plain)
	}
	if err := h.slack.Delete("octocat", second.Channel, second.TS); err != nil {
		t.Fatal(err)
	}
	h.comment(number, "monalisa", "/approve")
	h.await("the end", h.status(sha, "success"))
	h.slack.see("how it ended", func(v *slack.View) bool { return len(havingSaid(v, "releases", " succeeded")) > 0 })
	h.slack.Look(func(v *slack.View) {
		for _, m := range v.Messages("releases") {
			if strings.Contains(m.Plain, "approved") && m.ThreadTS == "" {
				t.Errorf("said anew:\n%s", m.Plain)
			}
		}
	})
}

// A gate's message that another app of ours has made, before the tokens were replaced, is
// left as it is, and made anew while the gate asks.
func TestAGatesMessageIsAnotherApps(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, twoVotes)
	number, _ := h.pull()
	first := h.slack.gate()
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	trouble := h.slack.Inject(slack.Match{Method: "chat.update", Count: 1}, slack.Refuse("cant_update_message"))
	defer trouble.Remove()
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	h.comment(number, "hubot", "/approve")
	h.slack.see("the vote in a new message", func(v *slack.View) bool {
		list := havingSaid(v, "releases", "hubot")
		return len(list) == 1 && list[0].TS != first.TS && has(list[0], "penstock.approve")
	})
}

// The thread of a gate hears how the run ended, also in a channel that asks for nothing
// but gates; only one that asks for failures has them in the channel.
func TestAFailureIsLoudWhereItIsWanted(t *testing.T) {
	t.Parallel()
	h := build(t, pullsShip, plan{slack: &bot.Slack{Channels: []bot.SlackChannel{{Name: "random", Events: []string{bot.SlackWaiting}}}}})
	h.provider.auto = "Failed"
	h.pull()
	asked := h.slack.gate()
	h.slack.submit("hubot", h.slack.opens("hubot", asked, "penstock.approve"), "")
	for channel, loud := range map[string]bool{"releases": true, "random": false} {
		h.slack.see("the failure in "+channel, func(v *slack.View) bool {
			found := havingSaid(v, channel, "it broke")
			return len(found) > 0 && found[0].ThreadTS != "" && found[0].Broadcast == loud
		})
	}
}
