package pipeline

import "time"

// Environment is a named place of a repository with rules, as the default branch
// declares it.
type Environment struct {
	Name string `json:"name"`
	// Branches and Tags are the refs that may enter. Neither: the default branch.
	// PullRequests lets pull requests of the repository itself in, never a fork's.
	Branches     *Filter `json:"branches,omitempty"`
	Tags         *Filter `json:"tags,omitempty"`
	PullRequests bool    `json:"pull_requests,omitempty"`
	// Approval is its gate; nil: it has none.
	Approval *Policy  `json:"approval,omitempty"`
	Freezes  []Freeze `json:"freezes,omitempty"`
	// Flag are globs of paths that approvers are pointed to.
	Flag []string `json:"flag,omitempty"`
	// URL is where the environment is to be seen; references may stand in it.
	URL string `json:"url,omitempty"`
}

// Freeze is a time in which nothing goes out: one that comes again, with Cron and
// For, or one from From to To.
type Freeze struct {
	Reason   string        `json:"reason"`
	Cron     string        `json:"cron,omitempty"` // when it begins
	For      time.Duration `json:"for,omitempty"`
	TimeZone string        `json:"time_zone,omitempty"`
	From     time.Time     `json:"from,omitzero"`
	To       time.Time     `json:"to,omitzero"`
	// Pipelines are those that it holds; none: all.
	Pipelines []string `json:"pipelines,omitempty"`
}

// Frozen is a freeze that holds a stage now.
type Frozen struct {
	Until  time.Time `json:"until"`
	Reason string    `json:"reason"`
}

// Reading is what was read, at one moment, of the rules that let a run into a stage
// or of those of a Manual action. It belongs to that run and its change.
type Reading struct {
	// Trouble says why the rules could not be read; nothing else is set then.
	Trouble string `json:"trouble,omitempty"`
	// Refused says why the run may not enter: its stage is skipped.
	Refused string `json:"refused,omitempty"`
	// Policy is that of the gate as it applies to the change; nil: there is no gate.
	Policy *Policy `json:"policy,omitempty"`
	Brief  *Brief  `json:"brief,omitempty"`
	// Override names who may go over a freeze or a gate, alone and with a reason.
	Override []Selector `json:"override,omitempty"`
	Frozen   *Frozen    `json:"frozen,omitempty"`
	URL      string     `json:"url,omitempty"` // of the environment
	// Until is how long this is taken for today's; then it is read again before the
	// run goes on.
	Until time.Time `json:"until,omitzero"`
	// Voters are those who have voted on the open gate, as they are known today.
	Voters []Facts `json:"voters,omitempty"`
	// Requester is whoever asked for the rollback that the run is.
	Requester *Facts `json:"requester,omitempty"`
}

// Entry is how far a stage is with the rules of its environment.
type Entry struct {
	// Asked counts the readings that were asked for, Read those that have come.
	Asked int `json:"asked,omitempty"`
	Read  int `json:"read,omitempty"`
	// Trouble says why the newest cannot be made.
	Trouble string `json:"trouble,omitempty"`
	// Gated, Frozen, Override, URL and Until are those of the newest reading.
	Gated    bool       `json:"gated,omitempty"`
	Frozen   *Frozen    `json:"frozen,omitempty"`
	Override []Selector `json:"override,omitempty"`
	URL      string     `json:"url,omitempty"`
	Until    time.Time  `json:"until,omitzero"`
	// Overridden is who let the run pass a freeze.
	Overridden *Override `json:"overridden,omitempty"`
	// Inside means that the run has been let in: nothing is asked any more.
	Inside bool `json:"inside,omitempty"`
}

// Reads reports whether a reading is awaited.
func (e *Entry) Reads() bool { return e != nil && e.Asked > e.Read }

// EnvironmentLockout is somebody's word that nobody enters an environment.
type EnvironmentLockout struct {
	Environment string    `json:"environment"`
	Locked      bool      `json:"locked"`
	Reason      string    `json:"reason,omitempty"`
	By          Actor     `json:"by,omitzero"`
	At          time.Time `json:"at"`
}
