package pipeline

import (
	"slices"
	"time"
)

// Input is something that happened to a lane: the second argument of
// machine.Next. Inputs name runs and attempts by id, so that a late or repeated
// one is recognised.
type Input interface {
	// Executions returns the ids of ended runs that must be loaded to judge the
	// input, besides the unfinished ones.
	Executions() []string
}

// StartExecution asks for a new run.
type StartExecution struct {
	// Execution is the run to start: id, repository, pipeline, lane, trigger,
	// revision, definition digest. The machine fills in the rest.
	Execution  Execution
	Definition *Pipeline
	// Change places the run in the order of the ref. Nil means newest: somebody
	// asked for a run of the ref as it is.
	Change *Change
	// KeepClosed is for a run of the closing itself: the lane stays closed.
	KeepClosed bool
	// Head is the ref's present commit, if it was looked up because the order
	// could not be told otherwise. Empty: not looked up.
	Head string
}

// ActionLaunched tells that a provider has taken an attempt on.
type ActionLaunched struct {
	ExecutionID, AttemptID string
	Handle                 []byte
}

// ActionProgressed tells how far an attempt is.
type ActionProgressed struct {
	ExecutionID, AttemptID string
	Percent                int
	Summary, URL           string
}

// ActionEnded tells the end of an attempt.
type ActionEnded struct {
	ExecutionID, AttemptID string
	Status                 ActionStatus // Succeeded, Failed or Abandoned
	FailureType            FailureType
	Summary, URL           string
	Variables              map[string]string
	Artifacts              []Artifact
}

// RulesRead brings a reading that was asked for: of a stage's environment, or of
// the gate of a Manual action.
type RulesRead struct {
	ExecutionID, Stage string
	AttemptID          string // of the Manual action; empty: the stage's
	Asked              int    // which reading of the stage: one that is late is dropped
	Reading            Reading
}

// VoteGiven is one person's answer to an open gate, with the rules as they are
// today.
type VoteGiven struct {
	ExecutionID, ApprovalID string
	Vote                    Vote
	Reading                 *Reading // nil: those of the gate's opening count
}

// VoteWithdrawn takes the votes of a person back from an open gate.
type VoteWithdrawn struct {
	ExecutionID, ApprovalID string
	By                      Actor
}

// OverrideGate opens a gate, or lets a run pass the freeze of a stage's
// environment, against the rules.
type OverrideGate struct {
	ExecutionID string
	Stage       string
	ApprovalID  string // of a Manual action's gate; empty: the stage's environment
	Facts       Facts
	Reading     *Reading // nil: the rules as they were read
	Reason      string
}

// LockEnvironment closes an environment of the repository to everybody, or opens
// it again.
type LockEnvironment struct {
	Environment string
	Locked      bool
	By          Actor
	Reason      string // required to close it
}

// StopExecution ends a run before its last stage. Without Abandon the running
// actions finish first.
type StopExecution struct {
	ExecutionID string
	Abandon     bool
	Reason      string
	By          Actor
}

// RetryStage runs the failed actions of a stage again, or all of them, in the same
// run.
type RetryStage struct {
	ExecutionID string
	Stage       string    // empty: the stage that failed
	Mode        RetryMode // empty: failed actions
	By          Actor
}

// RollbackStage starts a run that brings a stage back to where an earlier run had
// it.
type RollbackStage struct {
	ExecutionID string // of the new run
	Stage       string
	Target      string // the earlier run
	Failed      string // the run whose failure asks for it; empty: By does
	By          Actor
	Reason      string
}

// OverrideCondition lets a run pass a condition that has failed or that still is
// evaluated.
type OverrideCondition struct {
	ExecutionID string
	Stage       string
	Block       ConditionBlock // BeforeEntry or OnSuccess
	By          Actor
	Reason      string
}

// SetTransition opens or closes the door into a stage.
type SetTransition struct {
	Stage    string
	AllLanes bool // or this one
	Enabled  bool
	By       Actor
	Reason   string // required to close it
}

// EnvironmentGranted tells that a stage holds the lock of its environment now.
type EnvironmentGranted struct {
	ExecutionID, Stage string
}

// CloseLane stops every run of the lane and closes its gates: the pull request
// was closed.
type CloseLane struct {
	Reason string
	By     Actor
	At     time.Time // of the forge; older than the newest change means: ignore
}

// Wake says nothing but that time has passed.
type Wake struct{}

func (StartExecution) Executions() []string       { return nil }
func (i ActionLaunched) Executions() []string     { return []string{i.ExecutionID} }
func (i ActionProgressed) Executions() []string   { return []string{i.ExecutionID} }
func (i ActionEnded) Executions() []string        { return []string{i.ExecutionID} }
func (i VoteGiven) Executions() []string          { return []string{i.ExecutionID} }
func (i StopExecution) Executions() []string      { return []string{i.ExecutionID} }
func (i RetryStage) Executions() []string         { return []string{i.ExecutionID} }
func (i OverrideCondition) Executions() []string  { return []string{i.ExecutionID} }
func (i EnvironmentGranted) Executions() []string { return []string{i.ExecutionID} }
func (SetTransition) Executions() []string        { return nil }
func (i RulesRead) Executions() []string          { return []string{i.ExecutionID} }
func (i VoteWithdrawn) Executions() []string      { return []string{i.ExecutionID} }
func (i OverrideGate) Executions() []string       { return []string{i.ExecutionID} }
func (LockEnvironment) Executions() []string      { return nil }

// Executions are the target and the failed run.
func (i RollbackStage) Executions() []string {
	return slices.DeleteFunc([]string{i.Target, i.Failed}, func(id string) bool { return id == "" })
}
func (CloseLane) Executions() []string { return nil }
func (Wake) Executions() []string      { return nil }
