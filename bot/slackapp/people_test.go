package slackapp_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestWhoPeopleAreInSlack(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	home := town.Team().ID
	for name, test := range map[string]struct {
		user emulator.User
		want slackapp.User
	}{
		"plain":       {emulator.User{Name: "hubot", RealName: "H", Email: "h@example.com"}, slackapp.User{Team: home, Name: "hubot", RealName: "H", Email: "h@example.com", EmailConfirmed: true}},
		"guest":       {emulator.User{Name: "guest", Restricted: true}, slackapp.User{Team: home, Name: "guest", RealName: "guest", Guest: true}},
		"small guest": {emulator.User{Name: "small", UltraRestricted: true}, slackapp.User{Team: home, Name: "small", RealName: "small", Guest: true}},
		"bot":         {emulator.User{Name: "robot", Bot: true}, slackapp.User{Team: home, Name: "robot", RealName: "robot", Bot: true}},
		"gone":        {emulator.User{Name: "gone", Deleted: true}, slackapp.User{Team: home, Name: "gone", RealName: "gone", Deleted: true}},
		"stranger":    {emulator.User{Name: "other", Team: "T0OTHER", Stranger: true}, slackapp.User{Team: "T0OTHER", Name: "other", RealName: "other", Stranger: true}},
		"of another":  {emulator.User{Name: "another", Team: "T0OTHER"}, slackapp.User{Team: "T0OTHER", Name: "another", RealName: "another", Stranger: true}},
	} {
		u, err := town.AddUser(test.user)
		if err != nil {
			t.Fatal(err)
		}
		test.want.ID = u.ID
		if got, err := town.app.User(t.Context(), u.ID); err != nil || got != test.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, test.want)
		}
	}
	_, err := town.app.User(t.Context(), "U0NOBODY")
	callstest.WantKind(t, err, pipeline.NotFound)
	if err := town.ChangeUser("octocat", func(u *emulator.User) { u.Deleted = true }); err != nil {
		t.Fatal(err)
	}
	if got, err := town.app.User(t.Context(), town.octocat.ID); err != nil || !got.Deleted {
		t.Errorf("who has just left: %+v %v", got, err)
	}
}

func TestChannelsAndTheWorkspace(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	for range 3 {
		w, err := town.app.Workspace(t.Context())
		if err != nil || w.TeamID != town.Team().ID || w.BotUserID == "" || w.BotID == "" || w.TeamName == "" || !strings.HasPrefix(w.URL, "http") {
			t.Fatalf("%+v %v", w, err)
		}
	}
	if n := town.Calls("auth.test"); n != 1 {
		t.Errorf("asked %d times who we are", n)
	}
	private, err := town.AddChannel(emulator.Channel{Name: "secret", Private: true})
	if err != nil {
		t.Fatal(err)
	}
	old, err := town.AddChannel(emulator.Channel{Name: "old", Archived: true, WithoutBot: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []slackapp.Channel{
		{ID: town.channel.ID, Name: "releases", Member: true}, {ID: private.ID, Name: "secret", Member: true, Private: true}, {ID: old.ID, Name: "old", Archived: true},
	} {
		if got, err := town.app.Channel(t.Context(), want.ID); err != nil || got != want {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
	}
	if _, err := town.app.Post(t.Context(), slackapp.Message{Channel: old.ID, Text: "x"}); pipeline.KindOf(err) != pipeline.Forbidden || slackapp.Code(err) != "is_archived" {
		t.Errorf("archived: %v", err)
	}
	for range 3 {
		if d, err := town.app.Direct(t.Context(), town.octocat.ID); err != nil || d == "" {
			t.Error(d, err)
		}
	}
	if n := town.Calls("conversations.open"); n != 1 {
		t.Errorf("opened the direct channel %d times", n)
	}
}
