package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// link offers the page on which the asker links their account.
func (s *slackAsking) link(ctx context.Context) (outcome, error) {
	user, why, err := s.slackMember(ctx, s.who())
	switch {
	case err != nil:
		return outcome{}, err
	case why != "":
		return s.answer(ctx, s.texts.SlackRefused(why), why)
	}
	home, err := s.Slack.App.Workspace(ctx)
	if err != nil {
		return outcome{}, err
	}
	token, digest := pipeline.NewSlackLinkToken()
	offer := pipeline.SlackLink{
		Digest: digest, SlackUser: s.user, TeamName: home.TeamName, Name: shownName(user),
		CreatedAt: s.Now(), ExpiresAt: s.Now().Add(pipeline.SlackLinkLife),
	}
	if err := s.Slack.Store.OfferSlackLink(ctx, offer); err != nil {
		return outcome{}, err
	}
	return s.answer(ctx, s.texts.SlackLinkOffer(s.Slack.LinkURL(token), offer.ExpiresAt), "a link is offered")
}

// shownName is the name by which people know somebody.
func shownName(user slackapp.User) string {
	if user.RealName != "" {
		return user.RealName
	}
	return user.Name
}

func (s *slackAsking) unlink(ctx context.Context) (outcome, error) {
	account, err := s.Slack.Store.SlackAccount(ctx, s.user, s.Forge.Host())
	if err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		return outcome{}, err
	}
	if _, err := s.Slack.Store.RemoveSlackAccount(ctx, s.user, s.Forge.Host()); err != nil {
		return outcome{}, err
	}
	s.Logger.Info("slack account unlinked", "slack_team", s.user.Team, "slack_user", s.user.ID, "login", account.Actor.Login, "account", account.Actor.ID)
	return s.answer(ctx, s.texts.SlackUnlinked(account.Actor.Login), "unlinked")
}

func (s *slackAsking) mute(ctx context.Context, muted bool) (outcome, error) {
	linked, err := s.Slack.Store.MuteSlackAccount(ctx, s.user, s.Forge.Host(), muted)
	switch {
	case err != nil:
		return outcome{}, err
	case !linked:
		return s.answer(ctx, s.texts.SlackNothingToMute(slash), "not linked")
	}
	return s.answer(ctx, s.texts.SlackMuted(muted), "done")
}

func (s *slackAsking) help(ctx context.Context) (outcome, error) {
	account, err := s.Slack.Store.SlackAccount(ctx, s.user, s.Forge.Host())
	switch {
	case err == nil && s.Slack.counts(account):
		return s.answer(ctx, s.texts.SlackHelp(&account), "told")
	case err != nil && pipeline.KindOf(err) != pipeline.NotFound:
		return outcome{}, err
	}
	return s.answer(ctx, s.texts.SlackHelp(nil), "told")
}

// SlackLinked tells somebody in Slack whose account they speak for from now on.
func (b *Bot) SlackLinked(ctx context.Context, account pipeline.SlackAccount) {
	b.whisper(ctx, slackapp.Whisper{User: account.ID}, b.texts.SlackLinked(account))
}
