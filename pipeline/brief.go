package pipeline

// Limits of a brief. What goes beyond them is counted, not listed.
const (
	MaxBriefCommits = 100
	MaxBriefPaths   = 50
	MaxBriefPeople  = 200
)

// Brief is what a gate is about: what would go out, who has a hand in it, and who
// owns it. It was gathered when the gate opened and is not changed while it is
// open, but by a new reading of the rules.
type Brief struct {
	// Base is the commit of the last success of the stage; empty: there was none, and
	// the change alone is listed. BaseNumber is that run's.
	Base       string `json:"base,omitempty"`
	BaseNumber int64  `json:"base_number,omitempty"`
	// Commits are those between Base and the gate's commit, newest first. More says
	// how many others there are; -1: some, nobody knows how many.
	Commits []BriefCommit `json:"commits,omitempty"`
	More    int           `json:"more,omitempty"`
	// CompareURL is the forge's page of the difference.
	CompareURL string `json:"compare_url,omitempty"`
	// Files is how many paths differ; -1: not known, since there are too many.
	Files int `json:"files"`
	// Flagged are changed paths that the operator or the repository wants looked at.
	// MoreFlagged says how many others there are.
	Flagged     []string `json:"flagged,omitempty"`
	MoreFlagged int      `json:"more_flagged,omitempty"`
	// Involved are the people who have a hand in the change.
	Involved []Involved `json:"involved,omitempty"`
	// Unresolved are authors, as git names them, of whom no account is known.
	Unresolved []string `json:"unresolved,omitempty"`
	// Owners are the owners of what has changed, one entry for each line of
	// CODEOWNERS that fits a changed path. If the paths are not known, of every line.
	Owners []Ownership `json:"owners,omitempty"`
	// Missing names what could not be looked up; it is shown, and is never a yes: by
	// MissingPeople, MissingOwners or MissingDetails, or in words of its own.
	Missing []string `json:"missing,omitempty"`
}

// Names of look-ups in Brief.Missing, for what rests on them. Any other name is
// taken for one that both rest on: who has a hand in the change, and who owns it.
const (
	MissingPeople  = "the people with a hand in the change"
	MissingOwners  = "the code owners of what has changed"
	MissingDetails = "details of the change" // such as titles: only shown
)

// BriefCommit is one commit of a brief.
type BriefCommit struct {
	SHA         string `json:"sha"`
	Title       string `json:"title"`
	Author      string `json:"author,omitempty"` // a login, or a name where none is known
	PullRequest int    `json:"pull_request,omitempty"`
	PullTitle   string `json:"pull_title,omitempty"`
}

// Role is a hand that somebody has in a change.
type Role string

const (
	RoleAuthor     Role = "author of the pull request"
	RolePusher     Role = "pusher"
	RoleMerger     Role = "merger"
	RoleStarter    Role = "starter of the run"
	RoleCommitter  Role = "author of a commit"
	RoleCoAuthor   Role = "co-author of a commit"
	RoleUnresolved Role = "author without an account"
)

// Involved is somebody with their hands in a change.
type Involved struct {
	Actor Actor  `json:"actor"`
	Roles []Role `json:"roles"`
}

// Ownership is a line of CODEOWNERS that fits what has changed.
type Ownership struct {
	Pattern string     `json:"pattern"`
	Owners  []Selector `json:"owners"` // teams and users
	// Others are owners that are no team and no account here, such as e-mail addresses.
	Others []string `json:"others,omitempty"`
}
