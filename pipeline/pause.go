package pipeline

import "time"

// Pause is the operator's word that a server is to start no action: deliveries
// are taken, runs begin and wait, votes count, and what runs goes on to its end.
type Pause struct {
	Paused bool      `json:"paused"`
	By     string    `json:"by,omitempty"` // a user of the server's machine
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at,omitzero"`
}
