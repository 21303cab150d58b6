package pipeline

import (
	"slices"
	"time"
)

// DefaultApprovalTimeout is how long a gate stays open unless its policy says
// otherwise: seven days, as on AWS.
const DefaultApprovalTimeout = 7 * 24 * time.Hour

// MinApprovalTimeout and MaxApprovalTimeout bound what a policy may say.
const (
	MinApprovalTimeout = time.Second
	MaxApprovalTimeout = 60 * 24 * time.Hour
)

// Policy is who must agree before a gate opens. A gate keeps a snapshot of it, as
// it applied to its change: requirements whose When does not fit are gone from it,
// and users are known by id.
type Policy struct {
	// AllOf are the requirements, every one of which has to be met. None means that
	// Required people with write access are enough.
	AllOf    []Requirement `json:"all_of,omitempty"`
	Required int           `json:"required"` // without AllOf: votes needed, at least 1
	// PreventSelfApproval excludes whoever has a hand in the change: Brief.Involved.
	PreventSelfApproval bool          `json:"prevent_self_approval,omitempty"`
	Timeout             time.Duration `json:"timeout"`                // then the gate expires
	RemindAfter         time.Duration `json:"remind_after,omitempty"` // then those who can still vote are told once more; 0: never
	Escalate            *Escalation   `json:"escalate,omitempty"`
	// Override names who may open the gate alone, with a reason. None: nobody.
	Override []Selector `json:"override,omitempty"`
	// AnyOne makes one vote of anybody whom the policy names enough, of those
	// involved too: a rollback has to get through at night.
	AnyOne  bool   `json:"any_one,omitempty"`
	Message string `json:"message,omitempty"` // what the approver is asked to look at
	Link    string `json:"link,omitempty"`
	Slack   string `json:"slack,omitempty"` // the channel that is told
	// Waived are requirements that do not apply to this change, in words, for people
	// to see why nobody asks for them.
	Waived []string `json:"waived,omitempty"`
}

// Requirements are those of the policy: AllOf, or what stands for it. There is
// always one.
func (p Policy) Requirements() []Requirement {
	if len(p.AllOf) > 0 {
		return p.AllOf
	}
	return []Requirement{{Required: max(1, p.Required)}}
}

// Requirement is a number of votes by people of a kind.
type Requirement struct {
	Required int        `json:"required"`       // different people, at least 1
	From     []Selector `json:"from,omitempty"` // any of them; none: whoever has write access
	When     *AppliesTo `json:"when,omitempty"` // nil: always
}

// Selector names people. Exactly one of Team, User, Permission and CodeOwners is
// set.
type Selector struct {
	Team string `json:"team,omitempty"` // the slug of a team of the repository's owner, in lower case
	User string `json:"user,omitempty"` // a login
	// ID is the account that User was when the gate opened: a login may change hands.
	// 0: not looked up, and then it names nobody.
	ID         int64      `json:"id,omitempty"`
	Permission Permission `json:"permission,omitempty"` // write or admin: at least that
	// CodeOwners are the owners of what has changed: see Brief.Owners.
	CodeOwners bool `json:"code_owners,omitempty"`
}

// AppliesTo says to which changes a requirement applies: all that is set has to fit.
// What is not known fits.
type AppliesTo struct {
	Branches *Filter `json:"branches,omitempty"` // of a pull request: that it is bound for
	Paths    *Filter `json:"paths,omitempty"`    // any changed path fits
	Labels   *Filter `json:"labels,omitempty"`   // any label of the pull request fits
}

// Escalation adds people to every requirement of a gate that has waited.
type Escalation struct {
	After time.Duration `json:"after"`
	To    []Selector    `json:"to"`
}

func (p Policy) clone() Policy {
	p.AllOf = slices.Clone(p.AllOf)
	return p
}
