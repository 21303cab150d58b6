package slackapp

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// Message is what is posted. What comes from people must be escaped already.
type Message struct {
	Channel string
	// Thread is the message that this one answers to; 0: none.
	Thread int64
	// Broadcast shows an answer in the channel too.
	Broadcast bool
	// Text is what notifications and screen readers say, and all of the message if
	// there are no Blocks.
	Text   string
	Blocks []slack.Block
}

// Posted names a message of ours.
type Posted struct {
	Channel string
	TS      int64 // microseconds
}

// Post posts a message; links in it are not unfurled. Kind Unavailable without
// NotSent: it is not known whether it was posted.
func (a *App) Post(ctx context.Context, m Message) (Posted, error) { return a.post(ctx, m, false) }

func (a *App) post(ctx context.Context, m Message, waited bool) (Posted, error) {
	if err := m.check(); err != nil {
		return Posted{}, err
	}
	posted := Posted{}
	c := call{method: methodPost, channel: m.Channel, what: "Slack channel " + m.Channel + ": post", timeout: Timeout, waited: waited}
	err := a.do(ctx, c, func(ctx context.Context) error {
		options := append(m.options(), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
		if m.Broadcast && m.Thread != 0 {
			options = append(options, slack.MsgOptionBroadcast())
		}
		channel, ts, err := a.client.PostMessageContext(ctx, m.Channel, options...)
		if err != nil {
			return err
		}
		if posted, err = readPosted(channel, ts); err != nil {
			return strange()
		}
		return nil
	})
	return posted, err
}

// Update replaces a message of ours, its blocks too if there are none now. Kind
// NotFound: somebody deleted it. Channel, Thread and Broadcast of m do not count.
func (a *App) Update(ctx context.Context, channel string, ts int64, m Message) error {
	m.Channel, m.Thread = channel, 0
	if err := m.check(); err != nil {
		return err
	}
	if ts <= 0 {
		return pipeline.Errorf(pipeline.Invalid, "Slack channel %s: update: no message is named", channel)
	}
	what := fmt.Sprintf("Slack channel %s: update message %s", channel, formatTimestamp(ts))
	return a.do(ctx, call{method: methodUpdate, channel: channel, what: what, timeout: Timeout}, func(ctx context.Context) error {
		channel, ts, _, err := a.client.UpdateMessageContext(ctx, channel, formatTimestamp(ts), m.options()...)
		if err != nil {
			return err
		}
		if _, err := readPosted(channel, ts); err != nil {
			return strange()
		}
		return nil
	})
}

func (m Message) check() error {
	if err := checkID("channel", m.Channel); err != nil {
		return err
	}
	if m.Text == "" {
		return pipeline.Errorf(pipeline.Invalid, "Slack channel %s: a message needs a text", m.Channel)
	}
	return nil
}

// options are what all ways to post have in common. Blocks are always said: an
// update that does not mention them would leave the old buttons.
func (m Message) options() []slack.MsgOption {
	options := []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.blocks()...)}
	if m.Thread != 0 {
		options = append(options, slack.MsgOptionTS(formatTimestamp(m.Thread)))
	}
	return options
}

// blocks is never nil.
func (m Message) blocks() []slack.Block { return append([]slack.Block{}, m.Blocks...) }

func readPosted(channel, ts string) (Posted, error) {
	if err := checkID("channel", channel); err != nil {
		return Posted{}, err
	}
	at, err := parseTimestamp(ts)
	return Posted{Channel: channel, TS: at}, err
}
