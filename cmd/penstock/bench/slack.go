package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"time"

	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// clicksRepository is the only one that Slack is told of: the other measurements are
// taken as if there were no Slack.
const clicksRepository = "bench-clicks"

// furnishSlack makes a workspace with one channel, in which hubot's account is linked,
// and writes the server's configuration of it. The server must not run yet.
func (h *house) furnishSlack(ctx context.Context) error {
	var err error
	if h.slack, err = slackemulator.New(slackemulator.Options{}); err != nil {
		return err
	}
	if h.slackApp, err = h.slack.AddApp(slackemulator.App{}); err != nil {
		return err
	}
	channel, err := h.slack.AddChannel(slackemulator.Channel{Name: "releases"})
	if err != nil {
		return err
	}
	file := "slack:\n  channels:\n    releases: {id: " + channel.ID + ", repositories: [" + owner + "/" + clicksRepository + "], events: [waiting]}\n"
	if err := os.WriteFile(h.config(), []byte(file), 0o600); err != nil {
		return err
	}
	user, err := h.slack.AddUser(slackemulator.User{Name: "hubot"})
	if err != nil {
		return err
	}
	account, err := h.github.AddUser("hubot")
	if err != nil {
		return err
	}
	forge, err := url.Parse(h.github.URL())
	if err != nil {
		return err
	}
	db, err := storage.Open(ctx, storage.Options{Dir: filepath.Join(h.dir, "data")})
	if err != nil {
		return err
	}
	defer db.Close()
	now := time.Now()
	_, digest := pipeline.NewSlackLinkToken()
	who := pipeline.SlackUser{Team: user.Team, ID: user.ID}
	if err := db.OfferSlackLink(ctx, pipeline.SlackLink{Digest: digest, SlackUser: who, CreatedAt: now, ExpiresAt: now.Add(pipeline.SlackLinkLife)}); err != nil {
		return err
	}
	return db.TakeSlackLink(ctx, digest, pipeline.SlackAccount{
		SlackUser: who, Name: user.Name, Host: forge.Host, Actor: pipeline.Actor{ID: account.ID, Login: account.Login}, By: pipeline.SlackLinkedByPage, At: now,
	}, now)
}

// config is the server's configuration file.
func (h *house) config() string { return filepath.Join(h.dir, "penstock.yml") }
