package pipeline

// ExecutionFilter selects runs; zero fields select everything. Answers come
// newest first.
type ExecutionFilter struct {
	Host         string
	RepositoryID int64
	Pipeline     string
	Lane         Lane // zero: every lane
	SHA          string
	Status       ExecutionStatus
	OpenGates    bool   // only runs with a gate that waits for votes
	Before       string // only runs that were first saved before the one of that id
	Limit        int    // at most so many; 0: 50
}
