package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/storage"
)

// slackStore is the database in the words of the bot's Slack.
type slackStore struct{ *storage.DB }

func (s slackStore) Untold(ctx context.Context, limit int) ([]bot.Unreported, error) {
	return unreported(s.DB.Untold(ctx, limit))
}

// newSlack is the Slack workspace of the settings, and has the runs be told of there;
// nil if there is none. Slack is asked nothing yet: it may be away.
func newSlack(ctx context.Context, config configs.Config, db *storage.DB, metrics *metrics, logger *slog.Logger) (*bot.Slack, error) {
	s := config.Slack
	if !s.On() {
		return nil, nil
	}
	app, err := slackapp.New(slackapp.Options{
		BotToken: s.BotToken.Reveal(), AppToken: s.AppToken.Reveal(), SigningSecret: s.SigningSecret.Reveal(), APIURL: s.APIURL,
		Logger: logger, UserAgent: "penstock/" + version, CheckSubmission: bot.CheckSlackSubmission,
		OnCall: func(method, result string, took time.Duration) { metrics.slackCall(method, result, took) },
	})
	if err != nil {
		return nil, err
	}
	if err := db.Tell(ctx); err != nil {
		return nil, err
	}
	metrics.slackSockets(app.Connected)
	slack := &bot.Slack{
		App: app, Store: slackStore{db}, MatchByEmail: s.MatchByEmail, DirectMessages: s.DirectMessages,
		LinkURL: func(token string) string { return config.URL + web.SlackLinkPath + token },
	}
	for _, c := range s.Channels {
		slack.Channels = append(slack.Channels, bot.SlackChannel{
			Name: c.Name, ID: c.ID, Repositories: c.Repositories, Pipelines: c.Pipelines, Environments: c.Environments, Events: c.Events,
		})
	}
	return slack, nil
}

// slackDoor is where Slack comes in, and what goes out to it.
type slackDoor struct {
	config    configs.Slack
	app       *slackapp.App
	bot       *bot.Bot
	messenger *bot.Messenger
	log       *slog.Logger
}

func newSlackDoor(config configs.Slack, app *slackapp.App, b *bot.Bot, log *slog.Logger) *slackDoor {
	return &slackDoor{config: config, app: app, bot: b, messenger: b.NewMessenger(), log: log}
}

// register answers Slack's requests, if there is a secret that they are signed with.
func (d *slackDoor) register(e *echo.Echo) {
	if d.config.SigningSecret.IsSet() {
		d.app.Register(e, d.bot.AcceptSlack)
	}
}

// listen takes what comes through sockets, if there are to be any.
func (d *slackDoor) listen(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { d.introduce(ctx) })
	if !d.config.SocketMode() {
		<-ctx.Done()
		return nil
	}
	return d.app.Listen(ctx, d.bot.AcceptSlack)
}

// introduce says in the log who this server is in Slack, or why it is nobody: the first
// gate may be days away. Nothing depends on it.
func (d *slackDoor) introduce(ctx context.Context) {
	installed, err := d.app.Installed(ctx)
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, slackapp.ErrAccess):
		d.log.Error("Slack does not let this server in: nothing is posted there, and nobody can answer; penstock doctor says what to do", "error", err)
		return
	case err != nil:
		d.log.Warn("Slack cannot be asked who this server is there", "error", err)
		return
	}
	d.log.Info("Slack knows this server", "bot", installed.BotName, "workspace", installed.TeamName, "slack_team", installed.TeamID)
	var missing []string
	for _, n := range slackapp.Needs(d.config.MatchByEmail) {
		if installed.Scopes != nil && !slices.Contains(installed.Scopes, n.Scope) {
			missing = append(missing, n.Scope)
		}
	}
	if len(missing) > 0 {
		d.log.Warn("the bot token lacks scopes, and some things in Slack will fail; penstock doctor says what for, and how to add them", "scopes", missing)
	}
}

// slackLinks is where accounts are linked, if there is a Slack.
func slackLinks(slack *bot.Slack, db *storage.DB) web.SlackLinks {
	if slack == nil {
		return nil
	}
	return db
}
