package slackapp

import (
	"context"

	"github.com/slack-go/slack"
)

// Channel is a place to post.
type Channel struct {
	ID, Name string
	Archived bool
	Member   bool // the app's bot is in it
	Private  bool
}

// Channel asks what a channel is like now. Kind NotFound also means that it is
// private and the app is not in it.
func (a *App) Channel(ctx context.Context, id string) (Channel, error) {
	if err := checkID("channel", id); err != nil {
		return Channel{}, err
	}
	var channel Channel
	err := a.do(ctx, call{method: methodChannel, what: "Slack channel " + id, timeout: Timeout}, func(ctx context.Context) error {
		c, err := a.client.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			return err
		}
		if c.ID != id {
			return strange()
		}
		channel = Channel{ID: c.ID, Name: c.Name, Archived: c.IsArchived, Member: c.IsMember, Private: c.IsPrivate || c.IsGroup || c.IsIM || c.IsMpIM}
		return nil
	})
	return channel, err
}
