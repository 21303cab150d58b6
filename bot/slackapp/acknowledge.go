package slackapp

import (
	"context"
	"errors"
	"time"
)

// acknowledgement tells Slack that an event needs not be sent again. Slack drops
// those of 20 KB and more.
type acknowledgement struct {
	EnvelopeID string `json:"envelope_id"`
	Payload    any    `json:"payload,omitempty"`
}

// take works on one event beside reading: stored first, then acknowledged.
func (s *socket) take(ctx context.Context, e envelope, accept Accept) {
	arrived := time.Now()
	s.slots <- struct{}{}
	s.storing.Go(func() {
		defer func() { <-s.slots }()
		received, err := receiveEnvelope(e)
		if errors.Is(err, errUnused) {
			s.acknowledge(e.EnvelopeID, nil, arrived.Add(ackTime))
			return
		}
		if err != nil {
			s.app.log.Warn("what came over a socket of Slack's was not understood", "why", err)
			return
		}
		answer, err := s.app.admit(ctx, arrived, received, accept)
		if err != nil {
			s.app.log.Error("what came from Slack was not stored", "slack_event", received.ID, "kind", received.Kind, "error", s.app.secrets.scrub(err.Error()))
			return
		}
		if answer == nil {
			s.acknowledge(e.EnvelopeID, nil, arrived.Add(ackTime))
		} else {
			s.acknowledge(e.EnvelopeID, answer, arrived.Add(ackTime))
		}
	})
}

// receiveEnvelope reads what is in an envelope.
func receiveEnvelope(e envelope) (Received, error) {
	switch e.Type {
	case "interactive":
		return receivePayload(e.Payload)
	case "slash_commands":
		return receiveCommand(e.Payload)
	}
	return Received{}, errUnused
}

// acknowledge writes an answer. If it cannot be written, Slack sends the event again
// or tells the person; what was stored is stored.
func (s *socket) acknowledge(envelope string, payload any, until time.Time) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if envelope == "" || !time.Now().Before(until) {
		return // too late to be of use, and no reason to give up the socket
	}
	_ = s.conn.SetWriteDeadline(until)
	err := s.conn.WriteJSON(acknowledgement{envelope, payload})
	if err == nil {
		return
	}
	s.app.log.Warn("what came from Slack was stored, but could not be acknowledged", "why", s.app.secrets.scrub(innermost(err)))
	_ = s.conn.Close() // a socket that takes no answers is of no use
}
