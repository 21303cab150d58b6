package slackapp_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
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

// One gate from the post to the buttons being gone, by either way.
func TestAGateInSlack(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"sockets", "requests"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			town := newTown(t, emulator.Options{}, wantReason)
			came := make(line, 10)
			if way == "sockets" {
				town.listen(t, came.accept)
			} else {
				town.register(t, came.accept)
			}
			posted, err := town.app.Post(t.Context(), slackapp.Message{Channel: town.channel.ID, Text: "May it go?", Blocks: gateBlocks()})
			if err != nil {
				t.Fatal(err)
			}
			message := town.Messages("releases")[0]
			receipt, err := town.Click("octocat", "releases", message.TS, "penstock.reject")
			if err != nil || !receipt.Acknowledged {
				t.Fatal(receipt.Saw, err)
			}
			click := next[slackapp.Click](t, came)
			if click.User != town.octocat.ID || click.Team != town.Team().ID || click.UserTeam != click.Team || click.App != town.App().ID ||
				click.Channel != town.channel.ID || click.MessageTS != posted.TS || click.ActionID != "penstock.reject" || click.Value != "run:gate" || click.At.IsZero() {
				t.Errorf("%+v", click)
			}
			if err := town.app.OpenModal(t.Context(), click.TriggerID, voteModal()); err != nil {
				t.Fatal(err)
			}
			callstest.WantKind(t, town.app.OpenModal(t.Context(), click.TriggerID, voteModal()), pipeline.Conflict, "click again")
			modal, _ := town.Modal("octocat")
			receipt, err = town.Submit("octocat", modal.ID, map[string]string{"reason": " \n "})
			if err != nil || receipt.Errors["reason"] != "Say why, in a few words." {
				t.Fatal(receipt, err)
			}
			receipt, err = town.Submit("octocat", modal.ID, map[string]string{"reason": "It is late."})
			if err != nil || !receipt.Acknowledged {
				t.Fatal(receipt.Saw, err)
			}
			if _, open := town.Modal("octocat"); open {
				t.Error("the modal is still open")
			}
			submission := next[slackapp.Submission](t, came)
			if submission.Values["reason"] != "It is late." || submission.CallbackID != "penstock.vote" || submission.Metadata != `{"verdict":"reject"}` ||
				submission.User != town.octocat.ID || submission.Team != town.Team().ID {
				t.Errorf("%+v", submission)
			}
			if err := town.app.Update(t.Context(), posted.Channel, posted.TS, slackapp.Message{Text: "Rejected."}); err != nil {
				t.Fatal(err)
			}
			if m := town.Messages("releases")[0]; len(m.Buttons) != 0 || m.Text != "Rejected." {
				t.Errorf("%+v", m)
			}
			if err := town.app.Whisper(t.Context(), slackapp.Whisper{ResponseURL: click.ResponseURL}, slackapp.Message{Text: "Noted."}); err != nil {
				t.Fatal(err)
			}
			if told := town.Ephemerals("octocat"); len(told) != 1 || told[0].Text != "Noted." {
				t.Errorf("told %+v", told)
			}
			if _, err := town.Slash("octocat", "releases", "/penstock", "status shop"); err != nil {
				t.Fatal(err)
			}
			if c := next[slackapp.SlashCommand](t, came); c.Command != "/penstock" || c.Text != "status shop" || c.User != town.octocat.ID || c.Channel != town.channel.ID {
				t.Errorf("%+v", c)
			}
		})
	}
}

// A replayed request is the same event; forged ones are none.
func TestAttacksOnTheDoor(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	shelf := &shelf{}
	town.register(t, shelf.accept)
	if _, err := town.app.Post(t.Context(), slackapp.Message{Channel: town.channel.ID, Text: "May it go?", Blocks: gateBlocks()}); err != nil {
		t.Fatal(err)
	}
	ts := town.Messages("releases")[0].TS
	for name, trick := range map[string]emulator.Trick{
		"wrong secret": emulator.WrongSecret(), "unsigned": emulator.Unsigned(), "stale": emulator.Aged(301 * time.Second), "future": emulator.Aged(-310 * time.Second),
		"changed": emulator.Changed(func(body map[string]any) { body["trigger_id"] = "9.9.9" }),
	} {
		p, err := town.ClickPayload("octocat", "releases", ts, "penstock.approve")
		if err != nil {
			t.Fatal(err)
		}
		if receipt, err := town.Deliver(p, trick); err != nil || receipt.Acknowledged || receipt.Status != 401 {
			t.Errorf("%s: %+v %v", name, receipt, err)
		}
	}
	if _, times := shelf.count(); times != 0 {
		t.Fatalf("%d were stored", times)
	}
	receipt, err := town.Click("octocat", "releases", ts, "penstock.approve")
	if err != nil || !receipt.Acknowledged {
		t.Fatal(receipt, err)
	}
	for range 3 {
		if again, err := town.Replay(receipt); err != nil || !again.Acknowledged {
			t.Error(again, err)
		}
	}
	if stored, times := shelf.count(); stored != 1 || times != 4 {
		t.Errorf("%d stored of %d", stored, times)
	}
}

// The acknowledgement is lost with its socket, sockets are announced to end, and Slack
// is away for a while: every click that arrived is stored, and the next ones arrive.
func TestSocketsComeBackToSlack(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	came := make(line, 10)
	town.listen(t, came.accept)
	if _, err := town.app.Post(t.Context(), slackapp.Message{Channel: town.channel.ID, Text: "May it go?", Blocks: gateBlocks()}); err != nil {
		t.Fatal(err)
	}
	ts := town.Messages("releases")[0].TS
	press := func() (emulator.Receipt, slackapp.Click) {
		t.Helper()
		receipt, err := town.Click("octocat", "releases", ts, "penstock.approve")
		if err != nil {
			t.Fatal(err)
		}
		return receipt, next[slackapp.Click](t, came)
	}
	town.CutAfterNext()
	receipt, cut := press()
	if receipt.Acknowledged || cut.Value != "run:gate" {
		t.Errorf("cut: %+v %+v", receipt, cut)
	}
	for name, trouble := range map[string]func(){
		"announced": func() { town.Disconnect("warning") },
		"cut":       town.CutSockets,
		"down and back": func() {
			town.Down(true)
			town.await(t, func(v *emulator.View) bool { return v.Connections() == 0 })
			town.Down(false)
		},
	} {
		trouble()
		town.await(t, func(v *emulator.View) bool { return v.Connections() >= 1 })
		if receipt, click := press(); !receipt.Acknowledged || click.ID == cut.ID {
			t.Errorf("%s: %+v", name, receipt)
		}
	}
	town.await(t, func(v *emulator.View) bool { return v.Connections() == 2 })
}

func TestWhoPeopleAreInSlack(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	home := town.Team().ID
	for name, test := range map[string]struct {
		user emulator.User
		want slackapp.User
	}{
		"plain":       {emulator.User{Name: "hubot", RealName: "H", Email: "h@example.com"}, slackapp.User{Team: home, Name: "hubot", RealName: "H", Email: "h@example.com", EmailConfirmed: true}},
		"guest":       {emulator.User{Name: "guest", Restricted: true}, slackapp.User{Team: home, Name: "guest", RealName: "guest", Guest: true}},
		"small guest": {emulator.User{Name: "small", UltraRestricted: true}, slackapp.User{Team: home, Name: "small", RealName: "small", Guest: true}},
		"bot":         {emulator.User{Name: "robot", Bot: true}, slackapp.User{Team: home, Name: "robot", RealName: "robot", Bot: true}},
		"gone":        {emulator.User{Name: "gone", Deleted: true}, slackapp.User{Team: home, Name: "gone", RealName: "gone", Deleted: true}},
		"stranger":    {emulator.User{Name: "other", Team: "T0OTHER", Stranger: true}, slackapp.User{Team: "T0OTHER", Name: "other", RealName: "other", Stranger: true}},
		"of another":  {emulator.User{Name: "another", Team: "T0OTHER"}, slackapp.User{Team: "T0OTHER", Name: "another", RealName: "another", Stranger: true}},
	} {
		u, err := town.AddUser(test.user)
		if err != nil {
			t.Fatal(err)
		}
		test.want.ID = u.ID
		if got, err := town.app.User(t.Context(), u.ID); err != nil || got != test.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, test.want)
		}
	}
	_, err := town.app.User(t.Context(), "U0NOBODY")
	callstest.WantKind(t, err, pipeline.NotFound)
	if err := town.ChangeUser("octocat", func(u *emulator.User) { u.Deleted = true }); err != nil {
		t.Fatal(err)
	}
	if got, err := town.app.User(t.Context(), town.octocat.ID); err != nil || !got.Deleted {
		t.Errorf("who has just left: %+v %v", got, err)
	}
}

func TestChannelsAndTheWorkspace(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	for range 3 {
		w, err := town.app.Workspace(t.Context())
		if err != nil || w.TeamID != town.Team().ID || w.BotUserID == "" || w.BotID == "" || w.TeamName == "" || !strings.HasPrefix(w.URL, "http") {
			t.Fatalf("%+v %v", w, err)
		}
	}
	if n := town.Calls("auth.test"); n != 1 {
		t.Errorf("asked %d times who we are", n)
	}
	private, err := town.AddChannel(emulator.Channel{Name: "secret", Private: true})
	if err != nil {
		t.Fatal(err)
	}
	old, err := town.AddChannel(emulator.Channel{Name: "old", Archived: true, WithoutBot: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []slackapp.Channel{
		{ID: town.channel.ID, Name: "releases", Member: true}, {ID: private.ID, Name: "secret", Member: true, Private: true}, {ID: old.ID, Name: "old", Archived: true},
	} {
		if got, err := town.app.Channel(t.Context(), want.ID); err != nil || got != want {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
	}
	if _, err := town.app.Post(t.Context(), slackapp.Message{Channel: old.ID, Text: "x"}); pipeline.KindOf(err) != pipeline.Forbidden || slackapp.Code(err) != "is_archived" {
		t.Errorf("archived: %v", err)
	}
	for range 3 {
		if d, err := town.app.Direct(t.Context(), town.octocat.ID); err != nil || d == "" {
			t.Error(d, err)
		}
	}
	if n := town.Calls("conversations.open"); n != 1 {
		t.Errorf("opened the direct channel %d times", n)
	}
}

// With Slack's limits switched on, our pace stays below them for hours.
func TestOurPaceIsBelowSlacks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	town := newTown(t, emulator.Options{Clock: clock}, func(o *slackapp.Options) { o.Now = clock })
	town.EnforceRateLimits(true)
	other, err := town.AddChannel(emulator.Channel{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	posted, err := town.app.Post(t.Context(), slackapp.Message{Channel: town.channel.ID, Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	sent, held := 0, 0
	for range 600 {
		for _, err := range []error{
			func() error {
				_, err := town.app.Post(t.Context(), slackapp.Message{Channel: other.ID, Text: "x"})
				return err
			}(),
			town.app.Update(t.Context(), posted.Channel, posted.TS, slackapp.Message{Text: "y"}),
		} {
			switch {
			case err == nil:
				sent++
			case calls.NotSent(err):
				held++
			default:
				t.Fatal(err)
			}
		}
		mu.Lock()
		now = now.Add(250 * time.Millisecond)
		mu.Unlock()
	}
	if sent < 240 || held < 500 {
		t.Errorf("%d sent, %d held", sent, held)
	}
	for _, c := range town.Log() {
		if c.Error != "" {
			t.Errorf("%s: %s", c.Method, c.Error)
		}
	}
}

// Slack did what we asked and its answer was lost: that is not "not sent".
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	town := newTown(t, emulator.Options{})
	town.Inject(emulator.Match{Method: "chat.postMessage", Count: 1}, emulator.LoseReply())
	_, err := town.app.Post(t.Context(), slackapp.Message{Channel: town.channel.ID, Text: "x"})
	callstest.WantKind(t, err, pipeline.Unavailable)
	if calls.NotSent(err) {
		t.Error("it was sent")
	}
	if n := len(town.Messages("releases")); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// What is called and how it went is told for metrics.
func TestOnCall(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	town := newTown(t, emulator.Options{}, func(o *slackapp.Options) {
		o.OnCall = func(method, result string, took time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, method+" "+result)
			if took < 0 || took > time.Minute || (took == 0) != (result == "held") {
				t.Errorf("%s %s took %s", method, result, took)
			}
		}
	})
	post := func(channel string) {
		_, _ = town.app.Post(t.Context(), slackapp.Message{Channel: channel, Text: "x"})
	}
	post(town.channel.ID)
	post("C0NOWHERE")
	for _, trouble := range []emulator.Trouble{emulator.ServerError(503), emulator.RateLimited(time.Minute)} {
		town.Inject(emulator.Match{Method: "chat.postMessage", Count: 1}, trouble)
		post(town.channel.ID)
	}
	post(town.channel.ID)
	want := "[chat.postMessage ok chat.postMessage channel_not_found chat.postMessage 5xx chat.postMessage limited chat.postMessage held]"
	if got := fmt.Sprint(told); got != want {
		t.Errorf("told %s", got)
	}
}
