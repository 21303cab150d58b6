package bot_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/slackapp"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// slackHouse is the Slack of a house: one workspace with people of the same names, a
// channel releases that is told of everything, and one, random, that is told of nothing.
type slackHouse struct {
	*slack.Slack
	t        *testing.T
	app      slack.App
	releases slack.Channel
	random   slack.Channel
	users    map[string]slack.User
	linked   bool   // octocat and hubot, once there is a database
	host     string // of the forge
}

func newSlackHouse(t *testing.T) *slackHouse {
	t.Helper()
	s := &slackHouse{t: t, users: map[string]slack.User{}}
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Slack, err = slack.New(slack.Options{})
	must(err)
	t.Cleanup(func() { _ = s.Close() })
	s.app, err = s.AddApp(slack.App{})
	must(err)
	s.releases, err = s.AddChannel(slack.Channel{Name: "releases"})
	must(err)
	s.random, err = s.AddChannel(slack.Channel{Name: "random"})
	must(err)
	for _, name := range []string{"octocat", "hubot", "monalisa"} {
		s.users[name], err = s.AddUser(slack.User{Name: name, Email: name + "@example.com"})
		must(err)
	}
	return s
}

// everything is what a channel can be told of.
func everything() []string {
	return []string{bot.SlackStarted, bot.SlackWaiting, bot.SlackSucceeded, bot.SlackFailed, bot.SlackRejected, bot.SlackSuperseded}
}

// boot is the Slack of the bot that a house starts.
func (s *slackHouse) boot(h *house, host string) *bot.Slack {
	if s == nil {
		return nil
	}
	h.t.Helper()
	app, err := slackapp.New(slackapp.Options{
		BotToken: s.app.BotToken, AppToken: s.app.AppToken, SigningSecret: s.app.SigningSecret, APIURL: s.APIURL(),
		CheckSubmission: bot.CheckSlackSubmission,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(app.Close)
	if err := h.db.Tell(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	made := *h.plan.slack
	made.App, made.Store = app, slackStore{h.db}
	made.LinkURL = func(token string) string { return "http://penstock.example/slack/link/" + token }
	made.Channels = append([]bot.SlackChannel{{Name: "releases", ID: s.releases.ID, Events: everything()}}, made.Channels...)
	for i := range made.Channels {
		if made.Channels[i].ID == "" {
			made.Channels[i].ID = s.random.ID
		}
	}
	if !s.linked {
		s.host = host
		s.link(h, "octocat")
		s.link(h, "hubot")
		s.linked = true
	}
	return &made
}

// link links the accounts of one name.
func (s *slackHouse) link(h *house, name string) {
	h.t.Helper()
	user := pipeline.SlackUser{Team: s.users[name].Team, ID: s.users[name].ID}
	token, digest := pipeline.NewSlackLinkToken()
	now := time.Now()
	err := h.db.OfferSlackLink(h.t.Context(), pipeline.SlackLink{Digest: digest, SlackUser: user, Name: name, CreatedAt: now, ExpiresAt: now.Add(time.Minute)})
	if err == nil {
		err = h.db.TakeSlackLink(h.t.Context(), digest, pipeline.SlackAccount{
			SlackUser: user, Name: name, Host: s.host, Actor: h.people[name], By: pipeline.SlackLinkedByPage, At: now,
		}, now)
	}
	if err != nil || token == "" {
		h.t.Fatal(err)
	}
}

type slackStore struct{ *storage.DB }

func (s slackStore) Untold(ctx context.Context, limit int) ([]bot.Unreported, error) {
	found, err := s.DB.Untold(ctx, limit)
	var list []bot.Unreported
	for _, u := range found {
		list = append(list, bot.Unreported(u))
	}
	return list, err
}

// see waits until Slack shows something.
func (s *slackHouse) see(what string, condition func(*slack.View) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Await(ctx, condition); err != nil {
		for _, m := range s.Messages("releases") {
			s.t.Logf("%s\n%s", m.TS, m.Plain)
			for _, r := range m.Replies {
				s.t.Logf("  reply: %s", r.Plain)
			}
		}
		for name := range s.users {
			for _, m := range s.Ephemerals(name) {
				s.t.Logf("only for %s: %s", name, m.Plain)
			}
		}
		s.t.Fatalf("waiting in Slack for %s: %v", what, err)
	}
}

// gate waits for a message that asks, and returns it.
func (s *slackHouse) gate() slack.Message {
	s.t.Helper()
	var asked slack.Message
	s.see("a gate", func(v *slack.View) bool {
		for _, m := range v.Messages("releases") {
			if has(m, "penstock.approve") {
				asked = m
				return true
			}
		}
		return false
	})
	return asked
}

func has(m slack.Message, action string) bool {
	return slices.ContainsFunc(m.Buttons, func(b slack.Button) bool { return b.ActionID == action })
}

// opens clicks and waits for the form.
func (s *slackHouse) opens(who string, m slack.Message, action string) slack.Modal {
	s.t.Helper()
	s.click(who, m, action)
	var modal slack.Modal
	s.see("a form for "+who, func(v *slack.View) bool {
		var ok bool
		modal, ok = v.Modal(who)
		return ok
	})
	return modal
}

func (s *slackHouse) click(who string, m slack.Message, action string) {
	s.t.Helper()
	receipt, err := s.Click(who, m.Channel, m.TS, action)
	if err != nil || !receipt.Acknowledged {
		s.t.Fatalf("click of %s: %+v, %v", who, receipt, err)
	}
}

// submit sends a form in.
func (s *slackHouse) submit(who string, m slack.Modal, reason string) {
	s.t.Helper()
	receipt, err := s.Submit(who, m.ID, map[string]string{"reason": reason})
	if err != nil || !receipt.Acknowledged || len(receipt.Errors) > 0 {
		s.t.Fatalf("form of %s: %+v, %v", who, receipt, err)
	}
}

// told waits until somebody alone is told something.
func (s *slackHouse) told(who, words string) {
	s.t.Helper()
	s.see(who+" being told "+words, func(v *slack.View) bool {
		return slices.ContainsFunc(slices.Concat(v.Ephemerals(who), v.DirectMessages(who)), func(m slack.Message) bool { return strings.Contains(m.Plain, words) })
	})
}
