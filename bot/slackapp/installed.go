package slackapp

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// Installed is the app as Slack sees it now.
type Installed struct {
	Workspace
	BotName string // for display
	// Scopes are those of the bot token, in Slack's order; nil when Slack did not say.
	Scopes []string
	// Ahead is how far our clock is ahead of Slack's, to about a second.
	Ahead time.Duration
}

// Installed asks Slack anew where the app is installed, what it may do there and what
// the time is.
func (a *App) Installed(ctx context.Context) (Installed, error) {
	var installed Installed
	err := a.do(ctx, call{method: methodAuth, what: "Slack workspace", timeout: Timeout}, func(ctx context.Context) error {
		sent := a.now()
		r, err := a.client.AuthTestContext(ctx)
		if err != nil {
			return err
		}
		now := a.now()
		theirs, err := http.ParseTime(r.Header.Get("Date"))
		if err != nil {
			return pipeline.Errorf(pipeline.Unavailable, "the answer has no date: is something else than Slack answering?")
		}
		installed.Workspace, err = workspaceOf(r)
		installed.BotName = r.User
		for _, list := range r.Header.Values("X-OAuth-Scopes") {
			installed.Scopes = append(installed.Scopes, strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })...)
		}
		middle := sent.Add(now.Sub(sent) / 2)
		installed.Ahead = middle.Sub(theirs.Add(500 * time.Millisecond)) // their seconds are cut, not rounded
		return err
	})
	if err != nil {
		return Installed{}, err
	}
	return installed, nil
}

// CanListen asks whether Slack would open a socket for us. None is opened: Slack would
// send clicks there.
func (a *App) CanListen(ctx context.Context) error {
	if err := a.needsAppToken(); err != nil {
		return err
	}
	return a.do(ctx, call{method: methodSocket, what: "open a socket to Slack", timeout: Timeout}, func(ctx context.Context) error {
		_, address, err := a.client.StartSocketModeContext(ctx)
		if err != nil {
			return err
		}
		return a.checkSocketAddress(address)
	})
}

// workspaceOf takes over what Slack says of the token's place.
func workspaceOf(r *slack.AuthTestResponse) (Workspace, error) {
	if checkID("workspace", r.TeamID) != nil || checkID("user", r.UserID) != nil {
		return Workspace{}, strange()
	}
	return Workspace{TeamID: r.TeamID, TeamName: r.Team, URL: r.URL, BotUserID: r.UserID, BotID: r.BotID, EnterpriseID: r.EnterpriseID}, nil
}
