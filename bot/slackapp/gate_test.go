package slackapp_test

import (
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// One gate from the post to the buttons being gone, by either way.
func TestAGateInSlack(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"sockets", "requests"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			town := newTown(t, emulator.Options{}, wantReason)
			came := make(line, 10)
			if way == "sockets" {
				town.listen(t, came.accept)
			} else {
				town.register(t, came.accept)
			}
			posted, err := town.app.Post(t.Context(), slackapp.Message{Channel: town.channel.ID, Text: "May it go?", Blocks: gateBlocks()})
			if err != nil {
				t.Fatal(err)
			}
			message := town.Messages("releases")[0]
			receipt, err := town.Click("octocat", "releases", message.TS, "penstock.reject")
			if err != nil || !receipt.Acknowledged {
				t.Fatal(receipt.Saw, err)
			}
			click := next[slackapp.Click](t, came)
			if click.User != town.octocat.ID || click.Team != town.Team().ID || click.UserTeam != click.Team || click.App != town.App().ID ||
				click.Channel != town.channel.ID || click.MessageTS != posted.TS || click.ActionID != "penstock.reject" || click.Value != "run:gate" || click.At.IsZero() {
				t.Errorf("%+v", click)
			}
			if err := town.app.OpenModal(t.Context(), click.TriggerID, voteModal()); err != nil {
				t.Fatal(err)
			}
			callstest.WantKind(t, town.app.OpenModal(t.Context(), click.TriggerID, voteModal()), pipeline.Conflict, "click again")
			modal, _ := town.Modal("octocat")
			receipt, err = town.Submit("octocat", modal.ID, map[string]string{"reason": " \n "})
			if err != nil || receipt.Errors["reason"] != "Say why, in a few words." {
				t.Fatal(receipt, err)
			}
			receipt, err = town.Submit("octocat", modal.ID, map[string]string{"reason": "It is late."})
			if err != nil || !receipt.Acknowledged {
				t.Fatal(receipt.Saw, err)
			}
			if _, open := town.Modal("octocat"); open {
				t.Error("the modal is still open")
			}
			submission := next[slackapp.Submission](t, came)
			if submission.Values["reason"] != "It is late." || submission.CallbackID != "penstock.vote" || submission.Metadata != `{"verdict":"reject"}` ||
				submission.User != town.octocat.ID || submission.Team != town.Team().ID {
				t.Errorf("%+v", submission)
			}
			if err := town.app.Update(t.Context(), posted.Channel, posted.TS, slackapp.Message{Text: "Rejected."}); err != nil {
				t.Fatal(err)
			}
			if m := town.Messages("releases")[0]; len(m.Buttons) != 0 || m.Text != "Rejected." {
				t.Errorf("%+v", m)
			}
			if err := town.app.Whisper(t.Context(), slackapp.Whisper{ResponseURL: click.ResponseURL}, slackapp.Message{Text: "Noted."}); err != nil {
				t.Fatal(err)
			}
			if told := town.Ephemerals("octocat"); len(told) != 1 || told[0].Text != "Noted." {
				t.Errorf("told %+v", told)
			}
			if _, err := town.Slash("octocat", "releases", "/penstock", "status shop"); err != nil {
				t.Fatal(err)
			}
			if c := next[slackapp.SlashCommand](t, came); c.Command != "/penstock" || c.Text != "status shop" || c.User != town.octocat.ID || c.Channel != town.channel.ID {
				t.Errorf("%+v", c)
			}
		})
	}
}

// A replayed request is the same event; forged ones are none.
func TestAttacksOnTheDoor(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	shelf := &shelf{}
	town.register(t, shelf.accept)
	if _, err := town.app.Post(t.Context(), slackapp.Message{Channel: town.channel.ID, Text: "May it go?", Blocks: gateBlocks()}); err != nil {
		t.Fatal(err)
	}
	ts := town.Messages("releases")[0].TS
	for name, trick := range map[string]emulator.Trick{
		"wrong secret": emulator.WrongSecret(), "unsigned": emulator.Unsigned(), "stale": emulator.Aged(301 * time.Second), "future": emulator.Aged(-310 * time.Second),
		"changed": emulator.Changed(func(body map[string]any) { body["trigger_id"] = "9.9.9" }),
	} {
		p, err := town.ClickPayload("octocat", "releases", ts, "penstock.approve")
		if err != nil {
			t.Fatal(err)
		}
		if receipt, err := town.Deliver(p, trick); err != nil || receipt.Acknowledged || receipt.Status != 401 {
			t.Errorf("%s: %+v %v", name, receipt, err)
		}
	}
	if _, times := shelf.count(); times != 0 {
		t.Fatalf("%d were stored", times)
	}
	receipt, err := town.Click("octocat", "releases", ts, "penstock.approve")
	if err != nil || !receipt.Acknowledged {
		t.Fatal(receipt, err)
	}
	for range 3 {
		if again, err := town.Replay(receipt); err != nil || !again.Acknowledged {
			t.Error(again, err)
		}
	}
	if stored, times := shelf.count(); stored != 1 || times != 4 {
		t.Errorf("%d stored of %d", stored, times)
	}
}
