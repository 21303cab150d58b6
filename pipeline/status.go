package pipeline

// ExecutionStatus is the status of a run. The words are CodePipeline's.
type ExecutionStatus string

// StageStatus is the status of a stage of a run; empty means not reached.
type StageStatus string

// ActionStatus is the status of one attempt of an action.
type ActionStatus string

// ApprovalStatus is the status of a gate.
type ApprovalStatus string

const (
	ExecutionInProgress ExecutionStatus = "InProgress"
	ExecutionStopping   ExecutionStatus = "Stopping"
	ExecutionStopped    ExecutionStatus = "Stopped"
	ExecutionSucceeded  ExecutionStatus = "Succeeded"
	ExecutionFailed     ExecutionStatus = "Failed"
	ExecutionSuperseded ExecutionStatus = "Superseded"
	ExecutionCancelled  ExecutionStatus = "Cancelled"

	StageInProgress StageStatus = "InProgress"
	StageStopping   StageStatus = "Stopping"
	StageStopped    StageStatus = "Stopped"
	StageSucceeded  StageStatus = "Succeeded"
	StageFailed     StageStatus = "Failed"
	StageCancelled  StageStatus = "Cancelled"
	StageSkipped    StageStatus = "Skipped"

	ActionInProgress ActionStatus = "InProgress"
	ActionSucceeded  ActionStatus = "Succeeded"
	ActionFailed     ActionStatus = "Failed"
	ActionAbandoned  ActionStatus = "Abandoned"
	// ActionSkipped is ours: runIf or skipIf said that it does not run.
	ActionSkipped ActionStatus = "Skipped"

	ApprovalPending   ApprovalStatus = "Pending"
	ApprovalApproved  ApprovalStatus = "Approved"
	ApprovalRejected  ApprovalStatus = "Rejected"
	ApprovalExpired   ApprovalStatus = "Expired"
	ApprovalCancelled ApprovalStatus = "Cancelled"
)

// Ended reports whether a run moves no further by itself. A failed or stopped
// one may still be retried.
func (s ExecutionStatus) Ended() bool {
	return s != ExecutionInProgress && s != ExecutionStopping
}

// Active reports whether a run is inside the stage, which it then holds.
func (s StageStatus) Active() bool { return s == StageInProgress || s == StageStopping }

// Passed reports whether a run goes on to the next stage.
func (s StageStatus) Passed() bool { return s == StageSucceeded || s == StageSkipped }

// Passed reports whether what comes after the action may start.
func (s ActionStatus) Passed() bool { return s == ActionSucceeded || s == ActionSkipped }

// Ended reports whether the attempt is over.
func (s ActionStatus) Ended() bool { return s != ActionInProgress }

// FailureType says to people what sort of failure it was.
type FailureType string

const (
	JobFailed           FailureType = "JobFailed"
	ConfigurationError  FailureType = "ConfigurationError"
	PermissionError     FailureType = "PermissionError"
	RevisionUnavailable FailureType = "RevisionUnavailable"
	SystemUnavailable   FailureType = "SystemUnavailable"
	TimedOut            FailureType = "TimedOut"
	Rejected            FailureType = "Rejected"
	Expired             FailureType = "Expired"
)
