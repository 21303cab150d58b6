package report_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// littleSlack is a workspace with a channel and an app that is sent clicks and
// submissions.
func littleSlack(t *testing.T) (s *emulator.Slack, api *slack.Client, channel string, interactions <-chan slack.InteractionCallback) {
	t.Helper()
	s, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	got := make(chan slack.InteractionCallback, 10)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		i, err := slack.InteractionCallbackParse(r)
		if err != nil {
			t.Error(err)
		}
		got <- i
	}))
	t.Cleanup(app.Close)
	a, err := s.AddApp(emulator.App{RequestURL: app.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddUser(emulator.User{Name: "octocat"}); err != nil {
		t.Fatal(err)
	}
	c, err := s.AddChannel(emulator.Channel{Name: "releases"})
	if err != nil {
		t.Fatal(err)
	}
	return s, slack.New(a.BotToken, slack.OptionAPIURL(s.APIURL())), c.ID, got
}

// Slack takes the message of every scene, the longest one too, and takes its modal: the
// click and the submission bring back what was rendered.
func TestSlackTakesIt(t *testing.T) {
	t.Parallel()
	s, api, channel, interactions := littleSlack(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	post := func(name string, m report.SlackMessage) string {
		_, ts, err := api.PostMessageContext(ctx, channel, slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return ts
	}
	for _, scene := range gateScenes() {
		run := newRun()
		gate := scene.set(run)
		post(scene.name, renderer().SlackGate(run, gate, nil))
		post(scene.name, renderer().SlackDecision(run, gate))
	}
	failed := newRun()
	buildFailed(failed)
	post("failed", renderer().SlackNote(failed, report.SlackFailed, slackTail()))

	run := newRun()
	gate := production(run)
	gate.ID = "01939f3e-0000-7000-8000-000000000002"
	ts := post("gate", renderer().SlackGate(run, gate, []string{"U0"}))
	if _, err := s.Click("octocat", channel, ts, report.SlackReject); err != nil {
		t.Fatal(err)
	}
	click := <-interactions
	if e, g, ok := report.ParseSlackGateValue(click.ActionCallback.BlockActions[0].Value); !ok || e != run.Execution.ID || g != gate.ID {
		t.Fatalf("the click brings back %q", click.ActionCallback.BlockActions[0].Value)
	}
	view := renderer().SlackVoteModal(run, gate, pipeline.Reject, report.SlackVoteSeen{Channel: channel, Message: 1726000000000100})
	if _, err := api.OpenViewContext(ctx, click.TriggerID, view); err != nil {
		t.Fatal(err)
	}
	modal, _ := s.Modal("octocat")
	if _, err := s.Submit("octocat", modal.ID, map[string]string{report.SlackReasonBlock: "not on a Friday"}); err != nil {
		t.Fatal(err)
	}
	submission := <-interactions
	seen, err := report.ParseSlackVoteMetadata(submission.View.PrivateMetadata)
	if err != nil || seen.Verdict != pipeline.Reject || seen.Gate != gate.ID || seen.SHA != sha || seen.Channel != channel {
		t.Errorf("the submission brings back %+v, %v", seen, err)
	}
	if reason := submission.View.State.Values[report.SlackReasonBlock][report.SlackReasonAction].Value; reason != "not on a Friday" {
		t.Errorf("the reason is %q", reason)
	}
}
