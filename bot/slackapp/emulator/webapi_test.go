package emulator_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

func TestAuthTestSaysWhoOneIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	got, err := w.api.AuthTest()
	if err != nil {
		t.Fatal(err)
	}
	bot, _ := w.User("penstock")
	if got.TeamID != w.Team().ID || got.UserID != bot.ID || got.BotID == "" {
		t.Errorf("got %+v", got)
	}
	if scopes := got.Header.Get("X-OAuth-Scopes"); !strings.Contains(scopes, "chat:write.public") {
		t.Errorf("scopes header: %q", scopes)
	}
	for token, want := range map[string]string{"": "not_authed", "xoxb-other": "invalid_auth"} {
		if _, err := w.client(t, token).AuthTest(); word(err) != want {
			t.Errorf("token %q: %v", token, err)
		}
	}
	if err := w.RevokeToken(w.app.BotToken, true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.AuthTest(); word(err) != "token_revoked" {
		t.Errorf("revoked: %v", err)
	}
}

func TestMessagesArePostedAnsweredChangedAndDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	ts := w.postGate(t)
	_, reply, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText("build <failed> &amp; lost", true), slack.MsgOptionTS(ts), slack.MsgOptionBroadcast())
	if err != nil {
		t.Fatal(err)
	}
	if reply <= ts {
		t.Errorf("timestamps do not grow: %s, %s", ts, reply)
	}
	all := w.Messages("releases")
	if len(all) != 1 || len(all[0].Replies) != 1 || !all[0].Bot || all[0].Edits != 0 {
		t.Fatalf("messages: %+v", all)
	}
	if r := all[0].Replies[0]; !r.Broadcast || r.ThreadTS != ts || r.Plain != "build <failed> &amp; lost" {
		t.Errorf("reply: %+v", r)
	}
	p := must[emulator.Payload](t)(w.ClickPayload("octocat", "releases", ts, "penstock.approve"))
	if message, _ := p.Body["message"].(map[string]any); message["thread_ts"] != ts {
		t.Errorf("the head of a thread does not say so: %v", message)
	}
	want := "Deploy shop to production?\n*octocat/shop* on `main` by octocat\n[Approve] [Reject] [View run]"
	if all[0].Plain != want {
		t.Errorf("plain:\n%s", all[0].Plain)
	}
	if b := all[0].Buttons; len(b) != 3 || b[0] != (emulator.Button{ActionID: "penstock.approve", BlockID: "gate", Text: "Approve", Value: "run:gate"}) {
		t.Errorf("buttons: %+v", b)
	}
	link := must[string](t)(w.api.GetPermalink(&slack.PermalinkParameters{Channel: w.channel.ID, Ts: ts}))
	if !strings.Contains(link, w.channel.ID) {
		t.Errorf("permalink %s", link)
	}

	// Text alone takes the blocks away.
	if _, _, _, err := w.api.UpdateMessage(w.channel.ID, ts, slack.MsgOptionText("Approved", false)); err != nil {
		t.Fatal(err)
	}
	m, _ := w.Message("releases", ts)
	if m.Edits != 1 || m.Plain != "Approved" || len(m.Buttons) != 0 {
		t.Errorf("after the update: %+v", m)
	}
	if _, _, err := w.api.DeleteMessage(w.channel.ID, ts); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := w.api.UpdateMessage(w.channel.ID, ts, slack.MsgOptionText("x", false)); word(err) != "message_not_found" {
		t.Errorf("update of what is gone: %v", err)
	}
	if _, _, err := w.api.DeleteMessage(w.channel.ID, ts); word(err) != "message_not_found" {
		t.Errorf("twice deleted: %v", err)
	}
	if n := w.Calls("chat.update"); n != 2 {
		t.Errorf("%d calls of chat.update", n)
	}
}

func TestOthersMessagesAreNotOursToChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	m := must[emulator.Message](t)(w.Say("octocat", "releases", "", "hello"))
	if _, _, _, err := w.api.UpdateMessage(w.channel.ID, m.TS, slack.MsgOptionText("x", false)); word(err) != "cant_update_message" {
		t.Errorf("update: %v", err)
	}
	if _, _, err := w.api.DeleteMessage(w.channel.ID, m.TS); word(err) != "cant_delete_message" {
		t.Errorf("delete: %v", err)
	}
}

func TestWhereABotMayWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	add := func(c emulator.Channel) string {
		t.Helper()
		return must[emulator.Channel](t)(w.AddChannel(c)).ID
	}
	open := add(emulator.Channel{Name: "open", WithoutBot: true})
	secret := add(emulator.Channel{Name: "secret", WithoutBot: true, Private: true})
	old := add(emulator.Channel{Name: "old", Archived: true})
	small := add(emulator.Channel{Name: "small", Members: []string{w.hubot.ID}})
	post := func(channel string) string {
		_, _, err := w.api.PostMessage(channel, slack.MsgOptionText("hi", false))
		return word(err)
	}
	whisper := func(channel, user string) string {
		_, err := w.api.PostEphemeral(channel, user, slack.MsgOptionText("hi", false))
		return word(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"public without the bot", post(open), ""},
		{"private without the bot", post(secret), "channel_not_found"},
		{"archived", post(old), "is_archived"},
		{"unknown", post("C0NONE"), "channel_not_found"},
		{"whisper", whisper(small, w.hubot.ID), ""},
		{"whisper to who is not there", whisper(small, w.octocat.ID), "user_not_in_channel"},
		{"whisper without the bot", whisper(open, w.hubot.ID), "not_in_channel"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if e := w.Ephemerals("hubot"); len(e) != 1 || e[0].EphemeralTo != w.hubot.ID || len(w.Ephemerals("octocat")) != 0 {
		t.Errorf("ephemerals: %+v", e)
	}
	if len(w.Messages("small")) != 0 {
		t.Error("a whisper stands in the channel")
	}
	w.SetScopes("chat:write")
	if got := post(open); got != "not_in_channel" {
		t.Errorf("without chat:write.public: %q", got)
	}
}

func TestScopesAreEnforced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	w.SetScopes("chat:write")
	_, err := w.api.GetUserInfo(w.octocat.ID)
	var e slack.SlackErrorResponse
	if !errors.As(err, &e) || e.Err != "missing_scope" || e.Needed != "users:read" || e.Provided != "chat:write" {
		t.Errorf("got %+v", err)
	}
	w.SetScopes("users:read")
	if u := must[*slack.User](t)(w.api.GetUserInfo(w.octocat.ID)); u.Profile.Email != "" {
		t.Error("the address is shown without users:read.email")
	}
	if _, _, err := w.client(t, w.app.AppToken).PostMessage(w.channel.ID, slack.MsgOptionText("x", false)); word(err) != "not_allowed_token_type" {
		t.Errorf("app token: %v", err)
	}
}

func TestPeopleAreToldApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	guest := w.user(t, emulator.User{Name: "guest", Restricted: true, UltraRestricted: true})
	stranger := w.user(t, emulator.User{Name: "stranger", Team: "T0OTHER", Stranger: true, Email: "stranger@example.org"})
	u := must[*slack.User](t)(w.api.GetUserInfo(w.octocat.ID))
	if u.Name != "octocat" || u.RealName != "The Octocat" || u.Profile.Email != "octocat@example.com" || u.TeamID != w.Team().ID || u.Deleted || u.IsBot || u.IsRestricted || u.IsStranger {
		t.Errorf("octocat: %+v", u)
	}
	if u := must[*slack.User](t)(w.api.GetUserInfo(guest.ID)); !u.IsRestricted || !u.IsUltraRestricted {
		t.Errorf("guest: %+v", u)
	}
	if u := must[*slack.User](t)(w.api.GetUserInfo(stranger.ID)); !u.IsStranger || u.TeamID != "T0OTHER" {
		t.Errorf("stranger: %+v", u)
	}
	bot, _ := w.User("penstock")
	if u := must[*slack.User](t)(w.api.GetUserInfo(bot.ID)); !u.IsBot {
		t.Errorf("bot: %+v", u)
	}
	if u := must[*slack.User](t)(w.api.GetUserByEmail("Octocat@example.com")); u.ID != w.octocat.ID {
		t.Errorf("by address: %+v", u)
	}
	if err := w.ChangeUser("octocat", func(u *emulator.User) { u.Deleted = true }); err != nil {
		t.Fatal(err)
	}
	if u := must[*slack.User](t)(w.api.GetUserInfo(w.octocat.ID)); !u.Deleted {
		t.Error("deactivated, and not said")
	}
	for _, email := range []string{"octocat@example.com", "stranger@example.org", "nobody@example.com"} {
		if _, err := w.api.GetUserByEmail(email); word(err) != "users_not_found" {
			t.Errorf("%s: %v", email, err)
		}
	}
	if _, err := w.api.GetUserInfo("U0NONE"); word(err) != "user_not_found" {
		t.Errorf("unknown: %v", err)
	}
}

func TestDirectMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	c, _, _, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{w.octocat.ID}})
	if err != nil {
		t.Fatal(err)
	}
	to, _, err := w.api.PostMessage(w.octocat.ID, slack.MsgOptionText("you can vote", false))
	if err != nil || to != c.ID || !strings.HasPrefix(to, "D") {
		t.Errorf("to %s, opened %s: %v", to, c.ID, err)
	}
	if _, _, err := w.api.PostMessage(c.ID, slack.MsgOptionText("still", false)); err != nil {
		t.Error(err)
	}
	if got := w.DirectMessages("octocat"); len(got) != 2 || got[0].Text != "you can vote" {
		t.Errorf("direct messages: %+v", got)
	}
	if err := w.ChangeUser("octocat", func(u *emulator.User) { u.Deleted = true }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.api.PostMessage(w.octocat.ID, slack.MsgOptionText("x", false)); word(err) != "user_disabled" {
		t.Errorf("deactivated: %v", err)
	}
}

func TestChannelsById(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	info := func(id string) (*slack.Channel, error) {
		return w.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: id})
	}
	if c := must[*slack.Channel](t)(info(w.channel.ID)); c.Name != "releases" || !c.IsMember || c.IsArchived || c.IsPrivate {
		t.Errorf("releases: %+v", c)
	}
	if err := w.ChangeChannel("releases", func(c *emulator.Channel) { c.Archived, c.Private = true, true }); err != nil {
		t.Fatal(err)
	}
	if c := must[*slack.Channel](t)(info(w.channel.ID)); !c.IsArchived || !c.IsPrivate {
		t.Errorf("changed: %+v", c)
	}
	w.SetScopes("channels:read")
	if _, err := info(w.channel.ID); word(err) != "missing_scope" {
		t.Errorf("private without groups:read: %v", err)
	}
	if _, err := info("C0NONE"); word(err) != "channel_not_found" {
		t.Errorf("unknown: %v", err)
	}
}

func TestWhoWouldHaveBeenPinged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	branch := "<!channel> & <@" + w.octocat.ID + ">"
	safe := slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, branch, false, false), nil, nil)
	if _, _, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText(branch, true), slack.MsgOptionBlocks(safe)); err != nil {
		t.Fatal(err)
	}
	if got := w.Pings("releases"); len(got) != 0 {
		t.Errorf("escaped text pinged %v", got)
	}
	if got := w.Messages("releases")[0].Plain; got != branch {
		t.Errorf("shown as %q", got)
	}
	for _, field := range []string{"text", "blocks", "context"} {
		text := slack.NewTextBlockObject(slack.MarkdownType, "look <@"+w.octocat.ID+"> <!here|here> <!subteam^S01|@ops> <#C1|x> <https://example.com|<!>", false, false)
		options := map[string][]slack.MsgOption{
			"text":    {slack.MsgOptionText(text.Text, false)},
			"blocks":  {slack.MsgOptionText("fallback", false), slack.MsgOptionBlocks(slack.NewSectionBlock(nil, []*slack.TextBlockObject{text}, nil))},
			"context": {slack.MsgOptionText("fallback", false), slack.MsgOptionBlocks(slack.NewContextBlock("", text))},
		}[field]
		_, ts, err := w.api.PostMessage(w.channel.ID, options...)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := w.Message("releases", ts)
		if want := []string{w.octocat.ID, "here", "subteam:S01"}; !slices.Equal(m.Pings, want) {
			t.Errorf("%s: pings %v, want %v", field, m.Pings, want)
		}
	}
}
