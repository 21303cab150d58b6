package emulator_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

func TestTroubleOnDemand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	post := func() error {
		_, _, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText("hi", false))
		return err
	}
	posted := func() int { return len(w.Messages("releases")) }
	method := emulator.Match{Method: "chat.postMessage", Count: 2}

	trouble := w.Inject(method, emulator.ServerError(http.StatusInternalServerError))
	for range 2 {
		var status slack.StatusCodeError
		if err := post(); !errors.As(err, &status) || status.Code != 500 {
			t.Errorf("500: %v", err)
		}
	}
	if err := post(); err != nil || trouble.Hits() != 2 || posted() != 1 {
		t.Errorf("afterwards: %v, %d hits, %d posted", err, trouble.Hits(), posted())
	}
	w.Inject(method, emulator.RateLimited(7*time.Second))
	for range 2 {
		var limited *slack.RateLimitedError
		if err := post(); !errors.As(err, &limited) || limited.RetryAfter != 7*time.Second {
			t.Errorf("429: %v", err)
		}
	}
	refused := w.Inject(emulator.Match{}, emulator.Refuse("internal_error"))
	if _, err := w.api.AuthTest(); word(err) != "internal_error" {
		t.Errorf("refused: %v", err)
	}
	refused.Remove()
	w.Inject(emulator.Match{Method: "chat.postMessage", Count: 1}, emulator.LoseReply())
	if err := post(); err == nil || posted() != 2 {
		t.Errorf("a lost reply: %v, %d posted", err, posted())
	}
	w.Inject(emulator.Match{Method: "chat.postMessage", Count: 1}, emulator.Double())
	if err := post(); err != nil || posted() != 4 {
		t.Errorf("doubled: %v, %d posted", err, posted())
	}
	hang := w.Inject(emulator.Match{Method: "chat.postMessage", Count: 1}, emulator.Hang())
	done := make(chan error, 1)
	go func() { done <- post() }()
	for changed := w.Changed(); hang.Hits() == 0; changed = w.Changed() {
		if hang.Hits() == 0 {
			<-changed
		}
	}
	select {
	case err := <-done:
		t.Errorf("it did not hang: %v", err)
	default:
	}
	hang.Release()
	if err := <-done; err != nil || posted() != 5 {
		t.Errorf("released: %v, %d posted", err, posted())
	}
	w.Down(true)
	if err := post(); err == nil {
		t.Error("posted to a Slack that is down")
	}
	w.Down(false)
	if err := post(); err != nil {
		t.Errorf("back again: %v", err)
	}
}

func TestRateLimitsWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	now := newClock()
	w := newWorld(t, emulator.Options{Clock: now.Now})
	other := must[emulator.Channel](t)(w.AddChannel(emulator.Channel{Name: "other"}))
	post := func(channel string) error {
		_, _, err := w.api.PostMessage(channel, slack.MsgOptionText("hi", false))
		return err
	}
	for range 20 {
		if err := post(w.channel.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.EnforceRateLimits(true)
	n := 0
	var limited *slack.RateLimitedError
	for ; n < 20 && limited == nil; n++ {
		if err := post(w.channel.ID); err != nil && !errors.As(err, &limited) {
			t.Fatal(err)
		}
	}
	if n != 5 || limited == nil || limited.RetryAfter != time.Second {
		t.Errorf("after %d messages: %v", n, limited)
	}
	if err := post(other.ID); err != nil {
		t.Errorf("another channel: %v", err)
	}
	now.add(time.Second)
	if err := post(w.channel.ID); err != nil {
		t.Errorf("a second later: %v", err)
	}
	if err := post(w.channel.ID); err == nil {
		t.Error("two in a second")
	}
	var err error
	for n = 0; n < 200 && err == nil; n++ {
		_, err = w.api.GetUserInfo(w.octocat.ID)
	}
	if n != 101 || !errors.As(err, &limited) || limited.RetryAfter != time.Minute {
		t.Errorf("tier 4: after %d: %v", n, err)
	}
	now.add(time.Minute)
	if _, err := w.api.GetUserInfo(w.octocat.ID); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestRequestsAsTheyComeByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	do := func(method, kind, token, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.APIURL()+method, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", method, answer.Status)
		}
		return string(text)
	}
	const form, asJSON = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	bot := w.app.BotToken
	for _, c := range []struct{ name, got, want string }{
		{"form, token in the header", do("chat.postMessage", form, bot, "channel="+w.channel.ID+"&text=a"), `"ok":true`},
		{"form, token in the form", do("chat.postMessage", form, "", "token="+bot+"&channel="+w.channel.ID+"&text=b"), `"ok":true`},
		{"JSON", do("chat.postMessage", asJSON, bot, `{"channel":"`+w.channel.ID+`","blocks":[{"type":"divider"}],"unfurl_links":false}`), `"ok":true`},
		{"bad JSON", do("chat.postMessage", asJSON, bot, `{`), `"error":"invalid_json"`},
		{"another kind of body", do("chat.postMessage", "text/xml", bot, `<a/>`), `"error":"invalid_post_type"`},
		{"unknown method", do("chat.shout", form, bot, ""), `"error":"unknown_method"`},
		{"metadata", do("chat.postMessage", asJSON, bot, `{"channel":"`+w.channel.ID+`","text":"c","metadata":{"event_type":"gate","event_payload":{"id":1}}}`), `"event_type":"gate"`},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %s", c.name, c.got)
		}
	}
	if got := w.Messages("releases"); len(got) != 4 || string(got[3].Metadata) == "" {
		t.Errorf("messages: %+v", got)
	}
}
