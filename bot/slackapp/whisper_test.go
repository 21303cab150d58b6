package slackapp_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestWhisperByResponseURL(t *testing.T) {
	t.Parallel()
	s := whole()
	s.answer("hooks.slack.com/actions/T0TEAM/1/x", 200, "ok")
	err := s.app(t).Whisper(t.Context(), slackapp.Whisper{ResponseURL: "https://hooks.slack.com/actions/T0TEAM/1/x", Channel: "C0SHOP", User: "U0CAT"},
		slackapp.Message{Text: "no", Thread: 1726000000_000100, Blocks: []slack.Block{slack.NewDividerBlock()}})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.calls) != 1 {
		t.Fatalf("sent %v", s.calls)
	}
	call := s.calls[0]
	var got any
	if err := json.Unmarshal([]byte(call.Body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"response_type": "ephemeral", "replace_original": false, "text": "no", "thread_ts": "1726000000.000100", "blocks": []any{map[string]any{"type": "divider"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if call.Header.Get("Authorization") != "" || strings.Contains(call.Body, "xoxb") {
		t.Error("the token went along")
	}
}

// Only Slack is sent answers to: not whatever a forged click names.
func TestWhisperOnlyToSlack(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://hooks.slack.com/actions/1", "https://hooks.slack.com.example.com/", "https://example.com/hooks.slack.com", "https://hooks.slack.com@example.com/",
		"https://user@hooks.slack.com/", "https://hooks.slack.com:8443/", "https://127.0.0.1/", "http://169.254.169.254/latest/meta-data", "https://evil.slack.com/",
		"//hooks.slack.com/", "https:hooks.slack.com/", "file:///etc/passwd", "https://\x00", "http://slack.com/api/",
	} {
		s := whole()
		if err := s.app(t).Whisper(t.Context(), slackapp.Whisper{ResponseURL: address, Channel: "C0SHOP", User: "U0CAT"}, slackapp.Message{Text: "no"}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if len(s.calls) != 1 || s.calls[0].Path != "/api/chat.postEphemeral" {
			t.Errorf("%s: asked %v", address, s.calls)
		}
	}
}

// A redirect is not followed, wherever Slack's address points.
func TestWhisperFollowsNoRedirects(t *testing.T) {
	t.Parallel()
	s := whole()
	s.answer("/actions/1", 307, ``, "Location", "http://169.254.169.254/latest/meta-data")
	to := slackapp.Whisper{ResponseURL: "https://hooks.slack.com/actions/1"}
	callstest.WantKind(t, s.app(t).Whisper(t.Context(), to, slackapp.Message{Text: "no"}), pipeline.Unavailable)
	if len(s.calls) != 1 {
		t.Errorf("asked %v", s.calls)
	}
}

// Each way that is closed leads to the next one.
func TestWhisperFindsAWay(t *testing.T) {
	t.Parallel()
	all := slackapp.Whisper{ResponseURL: "https://hooks.slack.com/r", Channel: "C0SHOP", User: "U0CAT"}
	for name, test := range map[string]struct {
		to        slackapp.Whisper
		response  string // status and body
		ephemeral string
		want      string
	}{
		"the response URL":               {all, `200 ok`, `{"ok":true,"message_ts":"1.000001"}`, "/r"},
		"it was used up":                 {all, `404 used_url`, `{"ok":true,"message_ts":"1.000001"}`, "/r /api/chat.postEphemeral"},
		"it was used up, says Slack":     {all, `200 {"ok":false,"error":"used_url"}`, `{"ok":true,"message_ts":"1.000001"}`, "/r /api/chat.postEphemeral"},
		"something else answers":         {all, `200 <html>`, `{"ok":true,"message_ts":"1.000001"}`, "/r /api/chat.postEphemeral"},
		"hooks do not answer":            {all, `503 busy`, `{"ok":true,"message_ts":"1.000001"}`, "/r /api/chat.postEphemeral"},
		"no response URL":                {slackapp.Whisper{Channel: "C0SHOP", User: "U0CAT"}, ``, `{"ok":true,"message_ts":"1.000001"}`, "/api/chat.postEphemeral"},
		"not in the channel":             {slackapp.Whisper{Channel: "C0SHOP", User: "U0CAT"}, ``, `{"ok":false,"error":"channel_not_found"}`, "/api/chat.postEphemeral /api/conversations.open /api/chat.postMessage"},
		"the person is not there either": {all, `404 used_url`, `{"ok":false,"error":"user_not_in_channel"}`, "/r /api/chat.postEphemeral /api/conversations.open /api/chat.postMessage"},
		"no channel":                     {slackapp.Whisper{User: "U0CAT"}, ``, ``, "/api/conversations.open /api/chat.postMessage"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.handle("/r", func(w http.ResponseWriter, _ *http.Request) {
				status, body, _ := strings.Cut(test.response, " ")
				callstest.Reply(w, map[string]int{"200": 200, "404": 404, "503": 503}[status], body)
			})
			s.answer("/api/chat.postEphemeral", 200, test.ephemeral)
			s.answer("/api/chat.postMessage", 200, postedAnswer)
			s.answer("/api/conversations.open", 200, `{"ok":true,"channel":{"id":"D0CAT"}}`)
			if err := s.app(t).Whisper(t.Context(), test.to, slackapp.Message{Text: "no", Thread: 1}); err != nil {
				t.Error(err)
			}
			var went []string
			for _, c := range s.calls {
				went = append(went, c.Path)
				if c.Path == "/api/chat.postMessage" && (c.Form.Get("channel") != "D0CAT" || c.Form.Has("thread_ts")) {
					t.Errorf("the direct message went to %v", c.Form)
				}
			}
			if got := strings.Join(went, " "); got != test.want {
				t.Errorf("went %s, want %s", got, test.want)
			}
		})
	}
}

func TestWhisperToNobody(t *testing.T) {
	t.Parallel()
	s := whole()
	callstest.WantKind(t, s.app(t).Whisper(t.Context(), slackapp.Whisper{Channel: "C0SHOP"}, slackapp.Message{Text: "no"}), pipeline.Invalid)
	if len(s.calls) != 0 {
		t.Errorf("asked %v", s.calls)
	}
}
