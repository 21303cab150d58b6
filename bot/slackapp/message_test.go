package slackapp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const postedAnswer = `{"ok":true,"channel":"C0SHOP","ts":"1726000000.000100","message":{}}`

func TestPost(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("/api/chat.postMessage", 200, postedAnswer)
	block := slack.NewSectionBlock(slack.NewTextBlockObject("plain_text", "hello", false, false), nil, nil)
	got, err := s.app(t).Post(t.Context(), slackapp.Message{
		Channel: "C0SHOP", Thread: 1725000000_000007, Broadcast: true, Text: "a &amp; b", Blocks: []slack.Block{block}})
	if err != nil || got != (slackapp.Posted{Channel: "C0SHOP", TS: 1726000000_000100}) {
		t.Fatal(got, err)
	}
	call := s.seen("/api/chat.postMessage")[0]
	for name, want := range map[string]string{
		"token": botToken, "channel": "C0SHOP", "thread_ts": "1725000000.000007", "reply_broadcast": "true", "text": "a &amp; b",
		"unfurl_links": "false", "unfurl_media": "false", "blocks": `[{"type":"section","text":{"type":"plain_text","text":"hello","emoji":false}}]`,
	} {
		if call.Form.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, call.Form.Get(name), want)
		}
	}
	if agent := call.Header.Get("User-Agent"); agent != "penstock" {
		t.Errorf("user agent %q", agent)
	}
}

// An update without blocks takes the old ones away: Slack keeps what is not
// mentioned, buttons too.
func TestUpdateTakesTheButtonsAway(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("/api/chat.update", 200, postedAnswer)
	if err := s.app(t).Update(t.Context(), "C0SHOP", 1726000000_000100, slackapp.Message{Text: "over"}); err != nil {
		t.Fatal(err)
	}
	form := s.seen("/api/chat.update")[0].Form
	if form.Get("blocks") != "[]" || form.Get("ts") != "1726000000.000100" || form.Get("channel") != "C0SHOP" || form.Has("thread_ts") {
		t.Errorf("sent %v", form)
	}
}

func TestUpdateOfADeletedMessage(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("/api/chat.update", 200, `{"ok":false,"error":"message_not_found"}`)
	err := s.app(t).Update(t.Context(), "C0SHOP", 1726000000_000100, slackapp.Message{Text: "over"})
	callstest.WantKind(t, err, pipeline.NotFound, "C0SHOP", "deleted")
	if slackapp.Code(err) != "message_not_found" {
		t.Errorf("code %q", slackapp.Code(err))
	}
}

// What makes no sense is not sent.
func TestMessagesThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStub()
	a := s.app(t)
	_, err := a.Post(t.Context(), slackapp.Message{Channel: "#general", Text: "x"})
	callstest.WantKind(t, err, pipeline.Invalid, "#general")
	_, err = a.Post(t.Context(), slackapp.Message{Channel: "C0SHOP"})
	callstest.WantKind(t, err, pipeline.Invalid, "text")
	callstest.WantKind(t, a.Update(t.Context(), "C0SHOP", 0, slackapp.Message{Text: "x"}), pipeline.Invalid)
	_, err = a.User(t.Context(), "octocat&user=U1")
	callstest.WantKind(t, err, pipeline.Invalid)
	_, err = a.Channel(t.Context(), "")
	callstest.WantKind(t, err, pipeline.Invalid)
	_, err = a.Direct(t.Context(), "")
	callstest.WantKind(t, err, pipeline.Invalid)
	callstest.WantKind(t, a.OpenModal(t.Context(), "", slack.ModalViewRequest{}), pipeline.Invalid)
	if len(s.calls) != 0 {
		t.Errorf("sent %v", s.calls)
	}
}

// Something else than Slack that answers 200 has not posted anything.
func TestAnswersThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"ok":true}`, `{"ok":false}`, `<html>Welcome to our guest network</html>`, ``, `[]`, `{"ok":true,"channel":"C0SHOP","ts":"soon"}`} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.handle("/", func(w http.ResponseWriter, _ *http.Request) { callstest.Reply(w, 200, body) })
			a := s.app(t)
			_, err := a.Post(t.Context(), slackapp.Message{Channel: "C0SHOP", Text: "x"})
			callstest.WantKind(t, err, pipeline.Unavailable, "makes no sense")
			if calls.NotSent(err) {
				t.Error("it was sent")
			}
			callstest.WantKind(t, a.Update(t.Context(), "C0SHOP", 1, slackapp.Message{Text: "x"}), pipeline.Unavailable)
			if !strings.Contains(body, `"ok":true`) { // which is all that opening a modal wants to hear
				callstest.WantKind(t, a.OpenModal(t.Context(), "1.2.3", slack.ModalViewRequest{}), pipeline.Unavailable)
			}
			_, err = a.Workspace(t.Context())
			callstest.WantKind(t, err, pipeline.Unavailable)
			_, err = a.Channel(t.Context(), "C0SHOP")
			callstest.WantKind(t, err, pipeline.Unavailable)
			_, err = a.Direct(t.Context(), "U0CAT")
			callstest.WantKind(t, err, pipeline.Unavailable)
		})
	}
}
