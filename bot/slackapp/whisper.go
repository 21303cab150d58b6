package slackapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// Whisper says to whom something is said that nobody else sees, and where.
type Whisper struct {
	// ResponseURL came with the person's click or command, and is good for half an
	// hour; empty if there is none.
	ResponseURL string
	Channel     string
	User        string
}

// Whisper tells one person something: by the response URL if there is one of
// Slack's, else in the channel, else, where the app is not in the channel, as a
// direct message. Kind Invalid if nothing names a person.
func (a *App) Whisper(ctx context.Context, to Whisper, m Message) error {
	if m.Text == "" {
		return pipeline.Errorf(pipeline.Invalid, "Slack: a message needs a text")
	}
	var last error = pipeline.Errorf(pipeline.Invalid, "Slack: nobody is named to be told something")
	if a.mayRespond(to.ResponseURL) {
		if last = a.respond(ctx, to.ResponseURL, m); last == nil || ctx.Err() != nil {
			return last
		}
	}
	if checkID("user", to.User) != nil {
		return last
	}
	if checkID("channel", to.Channel) == nil {
		m.Channel = to.Channel
		if last = a.ephemeral(ctx, to.User, m); last == nil || pipeline.KindOf(last) == pipeline.Unavailable || errors.Is(last, ErrAccess) {
			return last
		}
	}
	channel, err := a.direct(ctx, to.User, true)
	if err != nil {
		return err
	}
	m.Channel, m.Thread, m.Broadcast = channel, 0, false
	_, err = a.post(ctx, m, true)
	return err
}

// ephemeral posts what one person in a channel sees.
func (a *App) ephemeral(ctx context.Context, user string, m Message) error {
	c := call{method: methodEphemeral, channel: m.Channel, what: "Slack channel " + m.Channel + ": tell one person", timeout: Timeout, waited: true}
	return a.do(ctx, c, func(ctx context.Context) error {
		ts, err := a.client.PostEphemeralContext(ctx, m.Channel, user, m.options()...)
		if err == nil && ts == "" {
			return strange()
		}
		return err
	})
}

// mayRespond reports whether a URL is one of Slack's for responses: a forged one
// could make us ask other machines for something.
func (a *App) mayRespond(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Opaque != "" || u.Host == "" {
		return false
	}
	if u.Scheme == "https" && u.Port() == "" && strings.EqualFold(u.Host, "hooks.slack.com") {
		return true
	}
	return u.Scheme == a.api.Scheme && strings.EqualFold(u.Host, a.api.Host)
}

// respond posts to a response URL. It goes without a token.
func (a *App) respond(ctx context.Context, address string, m Message) error {
	body, err := json.Marshal(struct {
		ResponseType    string        `json:"response_type"`
		ReplaceOriginal bool          `json:"replace_original"`
		Text            string        `json:"text"`
		Blocks          []slack.Block `json:"blocks,omitempty"`
		Thread          string        `json:"thread_ts,omitempty"`
	}{slack.ResponseTypeEphemeral, false, m.Text, m.Blocks, threadOf(m)})
	if err != nil {
		return pipeline.Errorf(pipeline.Invalid, "answer in Slack: the blocks cannot be written")
	}
	return a.do(ctx, call{method: methodResponse, what: "answer in Slack", timeout: Timeout, waited: true}, func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return pipeline.Errorf(pipeline.Invalid, "the response URL makes no sense")
		}
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		answer, err := a.http.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // the word ok, or an object when it is refused
		var refused struct {
			OK *bool `json:"ok"`
		}
		_ = json.Unmarshal(said, &refused)
		text := strings.TrimSpace(string(said))
		switch {
		case answer.StatusCode == http.StatusOK && (text == "ok" || text == "" || refused.OK != nil && *refused.OK):
			return nil
		case answer.StatusCode == http.StatusOK && refused.OK != nil:
			return pipeline.Errorf(pipeline.NotFound, "the way to answer is over")
		case answer.StatusCode >= 400 && answer.StatusCode < 500:
			return pipeline.Errorf(pipeline.NotFound, "the way to answer is over (%d)", answer.StatusCode)
		}
		return strange()
	})
}

func threadOf(m Message) string {
	if m.Thread == 0 {
		return ""
	}
	return formatTimestamp(m.Thread)
}
