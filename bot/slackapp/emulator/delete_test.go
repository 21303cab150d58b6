package emulator_test

import (
	"testing"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

func TestWhoMayDeleteAndWhatIsLeftOfAThread(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	ts := w.postGate(t)
	reply := func() string {
		t.Helper()
		_, ts, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText("built", false), slack.MsgOptionTS(ts))
		if err != nil {
			t.Fatal(err)
		}
		return ts
	}
	first := reply()
	if err := w.Delete("hubot", "releases", ts); err == nil {
		t.Error("anybody deletes the bot's messages")
	}
	if err := w.ChangeUser("octocat", func(u *emulator.User) { u.Admin = true }); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete("octocat", "releases", ts); err != nil {
		t.Fatal(err)
	}
	second := reply() // to a message that is gone: by itself
	all := w.Messages("releases")
	if len(all) != 2 || all[0].TS != first || all[0].ThreadTS != ts || all[1].TS != second || all[1].ThreadTS != "" {
		t.Errorf("left: %+v", all)
	}
	if _, err := w.Click("octocat", "releases", ts, "penstock.approve"); err == nil {
		t.Error("a deleted message was clicked")
	}
	if err := w.Delete("octocat", "releases", ts); err == nil {
		t.Error("deleted twice")
	}
}
