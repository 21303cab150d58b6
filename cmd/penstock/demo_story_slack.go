package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// approveInSlack waits until production is asked for in Slack, and approves it there as
// hubot: the button, the form, its submission.
func (s *story) approveInSlack(ctx context.Context, sha string) error {
	var gate slackemulator.Message
	asks := "penstock.approve"
	err := s.awaitSlack(ctx, "a message in #releases that asks about production", func(v *slackemulator.View) bool {
		for _, m := range v.Messages(demoChannel) {
			if hasButton(m, asks) && strings.Contains(m.Plain, sha[:7]) {
				gate = m
				return true
			}
		}
		return false
	})
	if err != nil {
		return err
	}
	s.say("production waits for approval, asked in Slack, #releases")
	err = s.awaitSlack(ctx, "a socket on which Slack can tell of a click", func(v *slackemulator.View) bool { return v.Connections() > 0 })
	if err != nil {
		return err
	}
	if err := delivered(s.slack.Click("hubot", demoChannel, gate.TS, asks)); err != nil {
		return fmt.Errorf("the click on Approve: %w", err)
	}
	var form slackemulator.Modal
	refusal := ""
	err = s.awaitSlack(ctx, "the form that Approve opens", func(v *slackemulator.View) (open bool) {
		for _, m := range v.Ephemerals("hubot") {
			refusal = m.Plain
		}
		form, open = v.Modal("hubot")
		return open || refusal != ""
	})
	switch {
	case err != nil:
		return err
	case refusal != "":
		return fmt.Errorf("missing: the form that Approve opens: hubot is told: %s", refusal)
	}
	s.say("hubot clicks Approve there, and writes: looks good on staging")
	if err := delivered(s.slack.Submit("hubot", form.ID, map[string]string{"reason": "looks good on staging"})); err != nil {
		return fmt.Errorf("the form: %w", err)
	}
	if err := s.succeeds(ctx, sha); err != nil {
		return err
	}
	err = s.await(ctx, "the check of the approval to say who approved", func(v *emulator.View) bool {
		check, ok := v.Check(demoRepository, sha, "penstock / release / approve production")
		return ok && check.Conclusion == "success"
	})
	if err != nil {
		return err
	}
	err = s.awaitSlack(ctx, "the message in #releases to lose its buttons and say who approved", func(v *slackemulator.View) bool {
		now, ok := v.Message(demoChannel, gate.TS)
		return ok && !hasButton(now, asks) && strings.Contains(now.Plain, "hubot")
	})
	if err != nil {
		return err
	}
	s.say("the message in Slack has lost its buttons, and says who approved")
	return nil
}

// awaitSlack waits for Slack to show something.
func (s *story) awaitSlack(ctx context.Context, what string, condition func(*slackemulator.View) bool) error {
	if err := s.slack.Await(ctx, condition); err != nil {
		return fmt.Errorf("missing: %s: %w", what, err)
	}
	return nil
}

func hasButton(m slackemulator.Message, action string) bool {
	return slices.ContainsFunc(m.Buttons, func(b slackemulator.Button) bool { return b.ActionID == action })
}

// delivered says what somebody in Slack would have seen go wrong.
func delivered(r slackemulator.Receipt, err error) error {
	switch {
	case err != nil:
		return err
	case r.Saw != "":
		return fmt.Errorf("slack shows: %s", r.Saw)
	case len(r.Errors) > 0:
		return fmt.Errorf("it is refused: %v", r.Errors)
	}
	return nil
}
