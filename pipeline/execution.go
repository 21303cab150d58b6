package pipeline

import (
	"slices"
	"time"
)

// Execution is one run through the stages of a pipeline, pinned to its commit
// and to the definition it started with.
type Execution struct {
	V          int             `json:"v"`
	ID         string          `json:"id"` // UUIDv7
	Repository Repository      `json:"repository"`
	Pipeline   string          `json:"pipeline"`
	Lane       Lane            `json:"lane"`
	Number     int64           `json:"number"`   // per pipeline, given by the store when first saved: #142
	Position   int64           `json:"position"` // in the lane: the order of the ref, greater is newer
	Status     ExecutionStatus `json:"status"`
	// FailureType and Reason tell people why the run ended as it did.
	FailureType  FailureType       `json:"failure_type,omitempty"`
	Reason       string            `json:"reason,omitempty"`
	SupersededBy string            `json:"superseded_by,omitempty"`
	Trigger      Trigger           `json:"trigger"`
	Revision     Revision          `json:"revision"`
	Definition   string            `json:"definition"` // digest of the resolved Pipeline
	Variables    map[string]string `json:"variables,omitempty"`
	Stages       []StageExecution  `json:"stages"`
	Stop         *StopRequest      `json:"stop,omitempty"`
	Rollback     *Rollback         `json:"rollback,omitempty"` // set: this run rolls one stage back
	// Waits says why the run stands in front of its next stage, a sentence for people;
	// empty if it does not.
	Waits     string    `json:"waits,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	Attempt   int       `json:"attempt"` // 1, and one more for each retry
}

// Rollback is what a run brings back: one stage as it was in an earlier run, with
// that run's definition, revision, variables and artifacts.
type Rollback struct {
	Target       string `json:"target"` // the earlier run's id
	TargetNumber int64  `json:"target_number"`
	Failed       string `json:"failed,omitempty"` // the run whose failure asked for it; empty: a person did
	Reason       string `json:"reason,omitempty"`
	// Artifacts and Outputs are what the target had when it entered the stage: its
	// bundles, and the output variables by namespace.
	Artifacts []Artifact                   `json:"artifacts,omitempty"`
	Outputs   map[string]map[string]string `json:"outputs,omitempty"`
}

// MaxConcurrent is how many unfinished runs a lane has in the modes QUEUED and
// PARALLEL, as AWS allows a pipeline.
const MaxConcurrent = 50

// StopRequest is why a run is to end before its last stage.
type StopRequest struct {
	Abandon bool            `json:"abandon"`         // stop running actions too
	As      ExecutionStatus `json:"as"`              // Stopped, Superseded or Cancelled
	Reason  string          `json:"reason"`          // a sentence for people
	By      Actor           `json:"by,omitzero"`     // who asked, if a person did
	Newer   string          `json:"newer,omitempty"` // the run that superseded this one
}

// StageExecution is a run's passage through one stage.
type StageExecution struct {
	Name        string            `json:"name"`
	Status      StageStatus       `json:"status,omitempty"` // empty: not reached
	FailureType FailureType       `json:"failure_type,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	Gate        *Approval         `json:"gate,omitempty"`    // the environment's, if it has one
	Actions     []ActionExecution `json:"actions,omitempty"` // every attempt, oldest first
	// Round is how many of Actions belong to earlier rounds: a retry of all actions
	// begins a new one.
	Round     int       `json:"round,omitempty"`
	StartedAt time.Time `json:"started_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`

	When        *ConditionExecution `json:"when,omitempty"`
	BeforeEntry *ConditionExecution `json:"before_entry,omitempty"`
	OnSuccess   *ConditionExecution `json:"on_success,omitempty"`
	OnFailure   *ConditionExecution `json:"on_failure,omitempty"`

	// Entry is how far the stage is with the rules of its environment; nil: it names
	// none, or has not come to it.
	Entry *Entry `json:"entry,omitempty"`
	// Environment is how far the stage is with the lock of its environment.
	Environment EnvironmentLock `json:"environment,omitempty"`
	// AutoRetries and ManualRetries count them.
	AutoRetries   int `json:"auto_retries,omitempty"`
	ManualRetries int `json:"manual_retries,omitempty"`
	// RollingBack means that the stage is over and is held until the rollback that
	// its failure asked for has begun.
	RollingBack bool `json:"rolling_back,omitempty"`
}

// EnvironmentLock is a stage's hold on its environment.
type EnvironmentLock string

const (
	EnvironmentWaiting EnvironmentLock = "Waiting"
	EnvironmentHeld    EnvironmentLock = "Held"
	EnvironmentFree    EnvironmentLock = "" // not asked for, or given back
)

// ActionExecution is one attempt of an action.
type ActionExecution struct {
	ID          string            `json:"id"` // AttemptID
	Name        string            `json:"name"`
	Attempt     int               `json:"attempt"` // 1, 2 ...
	RunOrder    int               `json:"run_order"`
	Block       ConditionBlock    `json:"block,omitempty"` // set: it is a rule of that condition
	Status      ActionStatus      `json:"status"`
	Retried     bool              `json:"retried,omitempty"` // it failed, and is to run again
	FailureType FailureType       `json:"failure_type,omitempty"`
	Summary     string            `json:"summary,omitempty"` // a sentence for people
	URL         string            `json:"url,omitempty"`     // the provider's page
	Percent     int               `json:"percent,omitempty"`
	Handle      []byte            `json:"handle,omitempty"` // the provider's, opaque and versioned
	Variables   map[string]string `json:"variables,omitempty"`
	Artifacts   []Artifact        `json:"artifacts,omitempty"`
	Approval    *Approval         `json:"approval,omitempty"` // of a Manual action
	Asking      bool              `json:"asking,omitempty"`   // the rules of its gate are being read
	Deadline    time.Time         `json:"deadline,omitzero"`
	StartedAt   time.Time         `json:"started_at"`
	EndedAt     time.Time         `json:"ended_at,omitzero"`
}

// Revision is the commit that a run is pinned to.
type Revision struct {
	SHA       string `json:"sha"`
	Ref       string `json:"ref"` // refs/heads/main, refs/pull/7/head
	Branch    string `json:"branch,omitempty"`
	Message   string `json:"message,omitempty"` // first line
	Author    string `json:"author,omitempty"`
	BaseRef   string `json:"base_ref,omitempty"` // target branch of a pull request
	BaseSHA   string `json:"base_sha,omitempty"`
	WebURL    string `json:"web_url,omitempty"`
	BeforeSHA string `json:"before_sha,omitempty"`
	// Fork means that the commit comes from a repository that strangers can write
	// to: it runs with the base branch's file, and gets no secret.
	Fork bool `json:"fork,omitempty"`
	// Files are the paths that the change touches; nil: not known.
	Files []string `json:"files,omitzero"`
}

// ShortSHA is the first seven characters, as forges show it.
func (r Revision) ShortSHA() string { return ShortSHA(r.SHA) }

// ShortSHA is the first seven characters of a commit id.
func ShortSHA(sha string) string { return sha[:min(7, len(sha))] }

// Artifact is a bundle handed from action to action, stored by the digest of
// its canonical tar.
type Artifact struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // "sha256:" + hex
	Size   int64  `json:"size"`   // bytes as stored
}

// TriggerKind is why a run began.
type TriggerKind string

const (
	TriggerPush        TriggerKind = "Push"
	TriggerPullRequest TriggerKind = "PullRequest"
	TriggerMergeGroup  TriggerKind = "MergeGroup"
	TriggerManual      TriggerKind = "Manual"
	TriggerSchedule    TriggerKind = "Schedule"
	TriggerComment     TriggerKind = "Comment"
	TriggerRetry       TriggerKind = "Retry"
	TriggerRollback    TriggerKind = "Rollback"
	TriggerAPI         TriggerKind = "Api"
)

// Trigger tells why and by whom a run was started.
type Trigger struct {
	Kind        TriggerKind `json:"kind"`
	By          Actor       `json:"by,omitzero"`
	PullRequest int         `json:"pull_request,omitempty"`
	Delivery    string      `json:"delivery,omitempty"` // the webhook delivery that told us
	// Title, Labels and Draft are the pull request's when the run was started.
	Title  string   `json:"title,omitempty"`
	Labels []string `json:"labels,omitempty"`
	Draft  bool     `json:"draft,omitempty"`
}

// Actor is a person or bot of the forge: ID identifies, Login is for display.
type Actor struct {
	ID    int64  `json:"id,omitempty"`
	Login string `json:"login,omitempty"`
}

// Stage returns the passage through the stage of that name, or nil.
func (e *Execution) Stage(name string) *StageExecution {
	for i := range e.Stages {
		if e.Stages[i].Name == name {
			return &e.Stages[i]
		}
	}
	return nil
}

// Current returns the first stage that the run has not passed, or nil.
func (e *Execution) Current() *StageExecution {
	for i := range e.Stages {
		if !e.Stages[i].Status.Passed() {
			return &e.Stages[i]
		}
	}
	return nil
}

// FindAction returns the attempt with that id, of an action or a rule, and its
// stage, or nils.
func (e *Execution) FindAction(attemptID string) (*StageExecution, *ActionExecution) {
	for i := range e.Stages {
		s := &e.Stages[i]
		for j := range s.Actions {
			if s.Actions[j].ID == attemptID {
				return s, &s.Actions[j]
			}
		}
		for _, block := range ConditionBlocks() {
			c := s.Condition(block)
			for j := 0; c != nil && j < len(c.Rules); j++ {
				if c.Rules[j].ID == attemptID {
					return s, &c.Rules[j]
				}
			}
		}
	}
	return nil, nil
}

// ConditionBlocks are all blocks in the order of a stage.
func ConditionBlocks() []ConditionBlock {
	return []ConditionBlock{BlockWhen, BlockBeforeEntry, BlockOnSuccess, BlockOnFailure}
}

// Condition returns the passage through a block, or nil if it was not reached.
func (s *StageExecution) Condition(block ConditionBlock) *ConditionExecution {
	switch block {
	case BlockWhen:
		return s.When
	case BlockBeforeEntry:
		return s.BeforeEntry
	case BlockOnSuccess:
		return s.OnSuccess
	case BlockOnFailure:
		return s.OnFailure
	}
	return nil
}

// SetCondition puts c in the place of a block.
func (s *StageExecution) SetCondition(block ConditionBlock, c *ConditionExecution) {
	switch block {
	case BlockWhen:
		s.When = c
	case BlockBeforeEntry:
		s.BeforeEntry = c
	case BlockOnSuccess:
		s.OnSuccess = c
	case BlockOnFailure:
		s.OnFailure = c
	}
}

// Clone returns a copy that shares nothing that is ever changed in place.
func (e *Execution) Clone() *Execution {
	c := *e
	if e.Stop != nil {
		stop := *e.Stop
		c.Stop = &stop
	}
	c.Stages = slices.Clone(e.Stages)
	for i := range c.Stages {
		s := &c.Stages[i]
		s.Gate = s.Gate.clone()
		if s.Entry != nil {
			entry := *s.Entry
			s.Entry = &entry
		}
		s.Actions = slices.Clone(s.Actions)
		for j := range s.Actions {
			s.Actions[j].Approval = s.Actions[j].Approval.clone()
		}
		for _, block := range ConditionBlocks() {
			s.SetCondition(block, s.Condition(block).clone())
		}
	}
	return &c
}

// Latest returns the newest attempt of an action in this round, or nil if it has
// not started.
func (s *StageExecution) Latest(action string) *ActionExecution {
	for i := len(s.Actions) - 1; i >= s.Round; i-- {
		if s.Actions[i].Name == action {
			return &s.Actions[i]
		}
	}
	return nil
}

// Gates returns the approvals of the run that are open, in the order of the
// stages.
func (e *Execution) Gates() []*Approval {
	var open []*Approval
	for _, g := range e.AllGates() {
		if g.Status == ApprovalPending {
			open = append(open, g)
		}
	}
	return open
}

// AllGates returns every approval the run has asked for, oldest first.
func (e *Execution) AllGates() []*Approval {
	var all []*Approval
	for i := range e.Stages {
		s := &e.Stages[i]
		if s.Gate != nil {
			all = append(all, s.Gate)
		}
		for j := range s.Actions {
			if s.Actions[j].Approval != nil {
				all = append(all, s.Actions[j].Approval)
			}
		}
	}
	return all
}

// ArtifactNamed returns the newest artifact of that name that the run has: made by
// itself, or taken over from the run that it brings back.
func (e *Execution) ArtifactNamed(name string) (Artifact, bool) {
	var found Artifact
	ok := false
	if e.Rollback != nil {
		for _, a := range e.Rollback.Artifacts {
			if a.Name == name {
				found, ok = a, true
			}
		}
	}
	for i := range e.Stages {
		for j := range e.Stages[i].Actions {
			for _, a := range e.Stages[i].Actions[j].Artifacts {
				if a.Name == name {
					found, ok = a, true
				}
			}
		}
	}
	return found, ok
}
