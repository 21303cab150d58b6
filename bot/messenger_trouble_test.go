package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// Slack takes no more in one channel for a minute: the other one is told at once.
func TestALimitInOneChannelHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	h := build(t, pullsShip, plan{slack: &bot.Slack{Channels: []bot.SlackChannel{{Name: "random", Events: []string{bot.SlackWaiting}}}}})
	limit := h.slack.Inject(slack.Match{Method: "chat.postMessage", Count: 1}, slack.RateLimited(time.Minute))
	h.pull()
	h.slack.see("the gate in one of two channels", func(v *slack.View) bool {
		return len(havingSaid(v, "releases", "production?"))+len(havingSaid(v, "random", "production?")) == 1
	})
	if limit.Hits() != 1 {
		t.Errorf("limited %d times", limit.Hits())
	}
}

// The channel is limited for a minute, and those who can vote have been told: who they
// are is noted, and not found out again whenever the channel may have its turn.
func TestALimitedChannelDoesNotAskAgainWhoCanVote(t *testing.T) {
	t.Parallel()
	h := build(t, pullsShip, plan{slack: &bot.Slack{DirectMessages: true}})
	h.slack.Inject(slack.Match{Method: "chat.postMessage", Count: 1}, slack.RateLimited(time.Minute))
	_, sha := h.pull()
	h.gate(sha)
	h.slack.see("a direct message", func(v *slack.View) bool { return len(v.DirectMessages("hubot")) > 0 })
	h.shut() // when everything is noted
	h.slack.Down(true)
	h.boot(slog.New(slog.DiscardHandler))
	run := h.runs(1)[0]
	rows, err := h.db.ReportsOf(t.Context(), run.Repository.ID, run.ID)
	noError(t, err)
	if !slices.ContainsFunc(rows, func(row pipeline.Report) bool { return strings.HasPrefix(row.Key.Name, "direct:") }) {
		t.Errorf("that all were told is not noted: %+v", rows)
	}
	if len(havingText(h.slack, "production?")) > 0 {
		t.Error("the channel is not limited")
	}
}

// Slack fails at one run's message again and again: other runs are told of.
func TestARunThatSlackFailsAtHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, twoVotes)
	number, first := h.pullOf("one")
	h.slack.asks(first)
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	broken := h.slack.Inject(slack.Match{Method: "chat.update"}, slack.Refuse("internal_error"))
	h.comment(number, "hubot", "/approve")
	h.slack.see("an update that fails", func(v *slack.View) bool { return v.Calls("chat.update") > 0 })
	_, second := h.pullOf("two")
	h.slack.asks(second)
	broken.Remove()
	h.slack.see("the vote, when Slack can again", func(v *slack.View) bool { return len(havingSaid(v, "releases", "hubot")) > 0 })
}

// The server ends: what is being said is said and noted, and what waits is left to the
// next server.
func TestTheEndDoesNotWaitForWhatIsToBeSaid(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	h.slack.Down(true)
	_, first := h.pullOf("one")
	h.gate(first)
	_, second := h.pullOf("two")
	h.gate(second)
	hang := h.slack.Inject(slack.Match{Method: "chat.postMessage"}, slack.Hang())
	h.slack.Down(false)
	h.slack.hits(hang)
	ended := make(chan struct{})
	go func() { h.shut(); close(ended) }()
	h.slack.see("the end of the sockets", func(v *slack.View) bool { return v.Connections() == 0 })
	hang.Remove()
	<-ended
	for _, m := range h.slack.Messages("releases") {
		if strings.Contains(m.Plain, second[:7]) {
			t.Errorf("said after the end:\n%s", m.Plain)
		}
	}
	h.boot(slog.New(slog.DiscardHandler))
	h.slack.asks(first)
	h.slack.asks(second)
}

// Runs have ended while Slack was away, and then somebody is asked: that goes first.
func TestGatesGoBeforeNotes(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, simpleFile)
	h.slack.Down(true)
	const ended = 10
	var sha string
	for i := range ended {
		sha = h.push(emulator.Change{Message: fmt.Sprint("change ", i)})
		h.await("the end", h.status(sha, "success"))
	}
	asked := h.push(emulator.Change{Message: "ask", Files: map[string]string{".penstock.yml": gateFile}})
	h.await("the gate", h.check(asked, gateCheck, "action_required"))
	h.slack.Down(false)
	h.slack.asks(asked)
	if n := len(havingText(h.slack, " succeeded")); n > 4 {
		t.Errorf("%d notes went first", n)
	}
}

// The token is revoked: the log says what to do, once, and Slack is left alone, GitHub is
// told everything, and when the token is good again Slack shows how things are.
func TestTheTokenIsRevoked(t *testing.T) {
	t.Parallel()
	log := newJournal()
	var time_ clock
	h := build(t, pullsShip, plan{slack: &bot.Slack{}, log: log, now: time_.now})
	h.provider.auto = "Succeeded"
	number, sha := h.pull()
	asked := h.slack.gate()
	token := h.slack.App().BotToken
	noError(t, h.slack.RevokeToken(token, true))
	h.await("the gate's comment", h.said(number, "penstock:gate:"))
	h.comment(number, "hubot", "/approve")
	h.await("the end", h.status(sha, "success"))
	const said = `level=ERROR msg="Slack cannot be told now"`
	log.await(t, said, 1)
	_, other := h.pullOf("other")
	h.gate(other)
	if n := log.count(said); n != 1 {
		t.Errorf("said %d times", n)
	}
	noError(t, h.slack.RevokeToken(token, false))
	time_.pass(6 * time.Minute)
	h.pullOf("third")
	h.slack.see("the decision", func(v *slack.View) bool {
		m, _ := v.Message("releases", asked.TS)
		return !has(m, "penstock.approve") && len(m.Replies) == 2
	})
	h.slack.asks(other)
	if log.count(token) > 0 {
		t.Error("the token is in the log")
	}
}

// hits waits until trouble has hit somebody.
func (s *slackHouse) hits(trouble *slack.Injected) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	for {
		changed := s.Changed()
		if trouble.Hits() > 0 {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			s.t.Fatal("the trouble hit nobody")
		}
	}
}
