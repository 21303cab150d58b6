package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// slackVoter is somebody in Slack, in the words of what came in.
type slackVoter struct{ team, id string }

// slackPerson finds out who does something in Slack: which account of the forge they
// speak for, as both are now. If refused is set they speak for nobody here, and why says
// so to the operator.
func (b *Bot) slackPerson(ctx context.Context, who slackVoter) (account pipeline.SlackAccount, refused *report.SlackMessage, why string, err error) {
	user, why, err := b.slackMember(ctx, who)
	switch {
	case err != nil:
		return account, nil, "", err
	case why != "":
		message := b.texts.SlackRefused(why)
		return account, &message, why, nil
	}
	account, err = b.slackAccount(ctx, user)
	if err != nil && pipeline.KindOf(err) == pipeline.NotFound {
		message := b.texts.SlackNotLinked(slash)
		return account, &message, "no account is linked", nil
	}
	return account, nil, "", err
}

// elsewhere is why somebody of another workspace is not heard.
const elsewhere = "this was done in another workspace than the one that this server works in"

// isOf reports whether a team is our workspace, or the organization that it is part of.
func isOf(home slackapp.Workspace, team string) bool {
	return team != "" && (team == home.TeamID || team == home.EnterpriseID)
}

// slackMember is somebody who belongs to our workspace, as Slack says now; or why they
// are not heard.
func (b *Bot) slackMember(ctx context.Context, who slackVoter) (slackapp.User, string, error) {
	no := func(why string) (slackapp.User, string, error) { return slackapp.User{}, why, nil }
	home, err := b.Slack.App.Workspace(ctx)
	if err != nil {
		return slackapp.User{}, "", err
	}
	if !isOf(home, who.team) {
		return no(elsewhere)
	}
	user, err := b.Slack.App.User(ctx, who.id)
	switch {
	case err != nil && pipeline.KindOf(err) == pipeline.NotFound:
		return no("Slack does not know this account")
	case err != nil:
		return slackapp.User{}, "", err
	case user.Stranger:
		return no("this account belongs to another workspace; who has one in this workspace can vote here, everybody else on GitHub")
	case user.Bot:
		return no("bots have no vote")
	case user.Guest:
		return no("guests of the workspace have no vote here; its full members have, and you can vote on GitHub if you may there")
	case user.Deleted:
		return no("this account is deactivated")
	}
	user.Team = home.TeamID
	return user, "", nil
}

// counts reports whether somebody may speak for an account as it was linked: what was
// matched by its address does not any more once that is switched off.
func (s *Slack) counts(account pipeline.SlackAccount) bool {
	return account.By == pipeline.SlackLinkedByPage || s.MatchByEmail
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
