package emulator_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// world is a workspace with an app, a channel and two people.
type world struct {
	*emulator.Slack
	app     emulator.App
	api     *slack.Client
	channel emulator.Channel
	octocat emulator.User
	hubot   emulator.User
}

func newWorld(t *testing.T, o emulator.Options) *world {
	t.Helper()
	s, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{Slack: s}
	if w.app, err = s.AddApp(emulator.App{}); err != nil {
		t.Fatal(err)
	}
	if w.channel, err = s.AddChannel(emulator.Channel{Name: "releases"}); err != nil {
		t.Fatal(err)
	}
	w.octocat = w.user(t, emulator.User{Name: "octocat", RealName: "The Octocat", Email: "octocat@example.com"})
	w.hubot = w.user(t, emulator.User{Name: "hubot", Email: "hubot@example.com"})
	w.api = w.client(t, w.app.BotToken)
	return w
}

func (w *world) user(t *testing.T, u emulator.User) emulator.User {
	t.Helper()
	u, err := w.AddUser(u)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// client is a real client. Connections are its own, so that nothing outlives the test.
func (w *world) client(t *testing.T, token string, more ...slack.Option) *slack.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	options := []slack.Option{slack.OptionAPIURL(w.APIURL()), slack.OptionHTTPClient(&http.Client{Transport: transport, Timeout: 20 * time.Second})}
	return slack.New(token, append(options, more...)...)
}

func (w *world) await(t *testing.T, what string, condition func(*emulator.View) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.Await(ctx, condition); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

// gateBlocks is a message with the buttons of a gate.
func gateBlocks() []slack.Block {
	button := func(id, text, value string) *slack.ButtonBlockElement {
		return slack.NewButtonBlockElement(id, value, slack.NewTextBlockObject(slack.PlainTextType, text, false, false))
	}
	link := button("penstock.run", "View run", "")
	link.URL = "https://penstock.example/runs/1"
	return []slack.Block{
		slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, "Deploy shop to production?", false, false)),
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*octocat/shop* on `main` by <https://github.com/octocat|octocat>", false, false), nil, nil),
		slack.NewActionBlock("gate", button("penstock.approve", "Approve", "run:gate"), button("penstock.reject", "Reject", "run:gate"), link),
	}
}

func (w *world) postGate(t *testing.T) string {
	t.Helper()
	_, ts, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText("Deploy shop to production?", true), slack.MsgOptionBlocks(gateBlocks()...))
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

// reasonModal asks for a reason.
func reasonModal() slack.ModalViewRequest {
	text := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	input := slack.NewPlainTextInputBlockElement(nil, "reason")
	input.Multiline = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: text("Reject"), Submit: text("Reject"), Close: text("Cancel"),
		CallbackID: "penstock.vote", PrivateMetadata: `{"verdict":"reject"}`,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("reason", text("Reason"), nil, input)}},
	}
}

// word is Slack's word for what was wrong, "" for nothing.
func word(err error) string {
	var e slack.SlackErrorResponse
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Err
	}
	return "not Slack's: " + err.Error()
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
