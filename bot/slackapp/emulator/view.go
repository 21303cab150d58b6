package emulator

import (
	"context"
	"slices"
)

// View answers questions inside Await, where the lock is held: ask the View there,
// never the Slack.
type View struct{ s *Slack }

// Await returns when the condition holds. It is asked now and after every change of
// state, under the lock, so it must be quick. The error is the context's, or says that
// the emulator was closed.
func (s *Slack) Await(ctx context.Context, condition func(*View) bool) error {
	return s.mu.Await(ctx, s.ctx, func() bool { return condition(&View{s}) })
}

// Look runs a function on one consistent state.
func (s *Slack) Look(look func(*View)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(&View{s})
}

// Messages lists what stands in a channel, oldest first, answers in threads below
// theirs, or by themselves when that was deleted. The channel is named by id or name; direct messages by their D... id.
func (v *View) Messages(channel string) []Message {
	c := v.s.findChannel(channel)
	if c == nil {
		return nil
	}
	var list []Message
	for _, m := range v.s.messages[c.ID] {
		if m.only == "" && (!m.reply() || v.s.messageAt(c, m.thread) == nil) {
			list = append(list, v.s.messageView(m))
		}
	}
	return list
}

// Message finds one message, ephemeral ones too.
func (v *View) Message(channel, ts string) (Message, bool) {
	c := v.s.findChannel(channel)
	if c == nil {
		return Message{}, false
	}
	m := v.s.messageAt(c, ts)
	if m == nil {
		return Message{}, false
	}
	return v.s.messageView(m), true
}

// Ephemerals lists what somebody alone sees, oldest first, of all channels.
func (v *View) Ephemerals(who string) []Message {
	u := v.s.findUser(who)
	if u == nil {
		return nil
	}
	var list []Message
	for _, c := range v.s.channels {
		for _, m := range v.s.messages[c.ID] {
			if m.only == u.ID {
				list = append(list, v.s.messageView(m))
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Message) int { return compareTS(a.TS, b.TS) })
	return list
}

// DirectMessages lists what the bot wrote to somebody, oldest first.
func (v *View) DirectMessages(who string) []Message {
	u := v.s.findUser(who)
	if u == nil {
		return nil
	}
	for _, c := range v.s.channels {
		if c.dm == u.ID {
			return v.Messages(c.ID)
		}
	}
	return nil
}

// Modal is what somebody has open, the top one of several.
func (v *View) Modal(who string) (Modal, bool) {
	u := v.s.findUser(who)
	if u == nil || len(v.s.views[u.ID]) == 0 {
		return Modal{}, false
	}
	stack := v.s.views[u.ID]
	return v.s.modalView(stack[len(stack)-1]), true
}

// Pings are all those whom messages of a channel would have called, answers in threads
// too, each once.
func (v *View) Pings(channel string) []string {
	c := v.s.findChannel(channel)
	if c == nil {
		return nil
	}
	var list []string
	for _, m := range v.s.messages[c.ID] {
		for _, who := range v.s.pings(m) {
			if !slices.Contains(list, who) {
				list = append(list, who)
			}
		}
	}
	return list
}

// Calls counts requests to a method, refused ones too; "" counts all. Posts to
// response URLs are called response_url.
func (v *View) Calls(method string) int {
	n := 0
	for _, c := range v.s.calls {
		if method == "" || c.Method == method {
			n++
		}
	}
	return n
}

// compareTS orders timestamps of one length, which all are until 2286.
func compareTS(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
