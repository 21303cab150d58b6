package emulator

import "time"

// Connections counts the app's connections that get events.
func (v *View) Connections() int {
	n := 0
	for _, c := range v.s.sockets {
		if !c.leaving {
			n++
		}
	}
	return n
}

// Connections is View.Connections.
func (s *Slack) Connections() int { return look(s, (*View).Connections) }

// Disconnect tells all connections to go, for a reason such as warning,
// refresh_requested or link_disabled. They get no more events, and are cut when they
// have not gone after ten seconds.
func (s *Slack) Disconnect(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.sockets {
		c.leaving = true
		if s.ctx.Err() != nil {
			continue
		}
		s.running.Go(func() {
			_ = c.write(disconnectMessage(reason))
			timer := time.NewTimer(lingering)
			defer timer.Stop()
			select {
			case <-c.gone:
			case <-timer.C:
				c.cut()
			}
		})
	}
	s.touch()
}

// CutSockets ends all connections without a word.
func (s *Slack) CutSockets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutSockets()
}

func (s *Slack) cutSockets() {
	for _, c := range s.sockets {
		c.leaving = true
		c.cut()
	}
	s.touch()
}

// CutAfterNext cuts the connection that gets the next envelope when its answer is on the
// way: the app knows of the click, and Slack never hears that it does.
func (s *Slack) CutAfterNext() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.sockets {
		c.cutAfter = true
	}
}

// StopPings leaves all connections open and dead: no ping comes any more.
func (s *Slack) StopPings() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.sockets {
		c.silent = true
	}
}
