package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
)

// slack looks at the app in Slack, if there is one.
func (d *doctor) slack(ctx context.Context) {
	s := d.config.Slack
	switch {
	case !s.On():
		return
	case d.offline:
		d.skip("slack", "not asked (--offline)")
		return
	}
	app, err := slackapp.New(slackapp.Options{
		BotToken: s.BotToken.Reveal(), AppToken: s.AppToken.Reveal(), SigningSecret: s.SigningSecret.Reveal(), APIURL: s.APIURL,
		UserAgent: "penstock/" + version, Now: d.now,
	})
	if err != nil {
		d.fail("slack", "", "%v", err)
		return
	}
	defer app.Close()
	installed, err := app.Installed(ctx)
	switch {
	case errors.Is(err, slackapp.ErrAccess):
		d.fail("slack", "compare the token in the file that slack.botTokenFile names with OAuth & Permissions on the app's page; https://api.slack.com/apps lists your apps", "%v", err)
		return
	case err != nil:
		d.fail("slack", "look at the network, the proxy (HTTPS_PROXY) and PENSTOCK_SLACK_API_URL; https://slack-status.com says how Slack is", "%v", err)
		return
	}
	d.ok("slack", "Slack knows this server as @%s in the workspace %s (%s)", installed.BotName, installed.TeamName, installed.TeamID)
	d.clock("slack-clock", "Slack's", installed.Ahead)
	d.slackScopes(installed.Scopes)
	d.slackSocket(ctx, app)
	for _, c := range s.Channels {
		d.slackChannel(ctx, app, c, installed)
	}
}

// slackScopes compares what the bot token may do with what is needed.
func (d *doctor) slackScopes(scopes []string) {
	const page = "OAuth & Permissions on the app's page"
	if scopes == nil {
		d.skip("slack-scopes", "Slack did not say what the bot token may do")
		return
	}
	var missing, more, known []string
	for _, n := range slackapp.Needs(d.config.Slack.MatchByEmail) {
		known = append(known, n.Scope)
		if !slices.Contains(scopes, n.Scope) {
			missing = append(missing, n.Scope+", "+n.Reason)
		}
	}
	for _, scope := range scopes {
		if !slices.Contains(known, scope) {
			more = append(more, scope)
		}
	}
	if len(missing) > 0 {
		d.fail("slack-scopes", "add them under "+page+", install the app again there, and give Penstock the bot token that it shows then", "the bot token lacks %s", strings.Join(missing, "; "))
	}
	if len(more) > 0 {
		d.warn("slack-scopes", "take them away under "+page+", and install the app again", "the bot token has more than is used: %s", strings.Join(more, ", "))
	}
	if len(missing)+len(more) == 0 {
		d.ok("slack-scopes", "the bot token has what it needs, and nothing else")
	}
}

// slackSocket asks whether clicks can come in.
func (d *doctor) slackSocket(ctx context.Context, app *slackapp.App) {
	if !d.config.Slack.SocketMode() {
		d.skip("slack-socket", "not used: Slack sends clicks to %s%s, and whether it reaches it is seen with the first", d.config.URL, slackapp.WebhookPath)
		return
	}
	if err := app.CanListen(ctx); err != nil {
		d.fail("slack-socket", "switch Socket Mode on, on the app's page, make an app-level token with connections:write under Basic Information, "+
			"and write it to the file that slack.appTokenFile names", "%v", err)
		return
	}
	d.ok("slack-socket", "Slack opens sockets for the app, through which clicks come in")
}

// slackChannel asks whether the app can post in a channel.
func (d *doctor) slackChannel(ctx context.Context, app *slackapp.App, c configs.SlackChannel, installed slackapp.Installed) {
	const check = "slack-channel"
	found, err := channelInTime(ctx, app, c.ID)
	name := fmt.Sprintf("%s (%s)", c.Name, c.ID)
	invite := "in Slack, say `/invite @" + installed.BotName + "` in the channel"
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		d.fail(check, "compare the id with the end of the channel's details in Slack; if it is private, "+invite, "%s: Slack shows no such channel to the app", name)
	case err != nil:
		d.fail(check, "", "%s: %v", name, err)
	case found.Archived:
		d.fail(check, "unarchive it in Slack, or take it out of slack.channels", "%s: #%s is archived", name, found.Name)
	case !found.Member && (found.Private || !slices.Contains(installed.Scopes, "chat:write.public")):
		d.fail(check, invite, "%s: the app is not in #%s, and cannot post there", name, found.Name)
	default:
		d.ok(check, "%s: the app can post in #%s", name, found.Name)
	}
}

// channelInTime asks for a channel no faster than Slack takes it.
func channelInTime(ctx context.Context, app *slackapp.App, id string) (slackapp.Channel, error) {
	for {
		channel, err := app.Channel(ctx, id)
		wait, _ := calls.RetryAfter(err)
		if !calls.NotSent(err) {
			return channel, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return channel, err
		}
	}
}
