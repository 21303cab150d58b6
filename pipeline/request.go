package pipeline

// Request is who asks for something by name, through a door other than a webhook,
// and how it is told from the same request made again.
type Request struct {
	By   Actor
	Door Door
	// Key is the business key: what is asked with the same key again has no second
	// effect. Empty: each request is one of its own.
	Key string
}

// Ballot is a vote on a gate that is named by whoever votes.
type Ballot struct {
	Gate    string // empty: the one that is open
	SHA     string // the beginning of the commit that it is meant for; empty: whichever
	Verdict Verdict
	Reason  string
}

// Wish asks for a run of a pipeline at a commit of a branch, or at a tag.
type Wish struct {
	Pipeline  string
	Branch    string // empty: the default branch, unless there is a tag
	Tag       string
	SHA       string // empty: where the branch stands
	Variables map[string]string
}
