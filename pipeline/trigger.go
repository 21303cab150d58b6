package pipeline

import "time"

// Triggers say which changes start the pipeline by themselves; people may start
// it at any time. A list is an or.
type Triggers struct {
	Push        []PushFilter        `json:"pushes,omitempty"`
	PullRequest []PullRequestFilter `json:"pull_requests,omitempty"`
	MergeGroup  []MergeGroupFilter  `json:"merge_groups,omitempty"`
	Schedule    []Schedule          `json:"schedules,omitempty"`
}

// PushFilter fits a pushed branch or tag. A push is of one or the other: a filter
// with Tags fits tags only, any other one branches. Without Branches and Tags it
// fits the default branch.
type PushFilter struct {
	Branches  *Filter `json:"branches,omitempty"`
	Tags      *Filter `json:"tags,omitempty"`
	FilePaths *Filter `json:"file_paths,omitempty"` // of files that the push changes
}

// PullRequestFilter fits a change of a pull request. No Branches means those
// against the default branch.
type PullRequestFilter struct {
	Events    []PullRequestEvent `json:"events,omitempty"`   // none: opened and updated
	Branches  *Filter            `json:"branches,omitempty"` // the target
	FilePaths *Filter            `json:"file_paths,omitempty"`
	Labels    *Filter            `json:"labels,omitempty"` // one of its labels fits Includes, none fits Excludes
	Drafts    *bool              `json:"drafts,omitempty"` // only drafts, or none; nil: both
}

// PullRequestEvent is what happened to a pull request. The words are
// CodePipeline's.
type PullRequestEvent string

const (
	PullRequestOpened  PullRequestEvent = "OPEN"
	PullRequestUpdated PullRequestEvent = "UPDATED"
	PullRequestClosed  PullRequestEvent = "CLOSED"
)

// MergeGroupFilter fits a group of pull requests in GitHub's merge queue. No
// Branches means those bound for the default branch.
type MergeGroupFilter struct {
	Branches *Filter `json:"branches,omitempty"`
}

// Schedule starts the pipeline at times.
type Schedule struct {
	Cron     string `json:"cron"`                // minute hour day-of-month month day-of-week
	TimeZone string `json:"time_zone,omitempty"` // Region/City; empty: UTC
	Branch   string `json:"branch,omitempty"`    // empty: the default branch
}

// DueSchedule is a schedule of a pipeline on a repository's default branch, when it
// is due next, and when somebody is to see to it: then, or later.
type DueSchedule struct {
	Host         string
	RepositoryID int64
	Pipeline     string
	Schedule     Schedule
	Due, At      time.Time
}
