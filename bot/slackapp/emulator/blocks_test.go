package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// messages is what Slack said exactly.
func messages(err error) string {
	var e slack.SlackErrorResponse
	if !errors.As(err, &e) {
		return ""
	}
	return strings.Join(e.ResponseMetadata.Messages, "\n")
}

// postRaw posts blocks that slack-go could not even write.
func (w *world) postRaw(t *testing.T, blocks string) (answer struct {
	OK       bool
	Error    string
	Metadata struct{ Messages []string } `json:"response_metadata"`
}) {
	t.Helper()
	r, err := http.PostForm(w.APIURL()+"chat.postMessage", url.Values{"token": {w.app.BotToken}, "channel": {w.channel.ID}, "text": {"x"}, "blocks": {blocks}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestBlockKitsLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	x := func(n int) string { return strings.Repeat("é", n) }
	plain := func(n int) string { return fmt.Sprintf(`{"type":"plain_text","text":%q}`, x(n)) }
	mrkdwn := func(n int) string { return fmt.Sprintf(`{"type":"mrkdwn","text":%q}`, x(n)) }
	times := func(n int, s func(int) string) string {
		var all []string
		for i := range n {
			all = append(all, s(i))
		}
		return strings.Join(all, ",")
	}
	one := func(int) string { return plain(1) }
	button := func(more string) string {
		return `{"type":"button","action_id":"a","text":{"type":"plain_text","text":"Go"}` + more + `}`
	}
	buttons := func(n int) string {
		return times(n, func(i int) string {
			return fmt.Sprintf(`{"type":"button","action_id":"a%d","text":{"type":"plain_text","text":"x"}}`, i)
		})
	}
	actions := func(elements string) string { return `{"type":"actions","elements":[` + elements + `]}` }
	confirm := func(title, text, yes, no int) string {
		return fmt.Sprintf(`,"confirm":{"title":%s,"text":%s,"confirm":%s,"deny":%s}`, plain(title), plain(text), plain(yes), plain(no))
	}
	for _, c := range []struct{ name, good, bad, at string }{
		{"section text", `{"type":"section","text":` + mrkdwn(3000) + `}`, `{"type":"section","text":` + mrkdwn(3001) + `}`, "/blocks/0/text/text"},
		{"empty section text", `{"type":"section","text":` + mrkdwn(1) + `}`, `{"type":"section","text":` + mrkdwn(0) + `}`, "/blocks/0/text/text"},
		{"section without", `{"type":"section","fields":[` + plain(1) + `]}`, `{"type":"section"}`, "/blocks/0"},
		{"section fields", `{"type":"section","fields":[` + times(10, one) + `]}`, `{"type":"section","fields":[` + times(11, one) + `]}`, "/blocks/0/fields"},
		{"field", `{"type":"section","fields":[` + mrkdwn(2000) + `]}`, `{"type":"section","fields":[` + mrkdwn(2001) + `]}`, "/blocks/0/fields/0/text"},
		{"header", `{"type":"header","text":` + plain(150) + `}`, `{"type":"header","text":` + plain(151) + `}`, "/blocks/0/text/text"},
		{"header kind", `{"type":"header","text":` + plain(1) + `}`, `{"type":"header","text":` + mrkdwn(1) + `}`, "/blocks/0/text/type"},
		{"context", `{"type":"context","elements":[` + times(10, one) + `]}`, `{"type":"context","elements":[` + times(11, one) + `]}`, "/blocks/0/elements"},
		{"actions", actions(buttons(25)), actions(buttons(26)), "/blocks/0/elements"},
		{"no actions", actions(buttons(1)), actions(""), "/blocks/0/elements"},
		{"block_id", `{"type":"divider","block_id":"` + x(255) + `"}`, `{"type":"divider","block_id":"` + x(256) + `"}`, "/blocks/0/block_id"},
		{"same block_id", `{"type":"divider","block_id":"a"},{"type":"divider","block_id":"b"}`, `{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`, "/blocks/1/block_id"},
		{"same action_id", actions(buttons(2)), actions(button("") + "," + button("")), "/blocks/0/elements/1/action_id"},
		{"same action_id elsewhere", actions(buttons(1)), actions(button("")) + "," + actions(button("")), "/blocks/1/elements/0/action_id"},
		{"button text", actions(`{"type":"button","text":` + plain(75) + `}`), actions(`{"type":"button","text":` + plain(76) + `}`), "/blocks/0/elements/0/text/text"},
		{"button value", actions(button(`,"value":"` + x(2000) + `"`)), actions(button(`,"value":"` + x(2001) + `"`)), "/blocks/0/elements/0/value"},
		{"button url", actions(button(`,"url":"https://a.b/` + strings.Repeat("x", 2988) + `"`)), actions(button(`,"url":"https://a.b/` + strings.Repeat("x", 2989) + `"`)), "/blocks/0/elements/0/url"},
		{"no url", actions(button(`,"url":"https://a.b/"`)), actions(button(`,"url":"a.b"`)), "/blocks/0/elements/0/url"},
		{"style", actions(button(`,"style":"danger"`)), actions(button(`,"style":"blue"`)), "/blocks/0/elements/0/style"},
		{"confirm title", actions(button(confirm(100, 300, 30, 30))), actions(button(confirm(101, 300, 30, 30))), "/blocks/0/elements/0/confirm/title/text"},
		{"confirm text", actions(button(confirm(1, 300, 30, 30))), actions(button(confirm(1, 301, 30, 30))), "/blocks/0/elements/0/confirm/text/text"},
		{"confirm", actions(button(confirm(1, 1, 30, 30))), actions(button(confirm(1, 1, 31, 30))), "/blocks/0/elements/0/confirm/confirm/text"},
		{"unknown block", `{"type":"divider"}`, `{"type":"banner"}`, "/blocks/0/type"},
		{"unknown element", actions(button("")), actions(`{"type":"lever"}`), "/blocks/0/elements/0/type"},
		{"text that is none", `{"type":"header","text":` + plain(1) + `}`, `{"type":"header","text":"hello"}`, "/blocks/0/text"},
		{"blocks", times(50, func(int) string { return `{"type":"divider"}` }), times(51, func(int) string { return `{"type":"divider"}` }), "/blocks"},
	} {
		if got := w.postRaw(t, "["+c.good+"]"); !got.OK {
			t.Errorf("%s: good: %s %v", c.name, got.Error, got.Metadata.Messages)
		}
		got := w.postRaw(t, "["+c.bad+"]")
		if got.OK || got.Error != "invalid_blocks" || len(got.Metadata.Messages) != 1 || !strings.Contains(got.Metadata.Messages[0], "[json-pointer:"+c.at+"]") {
			t.Errorf("%s: bad: %+v", c.name, got)
		}
	}
	if got := w.postRaw(t, "{"); got.Error != "invalid_blocks_format" {
		t.Errorf("no JSON: %+v", got)
	}
	if got := w.postRaw(t, `[{"type":"divider"},`+times(5, func(int) string { return `{"type":"section","text":` + mrkdwn(2700) + `}` })+`]`); got.Error != "msg_blocks_too_long" {
		t.Errorf("all together: %+v", got)
	}
}

func TestTextHasLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	_, ts, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText(strings.Repeat("x", 40_001), false))
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := w.Message("releases", ts); len(m.Text) != 40_000 {
		t.Errorf("%d characters", len(m.Text))
	}
	if _, _, _, err := w.api.UpdateMessage(w.channel.ID, ts, slack.MsgOptionText(strings.Repeat("x", 4_001), false)); word(err) != "msg_too_long" {
		t.Errorf("update: %v", err)
	}
	if _, _, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText(" ", false)); word(err) != "no_text" {
		t.Errorf("nothing: %v", err)
	}
}

func TestErrorsOfBlocksReachTheRealClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	b := slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, strings.Repeat("x", 3001), false, false), nil, nil)
	_, _, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(b))
	if word(err) != "invalid_blocks" || messages(err) != "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]" {
		t.Errorf("%v: %s", err, messages(err))
	}
}
