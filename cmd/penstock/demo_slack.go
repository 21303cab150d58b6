package main

import (
	"context"
	"net/url"
	"time"

	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
)

// demoChannel is where the demo's pipeline asks before production.
const demoChannel = "releases"

// furnishSlack makes a workspace with the people of the demo and one channel, and sets
// what a server needs to use it by Socket Mode.
func (h *demoHouse) furnishSlack(config *configs.Config) (err error) {
	h.slack, err = slackemulator.New(slackemulator.Options{Team: slackemulator.Team{Name: "octo", Domain: "octo"}})
	if err != nil {
		return err
	}
	app, err := h.slack.AddApp(slackemulator.App{})
	if err != nil {
		return err
	}
	channel, err := h.slack.AddChannel(slackemulator.Channel{Name: demoChannel})
	if err != nil {
		return err
	}
	for _, name := range []string{"octocat", "hubot", "monalisa"} {
		if _, err := h.slack.AddUser(slackemulator.User{Name: name, Email: name + "@example.com"}); err != nil {
			return err
		}
	}
	config.Slack = configs.Slack{
		BotToken: configs.NewSecret(app.BotToken), AppToken: configs.NewSecret(app.AppToken), APIURL: h.slack.APIURL(),
		Channels: []configs.SlackChannel{{
			Name: demoChannel, ID: channel.ID, Environments: []string{"production"}, Events: []string{"waiting", "failed", "rejected"},
		}},
	}
	return nil
}

// link makes somebody's accounts one, as /penstock link and the page behind it would.
func (h *demoHouse) link(ctx context.Context, login string, id int64) error {
	forge, err := url.Parse(h.github.URL())
	if err != nil {
		return err
	}
	user, _ := h.slack.User(login)
	now := time.Now()
	_, digest := pipeline.NewSlackLinkToken()
	offer := pipeline.SlackLink{
		Digest: digest, SlackUser: pipeline.SlackUser{Team: user.Team, ID: user.ID}, Name: user.Name, CreatedAt: now, ExpiresAt: now.Add(pipeline.SlackLinkLife),
	}
	if err := h.server.db.OfferSlackLink(ctx, offer); err != nil {
		return err
	}
	return h.server.db.TakeSlackLink(ctx, digest, pipeline.SlackAccount{
		SlackUser: offer.SlackUser, Name: offer.Name, Host: forge.Host,
		Actor: pipeline.Actor{ID: id, Login: login}, By: pipeline.SlackLinkedByPage, At: now,
	}, now)
}

// slackPage is the channel as hubot sees it.
func (h *demoHouse) slackPage() string { return h.slack.URL() + "/?as=hubot&channel=" + demoChannel }
