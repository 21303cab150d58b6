package pipeline

import (
	"slices"
	"time"
)

// DefaultApprovalTimeout is how long a gate stays open unless its policy says
// otherwise: seven days, as on AWS.
const DefaultApprovalTimeout = 7 * 24 * time.Hour

// Policy is who must agree before a gate opens. A gate keeps a snapshot of it.
type Policy struct {
	Required int           `json:"required"`          // votes needed, at least 1
	Timeout  time.Duration `json:"timeout"`           // then the gate expires
	Message  string        `json:"message,omitempty"` // what the approver is asked to look at
	Link     string        `json:"link,omitempty"`
}

// Approval is one gate of one run: a question that people answer with votes.
type Approval struct {
	ID        string         `json:"id"`   // an attempt id
	Name      string         `json:"name"` // the environment, or stage/action
	Stage     string         `json:"stage"`
	Action    string         `json:"action,omitempty"` // empty for an environment's gate
	Status    ApprovalStatus `json:"status"`
	Policy    Policy         `json:"policy"`
	SHA       string         `json:"sha"`
	Digests   []string       `json:"digests,omitempty"` // artifacts the run had when it asked
	Votes     []Vote         `json:"votes,omitempty"`
	OpenedAt  time.Time      `json:"opened_at"`
	ExpiresAt time.Time      `json:"expires_at"`
	DecidedAt time.Time      `json:"decided_at,omitzero"`
}

// Verdict is what a vote says.
type Verdict string

const (
	Approve Verdict = "Approve"
	Reject  Verdict = "Reject"
)

// Vote is one answer to a gate, with what was known of the voter when it was
// given.
type Vote struct {
	Verdict Verdict   `json:"verdict"`
	Facts   Facts     `json:"facts"`
	Reason  string    `json:"reason,omitempty"`
	Door    Door      `json:"door"`
	Source  string    `json:"source,omitempty"` // comment id, check run id ...
	At      time.Time `json:"at"`
}

// Door is where a vote came in.
type Door string

const (
	DoorComment Door = "comment"
	DoorCheck   Door = "check"
	DoorSlack   Door = "slack"
	DoorPage    Door = "page"
	DoorCLI     Door = "cli"
	DoorAPI     Door = "api"
)

// Permission is a person's role on the repository, as the forge names it.
type Permission string

const (
	PermissionNone  Permission = "none"
	PermissionRead  Permission = "read"
	PermissionWrite Permission = "write"
	PermissionAdmin Permission = "admin"
)

// CanWrite reports whether the role includes write access.
func (p Permission) CanWrite() bool { return p == PermissionWrite || p == PermissionAdmin }

// Facts are what was known about a voter at the vote. A look-up that failed is
// named in Unknown, and never counts as a yes.
type Facts struct {
	Voter      Actor      `json:"voter"`
	Bot        bool       `json:"bot,omitempty"`
	Permission Permission `json:"permission"`
	Unknown    []string   `json:"unknown,omitempty"`
}

func (a *Approval) clone() *Approval {
	if a == nil {
		return nil
	}
	c := *a
	c.Votes = slices.Clone(a.Votes)
	return &c
}
