package slackapp

import (
	"context"
)

// Workspace is where the app is installed, and who it is there.
type Workspace struct {
	TeamID    string // T...
	TeamName  string
	URL       string // https://NAME.slack.com/
	BotUserID string // U...
	BotID     string // B...
	// EnterpriseID is the organization that the workspace belongs to, or empty.
	EnterpriseID string
}

// Workspace tells where the app is installed. Slack is asked once.
func (a *App) Workspace(ctx context.Context) (Workspace, error) {
	a.mu.Lock()
	known := a.workspace
	a.mu.Unlock()
	if known.TeamID != "" {
		return known, nil
	}
	var w Workspace
	err := a.do(ctx, call{method: methodAuth, what: "Slack workspace", timeout: Timeout}, func(ctx context.Context) error {
		r, err := a.client.AuthTestContext(ctx)
		if err != nil {
			return err
		}
		w, err = workspaceOf(r)
		return err
	})
	if err != nil {
		return Workspace{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.workspace = w
	return w, nil
}
