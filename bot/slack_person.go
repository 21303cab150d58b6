package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// slackPerson finds out who does something in Slack: which account of the forge they
// speak for, as both are now. If refused is set, they speak for nobody here.
func (b *Bot) slackPerson(ctx context.Context, team, id string) (account pipeline.SlackAccount, refused *report.SlackMessage, err error) {
	user, refused, err := b.slackMember(ctx, team, id)
	if err != nil || refused != nil {
		return account, refused, err
	}
	account, err = b.slackAccount(ctx, user)
	if err != nil && pipeline.KindOf(err) == pipeline.NotFound {
		message := b.texts.SlackNotLinked(slash)
		return account, &message, nil
	}
	return account, nil, err
}

// slackMember is somebody who belongs to our workspace, as Slack says now.
func (b *Bot) slackMember(ctx context.Context, team, id string) (slackapp.User, *report.SlackMessage, error) {
	no := func(why string) (slackapp.User, *report.SlackMessage, error) {
		message := b.texts.SlackRefused(why)
		return slackapp.User{}, &message, nil
	}
	home, err := b.Slack.App.Workspace(ctx)
	if err != nil {
		return slackapp.User{}, nil, err
	}
	if team != home.TeamID && team != home.EnterpriseID {
		return no("this was done in another workspace than the one that this server works in")
	}
	user, err := b.Slack.App.User(ctx, id)
	switch {
	case err != nil && pipeline.KindOf(err) == pipeline.NotFound:
		return no("Slack does not know this account")
	case err != nil:
		return slackapp.User{}, nil, err
	case user.Stranger:
		return no("this account belongs to another workspace")
	case user.Bot:
		return no("bots have no vote")
	case user.Guest:
		return no("guests of the workspace have no vote here")
	case user.Deleted:
		return no("this account is deactivated")
	}
	user.Team = home.TeamID
	return user, nil, nil
}

// slackAccount is the account that somebody speaks for: the one that they have linked,
// or one with the same verified address, as long as both have it. Kind NotFound.
func (b *Bot) slackAccount(ctx context.Context, user slackapp.User) (pipeline.SlackAccount, error) {
	host, nobody := b.Forge.Host(), pipeline.SlackAccount{}
	who := pipeline.SlackUser{Team: user.Team, ID: user.ID}
	account, err := b.Slack.Store.SlackAccount(ctx, who, host)
	if err == nil && account.By == pipeline.SlackLinkedByPage || err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		return account, err
	}
	digest, ok := pipeline.EmailDigest(user.Email)
	if !ok || !user.EmailConfirmed || !b.Slack.MatchByEmail {
		return nobody, pipeline.Errorf(pipeline.NotFound, "no account is linked")
	}
	actor, err := b.Slack.Store.AccountByEmail(ctx, host, digest)
	switch {
	case err != nil:
		return nobody, err
	case account.Actor.ID == actor.ID:
		return account, nil
	}
	account = pipeline.SlackAccount{SlackUser: who, Name: user.Name, Host: host, Actor: actor, By: pipeline.SlackLinkedByEmail, At: b.Now()}
	err = b.Slack.Store.SaveSlackAccount(ctx, account)
	switch {
	case err != nil && pipeline.KindOf(err) == pipeline.Conflict: // somebody has said whose account it is, or that it is nobody's
		return nobody, pipeline.Errorf(pipeline.NotFound, "%v", err)
	case err != nil:
		return nobody, err
	}
	b.Logger.Info("slack account linked by its address", "slack_team", who.Team, "slack_user", who.ID, "login", actor.Login, "account", actor.ID)
	return account, nil
}
