package emulator

// Team is a workspace.
type Team struct {
	ID, Name, Domain string
}

// Team is the emulated workspace.
func (s *Slack) Team() Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.team
}
