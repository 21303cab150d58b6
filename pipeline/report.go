package pipeline

import "time"

// ReportKind is what is shown where.
type ReportKind string

const (
	ReportCheck   ReportKind = "check"   // a check run of a commit
	ReportStatus  ReportKind = "status"  // a commit status
	ReportComment ReportKind = "comment" // a comment of a pull request
	// ReportDeployment is a deployment of a commit.
	ReportDeployment ReportKind = "deployment"
	// ReportMessage is a message in a channel of Slack. Its id is its time stamp, in
	// microseconds.
	ReportMessage ReportKind = "message"
)

// ReportKey names one thing that we show. Subject is a commit id, "pull/<number>" or
// "slack/<channel>"; Name is the check's name, the status' context, or the comment's
// marker.
type ReportKey struct {
	Host         string
	RepositoryID int64
	Subject      string
	Kind         ReportKind
	Name         string
}

// Report is one row of what the forge shows of us: who owns the row, what was
// last sent, and under which id it can be changed.
type Report struct {
	Key       ReportKey
	Execution string // the run that owns the row
	Lane      Lane
	Position  int64 // of the owner in its lane
	Number    int64 // of the owner
	// Hash is of the content that was last sent, empty before the first.
	Hash       string
	ExternalID int64 // check run id or comment id at the forge, 0 before it is known
	// ShownAt is when the forge says it was created (its clock, for comments).
	ShownAt   time.Time
	UpdatedAt time.Time
}

// LogLine is one line of what an action printed.
type LogLine struct {
	At     time.Time `json:"at"` // microseconds
	Stream Stream    `json:"stream"`
	Text   string    `json:"text"` // without its newline
}

// Stream is where a line came from.
type Stream string

const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
	System Stream = "system" // said by Penstock itself
)
