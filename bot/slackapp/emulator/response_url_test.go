package emulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

func TestResponseURLsAnswerFiveTimesInHalfAnHour(t *testing.T) {
	t.Parallel()
	now := newClock()
	w := newWorld(t, emulator.Options{Clock: now.Now})
	ts := w.postGate(t)
	urlOf := func() string {
		t.Helper()
		return must[emulator.Payload](t)(w.ClickPayload("octocat", "releases", ts, "penstock.approve")).ResponseURL()
	}
	send := func(options ...slack.MsgOption) error {
		_, _, err := w.api.PostMessage("", options...)
		return err
	}
	url := urlOf()
	if err := send(slack.MsgOptionText("you may not", false), slack.MsgOptionResponseURL(url, slack.ResponseTypeEphemeral)); err != nil {
		t.Fatal(err)
	}
	if e := w.Ephemerals("octocat"); len(e) != 1 || e[0].Text != "you may not" || e[0].Channel != w.channel.ID {
		t.Errorf("ephemeral: %+v", e)
	}
	if err := send(slack.MsgOptionText("done", false), slack.MsgOptionResponseURL(url, slack.ResponseTypeInChannel)); err != nil {
		t.Fatal(err)
	}
	if all := w.Messages("releases"); len(all) != 2 || all[1].Text != "done" {
		t.Errorf("in channel: %+v", all)
	}
	if err := send(slack.MsgOptionText("decided", false), slack.MsgOptionReplaceOriginal(url)); err != nil {
		t.Fatal(err)
	}
	if m, _ := w.Message("releases", ts); m.Plain != "decided" || len(m.Buttons) != 0 || m.Edits != 1 {
		t.Errorf("replaced: %+v", m)
	}
	for i := range 3 {
		err := send(slack.MsgOptionText("more", false), slack.MsgOptionResponseURL(url, slack.ResponseTypeEphemeral))
		var status slack.StatusCodeError
		if i < 2 && err != nil || i == 2 && (!errors.As(err, &status) || status.Code != 404) {
			t.Errorf("use %d: %v", i+4, err)
		}
	}
	ts = w.postGate(t)
	url = urlOf()
	now.add(30*time.Minute + time.Second)
	if err := send(slack.MsgOptionText("late", false), slack.MsgOptionResponseURL(url, slack.ResponseTypeEphemeral)); err == nil {
		t.Error("an old address was taken")
	}
	if err := send(slack.MsgOptionDeleteOriginal(urlOf())); err != nil {
		t.Fatal(err)
	}
	if _, there := w.Message("releases", ts); there {
		t.Error("the original is still there")
	}
	if n := w.Calls("response_url"); n != 8 {
		t.Errorf("%d calls", n)
	}
}
