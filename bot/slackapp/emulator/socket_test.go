package emulator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// listen runs a real Socket Mode client until the test ends. Every event with an
// envelope goes to handle, whose answer acknowledges it; nil acknowledges nothing.
func (w *world) listen(t *testing.T, handle func(*socketmode.Client, socketmode.Event) any) {
	t.Helper()
	w.listenEvery(t, 10*time.Second, handle)
}

// listenEvery expects a ping so often.
func (w *world) listenEvery(t *testing.T, ping time.Duration, handle func(*socketmode.Client, socketmode.Event) any) {
	t.Helper()
	c := socketmode.New(w.client(t, w.app.BotToken, slack.OptionAppLevelToken(w.app.AppToken)), socketmode.OptionPingInterval(ping))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = c.RunContext(ctx) })
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-c.Events:
				if e.Request == nil || e.Request.EnvelopeID == "" {
					continue
				}
				if answer := handle(c, e); answer != nil {
					_ = c.Ack(*e.Request, answer)
				}
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// empty acknowledges without a payload.
type empty struct{}

func (empty) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func connected(n int) func(*emulator.View) bool {
	return func(v *emulator.View) bool { return v.Connections() == n }
}

func TestSocketModeCarriesClicksSubmissionsAndCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	w.listen(t, func(_ *socketmode.Client, e socketmode.Event) any {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			return map[string]any{"text": data.Command + " " + data.Text + " by " + data.UserName}
		case slack.InteractionCallback:
			if data.Type == slack.InteractionTypeBlockActions {
				if _, err := w.api.OpenView(data.TriggerID, reasonModal()); err != nil {
					t.Error(err)
				}
				return empty{}
			}
			if data.View.State.Values["reason"]["reason"].Value == "bad" {
				return slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "Say more."})
			}
		}
		return empty{}
	})
	w.await(t, "the connection", connected(1))
	ts := w.postGate(t)
	r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.reject"))
	if !r.Acknowledged || r.Saw != "" {
		t.Fatalf("click: %+v", r)
	}
	m, open := w.Modal("octocat")
	if !open || m.Title != "Reject" || m.CallbackID != "penstock.vote" || m.PrivateMetadata != `{"verdict":"reject"}` || len(m.Inputs) != 1 || !m.Inputs[0].Multiline {
		t.Fatalf("modal: %+v", m)
	}
	if _, open := w.Modal("hubot"); open {
		t.Error("somebody else has the modal open")
	}
	if _, err := w.Submit("octocat", m.ID, nil); err == nil {
		t.Error("an empty reason was let through")
	}
	r = must[emulator.Receipt](t)(w.Submit("octocat", m.ID, map[string]string{"reason": "bad"}))
	if m, open = w.Modal("octocat"); !open || r.Errors["reason"] != "Say more." || m.Errors["reason"] != "Say more." || m.Inputs[0].Value != "bad" {
		t.Fatalf("with errors: %+v, %+v", r, m)
	}
	r = must[emulator.Receipt](t)(w.Submit("octocat", m.ID, map[string]string{"reason": "too late today"}))
	if _, open := w.Modal("octocat"); open || !r.Acknowledged {
		t.Errorf("still open: %+v", r)
	}
	r = must[emulator.Receipt](t)(w.Slash("hubot", "releases", "/penstock", "status shop"))
	if e := w.Ephemerals("hubot"); !r.Acknowledged || len(e) != 1 || e[0].Text != "/penstock status shop by hubot" {
		t.Errorf("command: %+v, %+v", r, e)
	}
}

func TestPayloadsOfAClickSayEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	got := make(chan slack.InteractionCallback, 1)
	w.listen(t, func(_ *socketmode.Client, e socketmode.Event) any {
		got <- e.Data.(slack.InteractionCallback)
		return empty{}
	})
	w.await(t, "the connection", connected(1))
	ts := w.postGate(t)
	r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve"))
	c := <-got
	action := c.ActionCallback.BlockActions[0]
	if c.Type != slack.InteractionTypeBlockActions || c.User.ID != w.octocat.ID || c.User.TeamID != w.Team().ID || c.Team.ID != w.Team().ID ||
		c.APIAppID != w.app.ID || c.Channel.ID != w.channel.ID || c.Container.MessageTs != ts || c.Container.ChannelID != w.channel.ID ||
		c.Message.Timestamp != ts || len(c.Message.Blocks.BlockSet) != 3 || c.TriggerID != r.TriggerID || c.ResponseURL != r.ResponseURL {
		t.Errorf("payload: %+v", c)
	}
	if action.ActionID != "penstock.approve" || action.Value != "run:gate" || action.BlockID != "gate" || action.ActionTs == "" || action.Type != "button" {
		t.Errorf("action: %+v", action)
	}
}

func TestWhatIsNotAcknowledgedFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{AckTimeout: 50 * time.Millisecond})
	ts := w.postGate(t)
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); r.Acknowledged || r.Saw != "dispatch_failed" {
		t.Errorf("nobody connected: %+v", r)
	}
	w.listen(t, func(*socketmode.Client, socketmode.Event) any { return nil })
	w.await(t, "the connection", connected(1))
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); r.Acknowledged || r.Saw != "operation_timeout" {
		t.Errorf("no answer: %+v", r)
	}
}

func TestEventsGoToOneOfSeveralConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	var mu sync.Mutex
	counts := [2]int{}
	for i := range counts {
		w.listen(t, func(*socketmode.Client, socketmode.Event) any {
			mu.Lock()
			defer mu.Unlock()
			counts[i]++
			return empty{}
		})
	}
	w.await(t, "both connections", connected(2))
	ts := w.postGate(t)
	for range 6 {
		if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); !r.Acknowledged {
			t.Fatalf("%+v", r)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if counts != [2]int{3, 3} {
		t.Errorf("counts %v", counts)
	}
}

func TestTheClientComesBackAfterDisconnectAndCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	w.listen(t, func(*socketmode.Client, socketmode.Event) any { return empty{} })
	w.await(t, "the connection", connected(1))
	ts := w.postGate(t)
	for name, trouble := range map[string]func(){
		"warning": func() { w.Disconnect("warning") }, "refresh": func() { w.Disconnect("refresh_requested") }, "cut": w.CutSockets,
		"down": func() { w.Down(true); w.Down(false) },
	} {
		opened := w.Calls("apps.connections.open")
		trouble()
		w.await(t, name, func(v *emulator.View) bool { return v.Connections() == 1 && v.Calls("apps.connections.open") > opened })
		if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); !r.Acknowledged {
			t.Errorf("after %s: %+v", name, r)
		}
	}
}

func TestAConnectionCutInMidClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	w.listen(t, func(*socketmode.Client, socketmode.Event) any { return empty{} })
	w.await(t, "the connection", connected(1))
	ts := w.postGate(t)
	w.CutAfterNext()
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); r.Acknowledged || r.Saw == "" {
		t.Errorf("acknowledged: %+v", r)
	}
	w.await(t, "the next connection", connected(1))
	if r := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.approve")); !r.Acknowledged {
		t.Errorf("afterwards: %+v", r)
	}
}

// dial connects by hand.
func (w *world) dial(t *testing.T, url string) (*websocket.Conn, int) {
	t.Helper()
	c, answer, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	if err != nil {
		if answer == nil {
			t.Fatal(err)
		}
		return nil, answer.StatusCode
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, answer.StatusCode
}

func (w *world) ticket(t *testing.T) string {
	t.Helper()
	_, url, err := w.client(t, w.app.BotToken, slack.OptionAppLevelToken(w.app.AppToken)).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func next(t *testing.T, c *websocket.Conn) map[string]any {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	var m map[string]any
	if err := c.ReadJSON(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestConnectionsAreTenAtMostAndAddressesGoodOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	url := w.ticket(t)
	first, _ := w.dial(t, url)
	hello := next(t, first)
	if hello["type"] != "hello" || hello["num_connections"] != 1.0 || hello["debug_info"] == nil {
		t.Errorf("hello: %v", hello)
	}
	if _, status := w.dial(t, url); status != http.StatusForbidden {
		t.Errorf("the second use of an address: %d", status)
	}
	for range 9 {
		c, _ := w.dial(t, w.ticket(t))
		next(t, c)
	}
	c, _ := w.dial(t, w.ticket(t))
	if m := next(t, c); m["type"] != "disconnect" || m["reason"] != "too_many_websockets" {
		t.Errorf("the eleventh: %v", m)
	}
	if _, _, err := w.client(t, w.app.BotToken, slack.OptionAppLevelToken(w.app.BotToken)).StartSocketModeContext(t.Context()); word(err) != "not_allowed_token_type" {
		t.Errorf("with a bot token: %v", err)
	}
}

func TestLargeAnswersAreDroppedWithoutAWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{AckTimeout: 200 * time.Millisecond})
	c, _ := w.dial(t, w.ticket(t))
	next(t, c)
	w.await(t, "the connection", connected(1))
	done := make(chan emulator.Receipt, 1)
	go func() {
		r, _ := w.Slash("octocat", "releases", "/penstock", "help")
		done <- r
	}()
	envelope := next(t, c)
	if envelope["accepts_response_payload"] != true || envelope["type"] != "slash_commands" {
		t.Errorf("envelope: %v", envelope)
	}
	large, _ := json.Marshal(map[string]any{"envelope_id": envelope["envelope_id"], "payload": map[string]any{"text": string(make([]byte, 20_000))}})
	if err := c.WriteMessage(websocket.TextMessage, large); err != nil {
		t.Fatal(err)
	}
	if r := <-done; r.Acknowledged {
		t.Errorf("taken: %+v", r)
	}
}

func TestAClientThatHearsNoPingsComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{PingInterval: 5 * time.Millisecond})
	w.listenEvery(t, 100*time.Millisecond, func(*socketmode.Client, socketmode.Event) any { return empty{} })
	w.await(t, "the connection", connected(1))
	w.StopPings()
	w.await(t, "another connection", func(v *emulator.View) bool { return v.Calls("apps.connections.open") > 1 })
}

func TestAConnectionAnswersForItselfAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{AckTimeout: 200 * time.Millisecond})
	var both [2]*websocket.Conn
	for i := range both {
		both[i], _ = w.dial(t, w.ticket(t))
		next(t, both[i])
	}
	w.await(t, "both connections", connected(2))
	done := make(chan emulator.Receipt, 1)
	go func() {
		r, _ := w.Slash("octocat", "releases", "/penstock", "help")
		done <- r
	}()
	got := make(chan int, 2)
	ids := make(chan any, 2)
	for i, c := range both {
		go func() {
			var m map[string]any
			if c.ReadJSON(&m) == nil {
				got <- i
				ids <- m["envelope_id"]
			}
		}()
	}
	other := both[1-<-got]
	if err := other.WriteJSON(map[string]any{"envelope_id": <-ids}); err != nil {
		t.Fatal(err)
	}
	if r := <-done; r.Acknowledged {
		t.Errorf("the other connection answered: %v", r)
	}
}
