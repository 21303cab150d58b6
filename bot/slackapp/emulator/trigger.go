package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// triggerLife is how long a trigger id opens a modal.
const triggerLife = 3 * time.Second

// trigger is somebody's act that may be answered by one modal.
type trigger struct {
	user *user
	at   time.Time
	used bool
}

func (s *Slack) newTrigger(u *user) string {
	s.lastID++
	id := fmt.Sprintf("%d.%d.%s", s.lastID, s.lastTS%1e9, random(16))
	s.triggers[id] = &trigger{user: u, at: s.clock()}
	return id
}

// exchange uses a trigger up.
func (s *Slack) exchange(id string) (*user, error) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, fail("invalid_trigger_id")
	case t.used:
		return nil, fail("exchanged_trigger_id")
	case s.clock().Sub(t.at) > triggerLife:
		return nil, fail("expired_trigger_id")
	}
	t.used = true
	return t.user, nil
}

// random is so many bytes nobody can guess, in hex.
func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// newEnvelopeID looks like a UUID.
func newEnvelopeID() string {
	r := random(16)
	return r[:8] + "-" + r[8:12] + "-4" + r[13:16] + "-a" + r[17:20] + "-" + r[20:]
}
