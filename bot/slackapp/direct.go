package slackapp

import (
	"context"

	"github.com/slack-go/slack"
)

// maxDirects is how many people's channels are remembered.
const maxDirects = 10_000

// Direct is the channel in which somebody gets direct messages. Slack is asked once
// for each person.
func (a *App) Direct(ctx context.Context, userID string) (channel string, err error) {
	return a.direct(ctx, userID, false)
}

func (a *App) direct(ctx context.Context, userID string, waited bool) (channel string, err error) {
	if err := checkID("user", userID); err != nil {
		return "", err
	}
	a.mu.Lock()
	channel = a.directs[userID]
	a.mu.Unlock()
	if channel != "" {
		return channel, nil
	}
	c := call{method: methodOpen, what: "Slack user " + userID + ": direct message", timeout: Timeout, waited: waited}
	err = a.do(ctx, c, func(ctx context.Context) error {
		c, _, _, err := a.client.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{userID}})
		if err != nil {
			return err
		}
		if c == nil || checkID("channel", c.ID) != nil {
			return strange()
		}
		channel = c.ID
		return nil
	})
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.directs) >= maxDirects {
		clear(a.directs)
	}
	a.directs[userID] = channel
	return channel, nil
}
