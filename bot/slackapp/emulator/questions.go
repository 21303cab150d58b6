package emulator

import "slices"

// look asks one question.
func look[T any](s *Slack, ask func(*View) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ask(&View{s})
}

// Messages is View.Messages.
func (s *Slack) Messages(channel string) []Message {
	return look(s, func(v *View) []Message { return v.Messages(channel) })
}

// Message is View.Message.
func (s *Slack) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (&View{s}).Message(channel, ts)
}

// Ephemerals is View.Ephemerals.
func (s *Slack) Ephemerals(who string) []Message {
	return look(s, func(v *View) []Message { return v.Ephemerals(who) })
}

// DirectMessages is View.DirectMessages.
func (s *Slack) DirectMessages(who string) []Message {
	return look(s, func(v *View) []Message { return v.DirectMessages(who) })
}

// Modal is View.Modal.
func (s *Slack) Modal(who string) (Modal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (&View{s}).Modal(who)
}

// Pings is View.Pings.
func (s *Slack) Pings(channel string) []string {
	return look(s, func(v *View) []string { return v.Pings(channel) })
}

// Calls is View.Calls.
func (s *Slack) Calls(method string) int {
	return look(s, func(v *View) int { return v.Calls(method) })
}

// Log lists all requests in the order in which their effects stood.
func (s *Slack) Log() []Call {
	return look(s, func(v *View) []Call { return slices.Clone(v.s.calls) })
}
