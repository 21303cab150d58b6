package pipeline

// Judgement is what became of a change that the forge told us of: what it started,
// or why nothing.
type Judgement struct {
	Delivery Delivery // without its headers and body; its Note is the judgement
	Ref, SHA string   // what changed, and to what; empty once the body is not kept any more
	// PullRequest is the number of the pull request that changed, or 0.
	PullRequest int
}
