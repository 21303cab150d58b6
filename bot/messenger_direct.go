package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

const (
	// mostLinked is how many linked accounts are looked at for those who can vote.
	mostLinked = 500
	// mostDirect is how many people are told of a gate by a message of their own: where
	// everybody can vote, the channel is the place.
	mostDirect = 20
)

// directMessages tell those who can vote on a gate that it waits, each once. Who they
// are is found out when the gate is asked, and noted when all of them have been told.
func (b *Bot) directMessages(ctx context.Context, view report.Run, shown messages) ([]message, error) {
	if !b.Slack.DirectMessages {
		return nil, nil
	}
	var list []message
	for _, gate := range view.Execution.Gates() {
		if _, chosen := shown.rows[shown.key("", "direct:"+gate.ID)]; chosen {
			continue
		}
		users, err := b.slackVoters(ctx, view.Execution, gate)
		if err != nil {
			return nil, err
		}
		for _, user := range users {
			channel, err := b.Slack.App.Direct(ctx, user)
			switch {
			case calls.Limited(err):
				return list, err
			case err != nil && (pipeline.KindOf(err) == pipeline.Unavailable || errors.Is(err, slackapp.ErrAccess)):
				return nil, slackFailed{err}
			case err != nil:
				b.Logger.Warn("somebody in Slack gets no direct message", "user", user, "error", err)
				continue
			}
			list = append(list, message{channel: channel, name: gateRow(gate.ID), content: b.texts.SlackGate(view, gate, nil), begin: true, renew: true})
		}
		list = append(list, message{name: "direct:" + gate.ID, begin: true, once: true})
	}
	return list, nil
}

// slackVoters are the people in Slack whose vote on an open gate would count, and who
// want to hear of it.
func (b *Bot) slackVoters(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval) ([]string, error) {
	accounts, err := b.slackAccounts(ctx)
	if err != nil {
		return nil, err
	}
	var users []string
	for _, account := range accounts {
		if account.Muted {
			continue
		}
		facts, err := b.factsFor(ctx, run.Repository, account.Actor, teamsOf(gate.Policy, gate.Brief))
		if err != nil {
			return nil, err
		}
		if ok, _ := policy.Eligible(gate, facts); ok {
			users = append(users, account.ID)
		}
		if len(users) == mostDirect {
			break
		}
	}
	return users, nil
}

// slackCalled are the people in Slack whose vote a gate still waits for, as far as its
// rules list them.
func (b *Bot) slackCalled(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval) ([]string, error) {
	logins, err := b.canVote(ctx, run, gate)
	if err != nil || len(logins) == 0 {
		return nil, err
	}
	accounts, err := b.slackAccounts(ctx)
	if err != nil {
		return nil, err
	}
	var users []string
	for _, login := range logins {
		for _, account := range accounts {
			if strings.EqualFold(account.Actor.Login, login) {
				users = append(users, account.ID)
			}
		}
	}
	return users, nil
}

// slackAccounts are the linked accounts of our workspace.
func (b *Bot) slackAccounts(ctx context.Context) ([]pipeline.SlackAccount, error) {
	home, err := b.Slack.App.Workspace(ctx)
	if err != nil {
		return nil, slackFailed{err}
	}
	accounts, err := b.Slack.Store.SlackAccounts(ctx, home.TeamID, b.Forge.Host(), mostLinked)
	return slices.DeleteFunc(accounts, func(a pipeline.SlackAccount) bool { return !b.Slack.counts(a) }), err
}
