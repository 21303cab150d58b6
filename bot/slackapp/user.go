package slackapp

import (
	"context"
	"slices"

	"github.com/slack-go/slack"
)

// User is somebody in Slack, as Slack says now. The names are for display: people
// choose them freely.
type User struct {
	Team, ID       string
	Name, RealName string
	// Email is the address of the account; empty if the app has not the scope
	// users:read.email, or Slack does not tell. EmailConfirmed: Slack has seen that
	// it is theirs.
	Email          string
	EmailConfirmed bool
	Deleted        bool // deactivated
	Bot            bool
	Guest          bool // sees only some channels
	Stranger       bool // of another workspace, that shares a channel with this one
}

// User asks who somebody is. It is never remembered: people leave. Who cannot be
// shown to belong to our workspace is a Stranger.
func (a *App) User(ctx context.Context, id string) (User, error) {
	if err := checkID("user", id); err != nil {
		return User{}, err
	}
	home, err := a.Workspace(ctx)
	if err != nil {
		return User{}, err
	}
	var user User
	err = a.do(ctx, call{method: methodUser, what: "Slack user " + id, timeout: Timeout}, func(ctx context.Context) error {
		u, err := a.client.GetUserInfoContext(ctx, id)
		if err != nil {
			return err
		}
		if u.ID != id {
			return strange()
		}
		user = User{
			Team: u.TeamID, ID: u.ID, Name: u.Name, RealName: u.RealName, Email: u.Profile.Email, EmailConfirmed: u.IsEmailConfirmed,
			Deleted: u.Deleted, Bot: u.IsBot || u.IsWorkflowBot || u.IsConnectorBot || u.ID == "USLACKBOT",
			Guest: u.IsRestricted || u.IsUltraRestricted, Stranger: u.IsStranger || !belongs(u, home),
		}
		if user.RealName == "" {
			user.RealName = u.Profile.RealName
		}
		return nil
	})
	return user, err
}

// belongs reports whether somebody's account is one of the workspace, or one of its
// organization that is let into the workspace.
func belongs(u *slack.User, home Workspace) bool {
	if u.TeamID == home.TeamID {
		return true
	}
	return home.EnterpriseID != "" && u.Enterprise.EnterpriseID == home.EnterpriseID && slices.Contains(u.Enterprise.Teams, home.TeamID)
}
