package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/bot/web/api"
)

// clicks measures how long it takes from the form behind Approve being sent in Slack,
// over the socket, to every door showing the decision: the gate's check and comment,
// the commit's status, Slack's message without buttons, the API. Slack's rate limits
// are off, as GitHub's are; Penstock keeps to its own pace, which is below them, so
// votes come as far apart as that takes a message, two replies and two edits.
func (h *house) clicks(ctx context.Context, count int) ([]row, error) {
	repository, err := h.repository(clicksRepository, voteFile)
	if err != nil {
		return nil, err
	}
	if err := h.voter(repository); err != nil {
		return nil, err
	}
	took := doors{}
	for i := range count + 1 {
		select {
		case <-time.After(slackPace):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		shown, err := h.oneClick(ctx, repository, i)
		if err != nil {
			return nil, fmt.Errorf("click %d: %w", i, err)
		}
		if i == 0 {
			continue // fetches tokens
		}
		took.add(shown)
	}
	var rows []row
	for _, door := range []string{everyDoor, "the gate's check", "the gate's comment", "the commit's status", "the message in Slack", "the API"} {
		rows = append(rows, took.row("Approve's form in Slack", door, fmt.Sprintf("%d votes, rate limits off", count)))
	}
	return rows, nil
}

// slackPace is how far apart votes are: three posts in a channel take as many seconds.
const slackPace = 3 * time.Second

// oneClick opens a pull request, approves its gate in Slack, and says when each door
// showed that.
func (h *house) oneClick(ctx context.Context, repository string, n int) (map[string]time.Duration, error) {
	number, sha, err := h.pull(repository, n)
	if err != nil {
		return nil, err
	}
	if err := h.asked(ctx, repository, number, sha, 1); err != nil {
		return nil, err
	}
	var runs api.Runs
	if err := h.ask(ctx, "/runs?sha="+sha, &runs); err != nil {
		return nil, err
	}
	if len(runs.Runs) != 1 {
		return nil, fmt.Errorf("commit %s has %d runs", sha, len(runs.Runs))
	}
	gate, form, err := h.formOf(ctx, sha)
	if err != nil {
		return nil, err
	}
	h.github.ForgetWrites()
	sent := time.Now()
	receipt, err := h.slack.Submit("hubot", form.ID, nil)
	switch {
	case err != nil:
		return nil, err
	case receipt.Saw != "" || len(receipt.Errors) > 0:
		return nil, fmt.Errorf("the form: slack shows %q, %v", receipt.Saw, receipt.Errors)
	}
	answered, err := h.approved(ctx, runs.Runs[0].ID)
	if err != nil {
		return nil, err
	}
	if err := h.await(ctx, repository, sha); err != nil {
		return nil, err
	}
	err = h.awaitSlack(ctx, "the message without buttons", func(v *slackemulator.View) bool {
		now, ok := v.Message("releases", gate.TS)
		return ok && !asks(now)
	})
	if err != nil {
		return nil, err
	}
	shown := map[string]time.Duration{"the API": answered.Sub(sent)}
	for _, c := range h.slack.Log() {
		_, seen := shown["the message in Slack"]
		if c.Method == "chat.update" && c.TS == gate.TS && c.Error == "" && c.At.After(sent) && !seen {
			shown["the message in Slack"] = c.At.Sub(sent)
		}
	}
	for _, w := range h.github.Writes() {
		door := ""
		switch {
		case strings.Contains(w.Path, "/check-runs") && bytes.Contains(w.Body, []byte("approve production")):
			door = "the gate's check"
		case w.Method == http.MethodPatch && strings.Contains(w.Path, "/issues/comments/") && bytes.Contains(w.Body, []byte("penstock:gate:")):
			door = "the gate's comment"
		case strings.HasSuffix(w.Path, "/statuses/"+sha):
			door = "the commit's status"
		}
		if _, seen := shown[door]; door != "" && !seen {
			shown[door] = w.Received.Sub(sent)
		}
	}
	if len(shown) != 5 {
		return nil, fmt.Errorf("the decision is not shown at every door: %v", shown)
	}
	return shown, nil
}

// formOf waits for a commit's gate in Slack, presses Approve, and waits for the form.
func (h *house) formOf(ctx context.Context, sha string) (gate slackemulator.Message, form slackemulator.Modal, err error) {
	err = h.awaitSlack(ctx, "the gate's message", func(v *slackemulator.View) bool {
		for _, m := range v.Messages("releases") {
			if asks(m) && strings.Contains(m.Plain, sha[:7]) {
				gate = m
			}
		}
		return gate.TS != "" && v.Connections() > 0
	})
	if err != nil {
		return gate, form, err
	}
	receipt, err := h.slack.Click("hubot", "releases", gate.TS, "penstock.approve")
	switch {
	case err != nil:
		return gate, form, err
	case receipt.Saw != "":
		return gate, form, fmt.Errorf("the click: slack shows %s", receipt.Saw)
	}
	err = h.awaitSlack(ctx, "the form", func(v *slackemulator.View) (open bool) {
		form, open = v.Modal("hubot")
		return open
	})
	return gate, form, err
}

func (h *house) awaitSlack(ctx context.Context, what string, condition func(*slackemulator.View) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%s in Slack: not within %s", what, patience))
	defer cancel()
	return h.slack.Await(ctx, condition)
}

// asks is whether a message has the buttons of an open gate.
func asks(m slackemulator.Message) bool {
	return slices.ContainsFunc(m.Buttons, func(b slackemulator.Button) bool { return b.ActionID == "penstock.approve" })
}
