package slackapp_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

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
