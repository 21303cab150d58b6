package emulator

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Message is a message as people see it.
type Message struct {
	Channel, TS string
	// ThreadTS is the message this one answers, "" for none.
	ThreadTS string
	// Broadcast means that an answer in a thread is shown in the channel too.
	Broadcast bool
	// User is the id of who wrote it.
	User string
	Bot  bool
	// Text is the fallback for notifications when there are blocks.
	Text     string
	Blocks   json.RawMessage
	Metadata json.RawMessage
	// Edits counts how often it was changed.
	Edits int
	// EphemeralTo is the only user who sees it, "" for a real message.
	EphemeralTo string
	// Plain is the whole of it as text, one line per piece, mrkdwn read.
	Plain string
	// Pings are those it would call: user ids, and channel, here, everyone, subteam:S...
	Pings []string
	// Buttons are all its buttons in order.
	Buttons []Button
	// Replies are the answers in its thread, oldest first.
	Replies []Message
}

// Button is a button in a message.
type Button struct {
	ActionID, BlockID, Text, Value, URL, Style string
}

type message struct {
	channel   *channel
	ts        string
	thread    string
	broadcast bool
	user      string // id
	text      string
	blocks    []object
	metadata  json.RawMessage
	edits     int
	only      string // user id, of ephemeral ones
	linkNames bool
}

// reply is whether the message stands in somebody's thread.
func (m *message) reply() bool { return m.thread != "" && m.thread != m.ts }

func (s *Slack) messageAt(c *channel, ts string) *message {
	all := s.messages[c.ID]
	i := slices.IndexFunc(all, func(m *message) bool { return m.ts == ts })
	if i < 0 {
		return nil
	}
	return all[i]
}

// json is the message object of the Web API and of payloads.
func (s *Slack) messageJSON(m *message) object {
	all := object{
		"type": "message", "user": m.user, "ts": m.ts, "text": m.text, "team": s.team.ID,
	}
	if m.user == s.app.userID {
		all["bot_id"], all["app_id"] = s.app.botID, s.app.ID
	}
	if len(m.blocks) > 0 {
		all["blocks"] = m.blocks
	}
	if m.thread != "" {
		all["thread_ts"] = m.thread
	}
	if m.metadata != nil {
		all["metadata"] = m.metadata
	}
	if m.edits > 0 {
		all["edited"] = object{"user": m.user, "ts": m.ts}
	}
	if m.only != "" {
		all["is_ephemeral"] = true
	}
	return all
}

// view is a copy for questions.
func (s *Slack) messageView(m *message) Message {
	v := Message{
		Channel: m.channel.ID, TS: m.ts, Broadcast: m.broadcast, User: m.user, Bot: m.user == s.app.userID,
		Text: m.text, Metadata: slices.Clone(m.metadata), Edits: m.edits, EphemeralTo: m.only,
		Plain: plainMessage(s, m), Pings: s.pings(m), Buttons: buttonsOf(m.blocks),
	}
	if m.reply() {
		v.ThreadTS = m.thread
	}
	if len(m.blocks) > 0 {
		v.Blocks, _ = json.Marshal(m.blocks)
	}
	for _, r := range s.messages[m.channel.ID] {
		if r != m && r.thread == m.ts && r.only == "" {
			v.Replies = append(v.Replies, s.messageView(r))
		}
	}
	return v
}

// addMessage puts a message into its channel.
func (s *Slack) addMessage(m *message) *message {
	m.ts = s.nextTS()
	m.user = cmp.Or(m.user, s.app.userID)
	s.messages[m.channel.ID] = append(s.messages[m.channel.ID], m)
	if parent := s.messageAt(m.channel, m.thread); m.thread != "" && parent != nil && m.only == "" {
		parent.thread = parent.ts
	}
	s.touch()
	return m
}

func (s *Slack) dropMessage(m *message) {
	all := s.messages[m.channel.ID]
	s.messages[m.channel.ID] = slices.DeleteFunc(slices.Clone(all), func(o *message) bool { return o == m })
	s.touch()
}

// cut shortens text as Slack does what is too long.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// asText decodes what the characters & < > became.
func asText(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// escape is what & < > become in what people write.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
