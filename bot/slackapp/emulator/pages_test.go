package emulator_test

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// page is what somebody sees of a channel.
func (w *world) page(t *testing.T, who, channel string) string {
	t.Helper()
	r, err := http.Get(w.URL() + "/?as=" + who + "&channel=" + channel)
	return shown(t, r, err)
}

// press sends a form of the page and answers with the page it leads to.
func (w *world) press(t *testing.T, form string, values url.Values) string {
	t.Helper()
	r, err := http.PostForm(w.URL()+form, values)
	return shown(t, r, err)
}

// shown is what an answer shows.
func shown(t *testing.T, r *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v", r.Status, err)
	}
	return string(body)
}

func contains(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, text := range want {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q:\n%s", text, page)
		}
	}
}

func TestThePageShowsWhatOnePersonSees(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	ts := w.postGate(t)
	hostile := "<script>alert(1)</script> *bold* <!channel>"
	blocks := slack.MsgOptionBlocks(
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "_<https://example.com/?a=1&b=2|a \"link\">_ <javascript:alert(1)|no> `*code*` &lt;b&gt; <@"+w.octocat.ID+">", false, false),
			[]*slack.TextBlockObject{slack.NewTextBlockObject(slack.PlainTextType, hostile, false, false)}, nil),
		slack.NewDividerBlock(), slack.NewContextBlock("", slack.NewTextBlockObject(slack.PlainTextType, "small print", false, false)))
	if _, _, err := w.api.PostMessage(w.channel.ID, slack.MsgOptionText(hostile, true), slack.MsgOptionTS(ts), blocks); err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.PostEphemeral(w.channel.ID, w.hubot.ID, slack.MsgOptionText("you may not", false)); err != nil {
		t.Fatal(err)
	}
	page := w.page(t, "octocat", "releases")
	contains(t, page, "<h3>Deploy shop to production?</h3>", `value="`+ts+` penstock.approve">Approve</button>`, "1 reply", "small print",
		`<i><a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">a &#34;link&#34;</a></i>`,
		"<code>*code*</code>", "&lt;b&gt;", `<span class="mention">@octocat</span>`, "&lt;script&gt;alert(1)&lt;/script&gt; *bold* &lt;!channel&gt;")
	for _, bad := range []string{"<script>alert", "javascript:", "you may not"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	contains(t, w.page(t, "hubot", "releases"), "Only visible to you", "you may not")
	if r, err := http.Get(w.URL() + "/archives/" + w.channel.ID + "/p" + strings.Replace(ts, ".", "", 1)); err != nil || r.Request.URL.Query().Get("channel") != w.channel.ID {
		t.Errorf("permalink: %v", err)
	} else {
		_ = r.Body.Close()
	}
}

func TestOneCanActOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	w.listen(t, func(_ *socketmode.Client, e socketmode.Event) any {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			return map[string]string{"text": "nothing waits"}
		case slack.InteractionCallback:
			if data.Type == slack.InteractionTypeBlockActions {
				if _, err := w.api.OpenView(data.TriggerID, reasonModal()); err != nil {
					t.Error(err)
				}
			} else if data.View.State.Values["reason"]["reason"].Value == "bad" {
				return slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "Say more."})
			}
		}
		return empty{}
	})
	w.await(t, "the connection", connected(1))
	ts := w.postGate(t)
	who := func(more ...string) url.Values {
		v := url.Values{"as": {"octocat"}, "channel": {w.channel.ID}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	contains(t, w.press(t, "/-/click", who("press", ts+" penstock.reject")), "<dialog open", "Reason", `name="value.reason"`)
	m, _ := w.Modal("octocat")
	contains(t, w.press(t, "/-/submit", who("view", m.ID, "value.reason", "bad")), "Say more.", ">bad</textarea>")
	if page := w.press(t, "/-/submit", who("view", m.ID, "value.reason", "too late")); strings.Contains(page, "<dialog") {
		t.Error("the modal is still open")
	}
	w.press(t, "/-/click", who("press", ts+" penstock.reject"))
	if page := w.press(t, "/-/close", who()); strings.Contains(page, "<dialog") {
		t.Error("the modal was not closed")
	}
	contains(t, w.press(t, "/-/say", who("text", "/penstock status")), "nothing waits")
	contains(t, w.press(t, "/-/say", who("text", "<b>hello</b>")), "&lt;b&gt;hello&lt;/b&gt;")
	contains(t, w.press(t, "/-/say", who("text", "/other")), `role="alert"`, "/other")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL()+"/-/click", strings.NewReader(who("press", ts+" penstock.reject").Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("a page elsewhere pressed a button: %s", answer.Status)
	}
}

func TestThePageHearsOfChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	r, err := http.Get(w.URL() + "/-/live")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(r.Body); scan.Scan(); {
			if scan.Text() != "" {
				lines <- scan.Text()
			}
		}
	}()
	hear := func() {
		t.Helper()
		select {
		case line := <-lines:
			if line != "data: changed" {
				t.Fatalf("heard %q", line)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("heard nothing")
		}
	}
	hear() // at the start
	w.postGate(t)
	hear()
}
