package emulator

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	mostText       = 40_000 // what chat.postMessage cuts text at
	mostUpdateText = 4_000
	mostBlocks     = 50
	mostBlocksJSON = 13_200 // characters of all blocks together
)

// postMessage writes into a channel, or to a user in direct messages.
func (s *Slack) postMessage(c *call) (object, error) {
	channel, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	m := &message{channel: channel, text: cut(c.get("text"), mostText), linkNames: c.yes("link_names") || c.get("parse") == "full"}
	if err := s.fillMessage(c, m); err != nil {
		return nil, err
	}
	if thread := c.get("thread_ts"); thread != "" {
		// The answer to a message that is gone stands in the channel like any other.
		if parent := s.messageAt(channel, thread); parent != nil {
			m.thread, m.broadcast = thread, c.yes("reply_broadcast")
			if parent.reply() {
				m.thread = parent.thread
			}
		}
	}
	s.addMessage(m)
	c.ts = m.ts
	return object{"channel": channel.ID, "ts": m.ts, "message": s.messageJSON(m)}, nil
}

// fillMessage reads blocks and metadata.
func (s *Slack) fillMessage(c *call, m *message) error {
	raw, given := c.raw("blocks")
	if given {
		blocks, err := s.readBlocks(raw, surfaceMessage)
		if err != nil {
			return err
		}
		m.blocks = blocks
	}
	if strings.TrimSpace(m.text) == "" && len(m.blocks) == 0 {
		return fail("no_text")
	}
	if raw, given := c.raw("metadata"); given {
		var shape struct {
			EventType string          `json:"event_type"`
			Payload   json.RawMessage `json:"event_payload"`
		}
		if json.Unmarshal(raw, &shape) != nil {
			return fail("invalid_metadata_format")
		}
		if shape.EventType != "" {
			m.metadata = raw
		}
	}
	return nil
}

// writable finds the channel a bot wants to write into.
func (s *Slack) writable(c *call) (*channel, error) {
	id := c.get("channel")
	found := s.channelByID(id)
	if u := s.userByID(id); u != nil {
		if err := reachable(u); err != nil {
			return nil, err
		}
		found = s.direct(u)
	}
	switch {
	case found == nil, found.Private && found.WithoutBot:
		return nil, fail("channel_not_found")
	case found.Archived:
		return nil, fail("is_archived")
	case found.WithoutBot && !c.may("chat:write.public"):
		return nil, fail("not_in_channel")
	}
	c.channel = found
	return found, nil
}

// ownMessage finds a message that the bot wants to change.
func (s *Slack) ownMessage(c *call, notMine string) (*message, error) {
	found := s.channelByID(c.get("channel"))
	if found == nil || found.Private && found.WithoutBot {
		return nil, fail("channel_not_found")
	}
	c.channel, c.ts = found, c.get("ts")
	m := s.messageAt(found, c.ts)
	switch {
	case m == nil || m.only != "": // ephemeral ones change through their response URL only
		return nil, fail("message_not_found")
	case found.Archived:
		return nil, fail("is_archived")
	case m.user != s.app.userID:
		return nil, fail(notMine)
	}
	return m, nil
}

// updateMessage changes what is given. Text without blocks takes the blocks away.
func (s *Slack) updateMessage(c *call) (object, error) {
	m, err := s.ownMessage(c, "cant_update_message")
	if err != nil {
		return nil, err
	}
	if len([]rune(c.get("text"))) > mostUpdateText {
		return nil, fail("msg_too_long")
	}
	next := &message{text: c.get("text")}
	_, givenText := c.values["text"]
	if _, givenBlocks := c.raw("blocks"); !givenText && !givenBlocks {
		return nil, fail("no_text")
	}
	if err := s.fillMessage(c, next); err != nil {
		return nil, err
	}
	m.text, m.blocks = next.text, next.blocks
	if next.metadata != nil {
		m.metadata = next.metadata
	}
	m.edits++
	return object{"channel": m.channel.ID, "ts": m.ts, "text": m.text, "message": s.messageJSON(m)}, nil
}

func (s *Slack) deleteMessage(c *call) (object, error) {
	m, err := s.ownMessage(c, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.dropMessage(m)
	return object{"channel": m.channel.ID, "ts": m.ts}, nil
}

// postEphemeral writes what one user alone sees, in a channel both are in.
func (s *Slack) postEphemeral(c *call) (object, error) {
	found := s.channelByID(c.get("channel"))
	if found == nil || found.Private && found.WithoutBot {
		return nil, fail("channel_not_found")
	}
	c.channel = found
	u := s.userByID(c.get("user"))
	switch {
	case found.Archived:
		return nil, fail("is_archived")
	case found.WithoutBot:
		return nil, fail("not_in_channel")
	case u == nil || u.Deleted || !found.has(u):
		return nil, fail("user_not_in_channel")
	}
	m := &message{channel: found, text: cut(c.get("text"), mostText), only: u.ID, thread: c.get("thread_ts")}
	if err := s.fillMessage(c, m); err != nil {
		return nil, err
	}
	s.addMessage(m)
	c.ts = m.ts
	return object{"message_ts": m.ts}, nil
}

func (s *Slack) getPermalink(c *call) (object, error) {
	found := s.channelByID(c.get("channel"))
	if found == nil || found.Private && found.WithoutBot {
		return nil, fail("channel_not_found")
	}
	m := s.messageAt(found, c.get("message_ts"))
	if m == nil || m.only != "" {
		return nil, fail("message_not_found")
	}
	return object{"channel": found.ID, "permalink": s.permalink(m)}, nil
}

// permalink leads to the message on the emulator's own pages.
func (s *Slack) permalink(m *message) string {
	return fmt.Sprintf("%s/archives/%s/p%s", s.url, m.channel.ID, strings.Replace(m.ts, ".", "", 1))
}
