package slackapp_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// town is an emulated Slack with a channel, somebody in it, and our app.
type town struct {
	*emulator.Slack
	app     *slackapp.App
	channel emulator.Channel
	octocat emulator.User
}

func newTown(t *testing.T, o emulator.Options, change ...func(*slackapp.Options)) *town {
	t.Helper()
	sl, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sl.Close() })
	installed, err := sl.AddApp(emulator.App{})
	if err != nil {
		t.Fatal(err)
	}
	town := &town{Slack: sl}
	if town.channel, err = sl.AddChannel(emulator.Channel{Name: "releases"}); err != nil {
		t.Fatal(err)
	}
	if town.octocat, err = sl.AddUser(emulator.User{Name: "octocat", RealName: "Mona", Email: "octocat@example.com"}); err != nil {
		t.Fatal(err)
	}
	town.app = newApp(t, append([]func(*slackapp.Options){func(o *slackapp.Options) {
		o.BotToken, o.AppToken, o.SigningSecret, o.APIURL = installed.BotToken, installed.AppToken, installed.SigningSecret, sl.APIURL()
	}}, change...)...)
	return town
}

// listen takes what people do over sockets, until the test ends.
func (town *town) listen(t *testing.T, accept slackapp.Accept) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- town.app.Listen(ctx, accept) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	town.await(t, func(v *emulator.View) bool { return v.Connections() == 2 })
}

// register takes what people do as requests.
func (town *town) register(t *testing.T, accept slackapp.Accept) {
	e := echo.New()
	town.app.Register(e, accept)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	town.SetRequestURL(server.URL + slackapp.WebhookPath)
}

func (town *town) await(t *testing.T, condition func(*emulator.View) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := town.Await(ctx, condition); err != nil {
		t.Fatal(err)
	}
}

// line is an Accept that hands on what it is given.
type line chan slackapp.Received

func (l line) accept(_ context.Context, r slackapp.Received) error { l <- r; return nil }

// next is what came next, parsed.
func next[T any](t *testing.T, l line) T {
	t.Helper()
	select {
	case r := <-l:
		got, err := slackapp.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		typed, ok := got.(T)
		if !ok {
			t.Fatalf("got %T", got)
		}
		return typed
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func gateBlocks() []slack.Block {
	button := func(action, text string) *slack.ButtonBlockElement {
		return slack.NewButtonBlockElement(action, "run:gate", slack.NewTextBlockObject(slack.PlainTextType, text, false, false))
	}
	return []slack.Block{slack.NewActionBlock("gate", button("penstock.approve", "Approve"), button("penstock.reject", "Reject"))}
}

func voteModal() slack.ModalViewRequest {
	plain := func(text string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
	}
	field := slack.NewPlainTextInputBlockElement(nil, "reason")
	field.Multiline = true
	return slack.ModalViewRequest{Type: slack.VTModal, CallbackID: "penstock.vote", PrivateMetadata: `{"verdict":"reject"}`,
		Title: plain("Reject"), Submit: plain("Reject"), Close: plain("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("reason", plain("Why?"), nil, field)}}}
}
