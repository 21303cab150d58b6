package emulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// receiver is an app in HTTP mode that verifies with the real library.
type receiver struct {
	mu           sync.Mutex
	interactions []slack.InteractionCallback
	commands     []slack.SlashCommand
	headers      []http.Header
	answer       string
	status       int
}

func (w *world) receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		v, err := slack.NewSecretsVerifier(req.Header, w.app.SigningSecret)
		if err == nil {
			_, _ = v.Write(body)
			err = v.Ensure()
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusUnauthorized)
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		r.take(rw, req)
	}))
	t.Cleanup(server.Close)
	w.SetRequestURL(server.URL + "/webhooks/slack")
	return r
}

func (r *receiver) take(rw http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.headers = append(r.headers, req.Header.Clone())
	if req.FormValue("payload") != "" {
		if c, err := slack.InteractionCallbackParse(req); err == nil {
			r.interactions = append(r.interactions, c)
		}
	} else if c, err := slack.SlashCommandParse(req); err == nil {
		r.commands = append(r.commands, c)
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(r.status)
	_, _ = io.WriteString(rw, r.answer)
}

func (r *receiver) set(status int, answer any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.answer = status, ""
	if answer != nil {
		raw, _ := json.Marshal(answer)
		r.answer = string(raw)
	}
}

func TestRequestsAreSignedAsSlackSigns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	app := w.receive(t)
	ts := w.postGate(t)
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.reject")); !r.Acknowledged || r.Status != http.StatusOK {
		t.Fatalf("click: %+v", r)
	}
	c := app.interactions[0]
	if c.User.ID != w.octocat.ID || c.ActionCallback.BlockActions[0].Value != "run:gate" {
		t.Errorf("click: %+v", c)
	}
	if h := app.headers[0]; h.Get("Content-Type") != "application/x-www-form-urlencoded" || h.Get("User-Agent") == "" {
		t.Errorf("headers: %v", h)
	}
	if _, err := w.api.OpenView(c.TriggerID, reasonModal()); err != nil {
		t.Fatal(err)
	}
	m, _ := w.Modal("octocat")
	app.set(http.StatusOK, slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "Say more."}))
	if r := must[emulator.Receipt](t)(w.Submit("octocat", m.ID, map[string]string{"reason": "no"})); r.Errors["reason"] != "Say more." {
		t.Errorf("submission: %+v", r)
	}
	app.set(http.StatusOK, nil)
	if r := must[emulator.Receipt](t)(w.Submit("octocat", m.ID, map[string]string{"reason": "too late"})); !r.Acknowledged {
		t.Errorf("submission: %+v", r)
	}
	v := app.interactions[2]
	if v.Type != slack.InteractionTypeViewSubmission || v.View.ID != m.ID || v.View.Hash == "" || v.View.CallbackID != "penstock.vote" ||
		v.View.PrivateMetadata != `{"verdict":"reject"}` || v.View.State.Values["reason"]["reason"].Value != "too late" || v.APIAppID != w.app.ID || v.Team.ID != w.Team().ID {
		t.Errorf("submission: %+v", v)
	}
	app.set(http.StatusOK, map[string]string{"response_type": "in_channel", "text": "approved"})
	if r := must[emulator.Receipt](t)(w.Slash("hubot", "#releases", "/penstock", "approve production <!here> & go")); !r.Acknowledged {
		t.Errorf("command: %+v", r)
	}
	s := app.commands[0]
	if s.Command != "/penstock" || s.Text != "approve production &lt;!here&gt; &amp; go" || s.UserID != w.hubot.ID || s.ChannelID != w.channel.ID || s.TeamID != w.Team().ID || s.APIAppID != w.app.ID || s.TriggerID == "" || s.ResponseURL == "" {
		t.Errorf("command: %+v", s)
	}
	if all := w.Messages("releases"); all[len(all)-1].Text != "approved" {
		t.Errorf("answer: %+v", all)
	}
}

func TestAttacksOnTheRequestURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	app := w.receive(t)
	ts := w.postGate(t)
	p := must[emulator.Payload](t)(w.ClickPayload("octocat", "releases", ts, "penstock.approve"))
	evil := func(body map[string]any) { body["user"] = map[string]any{"id": w.hubot.ID} }
	for name, trick := range map[string]emulator.Trick{
		"another secret": emulator.WrongSecret(), "no signature": emulator.Unsigned(), "old": emulator.Aged(6 * time.Minute),
		"future": emulator.Aged(-6 * time.Minute), "changed": emulator.Changed(evil),
	} {
		if r := must[emulator.Receipt](t)(w.Deliver(p, trick)); r.Status != http.StatusUnauthorized || r.Acknowledged || r.Saw != "dispatch_failed" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if len(app.interactions) != 0 {
		t.Fatalf("let through: %+v", app.interactions)
	}
	first := must[emulator.Receipt](t)(w.Deliver(p, emulator.Aged(time.Minute)))
	again := must[emulator.Receipt](t)(w.Replay(first))
	if !first.Acknowledged || !again.Acknowledged {
		t.Errorf("a replay within five minutes: %+v, %+v", first, again)
	}
	if a, b := app.headers[0], app.headers[1]; a.Get("X-Slack-Signature") != b.Get("X-Slack-Signature") || a.Get("X-Slack-Request-Timestamp") != b.Get("X-Slack-Request-Timestamp") {
		t.Error("the replay has another signature")
	}
	if app.interactions[0].TriggerID != app.interactions[1].TriggerID {
		t.Error("the replay has another trigger")
	}
	must[emulator.Receipt](t)(w.Deliver(p, emulator.FromTeam("T0OTHER")))
	must[emulator.Receipt](t)(w.Deliver(p, emulator.FromApp("A0OTHER")))
	must[emulator.Receipt](t)(w.Deliver(p, emulator.Edited(evil)))
	if c := app.interactions[2]; c.Team.ID != "T0OTHER" || c.User.TeamID != "T0OTHER" {
		t.Errorf("another team: %+v", c.Team)
	}
	if c := app.interactions[3]; c.APIAppID != "A0OTHER" || c.Team.ID != w.Team().ID {
		t.Errorf("another app: %+v", c)
	}
	if c := app.interactions[4]; c.User.ID != w.hubot.ID {
		t.Errorf("edited: %+v", c.User)
	}
	w.SetRequestURL("")
	if _, err := w.Deliver(p, emulator.WrongSecret()); err == nil {
		t.Error("a signature was forged on a socket")
	}
}

func TestAnAppThatAnswersBadlyOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{AckTimeout: 100 * time.Millisecond})
	app := w.receive(t)
	ts := w.postGate(t)
	app.set(http.StatusInternalServerError, nil)
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); r.Acknowledged || r.Saw != "dispatch_failed" || r.Status != 500 {
		t.Errorf("500: %+v", r)
	}
	held := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
	defer slow.Close()
	defer close(held)
	w.SetRequestURL(slow.URL)
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); r.Acknowledged || r.Saw != "operation_timeout" {
		t.Errorf("slow: %+v", r)
	}
	w.SetRequestURL("http://127.0.0.1:1/")
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); r.Acknowledged || r.Saw == "" {
		t.Errorf("nobody there: %+v", r)
	}
	w.Down(true)
	if _, err := w.Click("octocat", "releases", ts, "penstock.approve"); err == nil {
		t.Error("somebody clicked in a Slack that is down")
	}
}
