package pipeline

import "time"

// StateKey names a State: one lane of one pipeline of one repository.
type StateKey struct {
	Host         string `json:"host"`
	RepositoryID int64  `json:"repository_id"`
	Pipeline     string `json:"pipeline"`
	Lane         Lane   `json:"lane"`
}

// Key returns the key of the run's lane.
func (e *Execution) Key() StateKey {
	return StateKey{e.Repository.Host, e.Repository.ID, e.Pipeline, e.Lane}
}

// State is what the machine works on: one lane of one pipeline with its runs in
// flight. It is loaded, given to machine.Next, and what changed is saved,
// guarded by Version.
type State struct {
	Key     StateKey
	Version int64 // 0: never saved
	Ledger  Ledger
	// Executions are the unfinished runs in the order of Position, and those
	// ended ones that the caller asked for by id. They belong to the
	// caller as far as Clone copies them.
	Executions []*Execution
	// Definitions are the resolved pipelines of Executions, by digest.
	// They are shared between states: read-only.
	Definitions map[string]*Pipeline
	// Transitions are the doors of the pipeline that somebody has touched.
	Transitions []Transition
	// Lockouts are the environments of the repository that somebody has locked.
	Lockouts []EnvironmentLockout
}

// Lockout returns why nobody enters an environment, or nil.
func (s *State) Lockout(environment string) *EnvironmentLockout {
	for i := range s.Lockouts {
		if l := &s.Lockouts[i]; l.Environment == environment && l.Locked {
			return l
		}
	}
	return nil
}

// Execution returns the run with that id, or nil.
func (s *State) Execution(id string) *Execution {
	for _, e := range s.Executions {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// Definition returns the pipeline that the run is pinned to.
func (s *State) Definition(e *Execution) *Pipeline { return s.Definitions[e.Definition] }

// Ledger is what a lane remembers beyond its runs in flight.
type Ledger struct {
	V            int   `json:"v"`
	LastPosition int64 `json:"last_position"`
	// Entered is, per stage name, the position of the newest run that entered it.
	Entered map[string]int64 `json:"entered,omitempty"`
	// Succeeded is, per stage name, the newest run that succeeded there and was no
	// rollback: what an automatic rollback goes back to.
	Succeeded map[string]string `json:"succeeded,omitempty"`
	// Changes are the newest changes of the ref that were accepted, newest
	// first, at most MaxChanges.
	Changes []Change `json:"changes,omitempty"`
	// ClosedAt is when the pull request of the lane was closed, by the forge's
	// clock; zero while it is open.
	ClosedAt time.Time `json:"closed_at,omitzero"`
}

// MaxChanges is how many accepted changes of a ref a lane remembers in order to
// place late deliveries.
const MaxChanges = 64

// Change is one move of a ref, as far as it helps to order it among others.
type Change struct {
	At     time.Time `json:"at"`     // pushed_at or updated_at of the forge, in seconds
	Before string    `json:"before"` // zeros or empty: unknown or none
	After  string    `json:"after"`
	// Position of the run it started.
	Position int64 `json:"position"`
}

// Event is a fact about a lane, append-only, numbered within its State. The
// store chains events by hash.
type Event struct {
	Seq       int64          `json:"seq"` // given by the store
	At        time.Time      `json:"at"`
	Kind      EventKind      `json:"kind"`
	Execution string         `json:"execution,omitempty"`
	Stage     string         `json:"stage,omitempty"`
	Action    string         `json:"action,omitempty"`  // an action's name
	Attempt   string         `json:"attempt,omitempty"` // an attempt's id
	By        Actor          `json:"by,omitzero"`
	Detail    string         `json:"detail,omitempty"`
	Data      map[string]any `json:"data,omitempty"`
}

// EventKind names a fact.
type EventKind string

const (
	EventExecutionStarted    EventKind = "ExecutionStarted"
	EventExecutionStopping   EventKind = "ExecutionStopping"
	EventExecutionStopped    EventKind = "ExecutionStopped"
	EventExecutionSucceeded  EventKind = "ExecutionSucceeded"
	EventExecutionFailed     EventKind = "ExecutionFailed"
	EventExecutionSuperseded EventKind = "ExecutionSuperseded"
	EventExecutionCancelled  EventKind = "ExecutionCancelled"
	EventExecutionResumed    EventKind = "ExecutionResumed"
	EventStageStarted        EventKind = "StageStarted"
	EventStageSucceeded      EventKind = "StageSucceeded"
	EventStageFailed         EventKind = "StageFailed"
	EventStageStopped        EventKind = "StageStopped"
	EventActionStarted       EventKind = "ActionStarted"
	EventActionSucceeded     EventKind = "ActionSucceeded"
	EventActionFailed        EventKind = "ActionFailed"
	EventActionAbandoned     EventKind = "ActionAbandoned"
	EventGateOpened          EventKind = "GateOpened"
	EventVoteCounted         EventKind = "VoteCounted"
	EventVoteRefused         EventKind = "VoteRefused"
	EventVoteWithdrawn       EventKind = "VoteWithdrawn"
	EventVoterLost           EventKind = "VoterLost" // whose vote does not count any more
	EventGateReminded        EventKind = "GateReminded"
	EventGateEscalated       EventKind = "GateEscalated"
	EventGateOverridden      EventKind = "GateOverridden"
	EventGateReopened        EventKind = "GateReopened"
	EventRulesChanged        EventKind = "RulesChanged" // while a gate was open
	EventEnvironmentRefused  EventKind = "EnvironmentRefused"
	EventEnvironmentFrozen   EventKind = "EnvironmentFrozen"
	EventEnvironmentLocked   EventKind = "EnvironmentLocked"
	EventEnvironmentUnlocked EventKind = "EnvironmentUnlocked"
	EventGateApproved        EventKind = "GateApproved"
	EventGateRejected        EventKind = "GateRejected"
	EventGateExpired         EventKind = "GateExpired"
	EventGateCancelled       EventKind = "GateCancelled"
	EventLaneClosed          EventKind = "LaneClosed"
	EventStageSkipped        EventKind = "StageSkipped"
	EventStageRetried        EventKind = "StageRetried" // by itself
	EventActionSkipped       EventKind = "ActionSkipped"
	EventConditionSucceeded  EventKind = "ConditionSucceeded"
	EventConditionFailed     EventKind = "ConditionFailed"
	EventConditionOverridden EventKind = "ConditionOverridden"
	EventRollbackStarted     EventKind = "RollbackStarted"
	EventTransitionEnabled   EventKind = "TransitionEnabled"
	EventTransitionDisabled  EventKind = "TransitionDisabled"
	EventEnvironmentGranted  EventKind = "EnvironmentGranted"
	EventEnvironmentReleased EventKind = "EnvironmentReleased"
	EventLaneReopened        EventKind = "LaneReopened"
)
