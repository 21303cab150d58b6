package slackapp_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// Slack gives each click to one socket of the app. So a second server with the same app
// takes clicks away from the first: it says so, and one server alone never does, not even
// when its sockets are renewed.
func TestSocketsOfAnotherServerAreNoticed(t *testing.T) {
	t.Parallel()
	const word = "more sockets of this app"
	first, second := &watched{told: make(chan struct{}, 100)}, &watched{told: make(chan struct{}, 100)}
	town := newTown(t, emulator.Options{}, logTo(first))
	town.listen(t, (&shelf{}).accept)
	town.Disconnect("refresh_requested")
	town.await(t, func(v *emulator.View) bool { return v.Connections() == 2 && v.Calls("apps.connections.open") == 4 })
	if strings.Contains(first.text(), word) {
		t.Errorf("one server alone says\n%s", first.text())
	}
	installed := town.App()
	other := newApp(t, logTo(second), func(o *slackapp.Options) {
		o.BotToken, o.AppToken, o.SigningSecret, o.APIURL = installed.BotToken, installed.AppToken, installed.SigningSecret, town.APIURL()
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- other.Listen(ctx, (&shelf{}).accept) }()
	t.Cleanup(func() { cancel(); <-ended })
	for !strings.Contains(second.text(), word) {
		select {
		case <-second.told:
		case <-time.After(20 * time.Second):
			t.Fatalf("the second server says\n%s", second.text())
		}
	}
}
