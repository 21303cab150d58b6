package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// command types our slash command.
func (s *slackHouse) command(who, channel, text string, tricks ...slack.Trick) {
	s.t.Helper()
	s.see("a socket", func(v *slack.View) bool { return v.Connections() > 0 })
	p, err := s.SlashPayload(who, channel, "/penstock", text)
	if err != nil {
		s.t.Fatal(err)
	}
	if receipt, err := s.Deliver(p, tricks...); err != nil || !receipt.Acknowledged {
		s.t.Fatalf("%s of %s: %+v, %v", text, who, receipt, err)
	}
}

// accountOf is the login that somebody in Slack speaks for; empty if for none.
func (h *house) accountOf(who string) string {
	h.t.Helper()
	user := h.slack.users[who]
	account, err := h.db.SlackAccount(h.t.Context(), pipeline.SlackUser{Team: user.Team, ID: user.ID}, h.slack.host)
	if err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		h.t.Fatal(err)
	}
	return account.Actor.Login
}

// The same id may be somebody else's in another workspace: whoever is there cannot undo
// a link, mute it, or hear whose it is.
func TestAnotherWorkspaceTouchesNoLink(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"unlink", "mute", "help", "link"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			h := newSlackTest(t, pullsShip)
			h.slack.command("hubot", "releases", verb, slack.FromTeam("T0OTHER"))
			h.slack.told("hubot", "another workspace")
			user := h.slack.users["hubot"]
			account, err := h.db.SlackAccount(t.Context(), pipeline.SlackUser{Team: user.Team, ID: user.ID}, h.slack.host)
			if err != nil || account.Muted || account.Actor.Login != "hubot" {
				t.Errorf("the account is %+v, %v", account, err)
			}
		})
	}
}

// An address is matched only where that is switched on, while both sides have verified
// it, as of the moment of the vote, and never again after the account was unlinked.
func TestSlackByEmail(t *testing.T) {
	t.Parallel()
	verified := func(h *house, login string, addresses ...string) {
		var digests []string
		for _, address := range addresses {
			digest, _ := pipeline.EmailDigest(address)
			digests = append(digests, digest)
		}
		noError(t, h.db.SaveVerifiedEmails(t.Context(), h.slack.host, h.people[login], digests, time.Now()))
	}
	t.Run("off", func(t *testing.T) {
		t.Parallel()
		h := newSlackTest(t, pullsShip)
		verified(h, "monalisa", "monalisa@example.com")
		h.pull()
		h.slack.click("monalisa", h.slack.gate(), "penstock.approve")
		h.slack.told("monalisa", "not linked")
	})
	t.Run("on", func(t *testing.T) {
		t.Parallel()
		h := build(t, pullsShip, plan{slack: &bot.Slack{MatchByEmail: true}})
		noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
		h.pull()
		asked := h.slack.gate()
		h.slack.click("monalisa", asked, "penstock.approve")
		h.slack.told("monalisa", "not linked") // GitHub has not said whose it is
		verified(h, "monalisa", "monalisa@example.com")
		form := h.slack.opens("monalisa", asked, "penstock.approve")
		if login := h.accountOf("monalisa"); login != "monalisa" {
			t.Errorf("speaks for %q", login)
		}
		told := len(h.slack.Ephemerals("monalisa"))
		refused := func(why string) {
			t.Helper()
			h.slack.see(why, func(v *slack.View) bool { return len(v.Ephemerals("monalisa")) > told })
			told = len(h.slack.Ephemerals("monalisa"))
		}
		verified(h, "monalisa") // given away meanwhile
		h.slack.submit("monalisa", form, "")
		refused("a vote for an address that was given away")
		verified(h, "monalisa", "monalisa@example.com")
		noError(t, h.slack.ChangeUser("monalisa", func(u *slack.User) { u.Email = "other@example.com" }))
		h.slack.click("monalisa", asked, "penstock.approve")
		refused("a click with another address")
		noError(t, h.slack.ChangeUser("monalisa", func(u *slack.User) { u.Email = "monalisa@example.com" }))
		h.slack.command("monalisa", "releases", "unlink")
		refused("the end of the link")
		h.slack.click("monalisa", asked, "penstock.approve")
		refused("a click after unlink")
		if votes := h.runs(1)[0].AllGates()[0].Votes; len(votes) != 0 || h.accountOf("monalisa") != "" {
			t.Errorf("speaks for %q, with the votes %+v", h.accountOf("monalisa"), votes)
		}
	})
}

// What GitHub says when the form comes in counts, not what it said at the click: rights
// that are lost, an account that is suspended.
func TestRightsAreThoseOfTheForm(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(h *house) error{
		"rights":    func(h *house) error { return h.github.SetRole(shop, "hubot", emulator.RoleRead) },
		"suspended": func(h *house) error { return h.github.SuspendUser("hubot", true) },
		"guest": func(h *house) error {
			return h.slack.ChangeUser("hubot", func(u *slack.User) { u.UltraRestricted = true })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newSlackTest(t, pullsShip)
			h.pull()
			form := h.slack.opens("hubot", h.slack.gate(), "penstock.approve")
			noError(t, lose(h))
			h.slack.submit("hubot", form, "")
			h.slack.see("the refusal", func(v *slack.View) bool { return len(v.Ephemerals("hubot"))+len(v.DirectMessages("hubot")) > 0 })
			if gate := h.runs(1)[0].AllGates()[0]; gate.Status != pipeline.ApprovalPending {
				t.Errorf("the gate is %s", gate.Status)
			}
		})
	}
}

// Once matching by address is switched off, whoever was linked by it is told of no gate,
// and not that they vote.
func TestMatchingByEmailIsSwitchedOff(t *testing.T) {
	t.Parallel()
	h := build(t, pullsShip, plan{slack: &bot.Slack{DirectMessages: true}})
	noError(t, h.github.SetRole(shop, "monalisa", emulator.RoleWrite))
	noError(t, h.db.SaveSlackAccount(t.Context(), pipeline.SlackAccount{
		SlackUser: pipeline.SlackUser{Team: h.slack.users["monalisa"].Team, ID: h.slack.users["monalisa"].ID}, Name: "monalisa",
		Host: h.slack.host, Actor: h.people["monalisa"], By: pipeline.SlackLinkedByEmail, At: time.Now(),
	}))
	if got := h.slack.answer("monalisa", "releases", "help"); !strings.Contains(got, "do not count yet") {
		t.Errorf("monalisa is told %s", got)
	}
	_, sha := h.pull()
	h.slack.see("a message for hubot", func(v *slack.View) bool { return len(v.DirectMessages("hubot")) > 0 })
	h.click(sha, "approve", "hubot")
	h.slack.see("the end in the thread", func(v *slack.View) bool {
		return slices.ContainsFunc(v.Messages("releases"), func(m slack.Message) bool { return len(m.Replies) > 0 }) // after all that is said directly
	})
	if got := h.slack.DirectMessages("monalisa"); len(got) != 0 {
		t.Errorf("monalisa is told directly: %+v", got)
	}
}
