package pipeline

import (
	"slices"
	"time"
)

// Approval is one gate of one run: a question that people answer with votes.
type Approval struct {
	ID     string         `json:"id"`   // an attempt id
	Name   string         `json:"name"` // the environment, or stage/action
	Stage  string         `json:"stage"`
	Action string         `json:"action,omitempty"` // empty for an environment's gate
	Status ApprovalStatus `json:"status"`
	Policy Policy         `json:"policy"`
	// Brief is what people decide about; nil in gates of older releases.
	Brief     *Brief    `json:"brief,omitempty"`
	SHA       string    `json:"sha"`
	Digests   []string  `json:"digests,omitempty"` // artifacts the run had when it asked
	Votes     []Vote    `json:"votes,omitempty"`
	OpenedAt  time.Time `json:"opened_at"`
	ExpiresAt time.Time `json:"expires_at"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	// RemindAt and EscalateAt are when that is due, zero: never; RemindedAt and
	// EscalatedAt when it was done.
	RemindAt    time.Time `json:"remind_at,omitzero"`
	RemindedAt  time.Time `json:"reminded_at,omitzero"`
	EscalateAt  time.Time `json:"escalate_at,omitzero"`
	EscalatedAt time.Time `json:"escalated_at,omitzero"`
	// Overridden is who opened the gate against its policy.
	Overridden *Override `json:"overridden,omitempty"`
	// ChangedAt is when its rules were last changed while it was open; zero: never.
	ChangedAt time.Time `json:"changed_at,omitzero"`
	// Reopened counts how often it was approved and then asked again, because its
	// rules or its voters had changed before the run went on.
	Reopened int `json:"reopened,omitempty"`
}

// Rules is the policy as it counts now: a gate that was escalated takes more
// people's votes.
func (a *Approval) Rules() Policy {
	p := a.Policy
	if a.EscalatedAt.IsZero() || p.Escalate == nil {
		return p
	}
	p.AllOf = slices.Clone(p.Requirements())
	for i := range p.AllOf {
		if r := &p.AllOf[i]; len(r.From) == 0 { // whoever can write, and those
			r.From = append([]Selector{{Permission: PermissionWrite}}, p.Escalate.To...)
		} else {
			r.From = slices.Concat(r.From, p.Escalate.To)
		}
	}
	return p
}

// Override is somebody's word that goes over a rule.
type Override struct {
	By     Actor     `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
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
	// Withdrawn is when the voter took it back; zero: it stands.
	Withdrawn time.Time `json:"withdrawn,omitzero"`
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
	// DoorRollback is the wish for a rollback, which is a vote for it.
	DoorRollback Door = "rollback"
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
	// Suspended means that the account is suspended, or gone.
	Suspended bool `json:"suspended,omitempty"`
	// Teams are the slugs of those teams of the policy that the voter is an active
	// member of, of a team inside them too.
	Teams []string `json:"teams,omitempty"`
	// Unknown names what could not be looked up: UnknownPermission, or a team by
	// UnknownTeam.
	Unknown []string `json:"unknown,omitempty"`
}

// UnknownPermission is the name of a voter's permission in Facts.Unknown.
const UnknownPermission = "permission"

// UnknownTeam is the name of the membership in a team in Facts.Unknown.
func UnknownTeam(slug string) string { return "membership in team " + slug }

func (a *Approval) clone() *Approval {
	if a == nil {
		return nil
	}
	c := *a
	c.Policy = a.Policy.clone()
	c.Votes = slices.Clone(a.Votes)
	return &c
}
