package slackapp_test

import (
	"testing"

	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

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
