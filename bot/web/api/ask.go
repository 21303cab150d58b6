package api

// Start asks for a new run.
type Start struct {
	Branch    string            `json:"branch,omitempty" doc:"Left out: the default branch."`
	Tag       string            `json:"tag,omitempty" doc:"Instead of a branch."`
	SHA       string            `json:"sha,omitempty" doc:"A whole commit id of that branch; left out: where it stands now."`
	Variables map[string]string `json:"variables,omitempty"`
}

// Stop asks a run to end before its last stage.
type Stop struct {
	Abandon bool   `json:"abandon,omitempty" doc:"Do not wait for the actions that run."`
	Reason  string `json:"reason,omitempty"`
}

// Retry asks for a stage of a run to run again.
type Retry struct {
	Stage string `json:"stage,omitempty" doc:"Left out: the stage that failed."`
	Mode  string `json:"mode,omitempty" enum:"FAILED_ACTIONS,ALL_ACTIONS" doc:"Left out: FAILED_ACTIONS."`
}

// Decision is a vote on a gate.
type Decision struct {
	Gate   string `json:"gate,omitempty" doc:"May be left out while one gate is open."`
	SHA    string `json:"sha,omitempty" doc:"Counts only if the gate is about this commit, or one that begins so."`
	Reason string `json:"reason,omitempty" doc:"Needed to reject."`
}

// Withdrawal takes a vote on a gate back.
type Withdrawal struct {
	Gate string `json:"gate,omitempty" doc:"May be left out while one gate is open that one has voted on."`
}

// Override opens a gate, or lets a run pass a freeze, against the rules; or lets a run
// pass a condition.
type Override struct {
	Gate      string `json:"gate,omitempty" doc:"An open gate, or the environment that is frozen. Without it stage and condition are needed."`
	Stage     string `json:"stage,omitempty" doc:"Of the condition."`
	Condition string `json:"condition,omitempty" enum:"BEFORE_ENTRY,ON_SUCCESS"`
	Reason    string `json:"reason"`
}

// SetLock locks an environment, or unlocks it.
type SetLock struct {
	Locked bool   `json:"locked"`
	Reason string `json:"reason,omitempty" doc:"Needed to lock it."`
}

// RollbackTo brings a stage back to where an earlier run had it.
type RollbackTo struct {
	Stage  string `json:"stage"`
	Target int64  `json:"target" doc:"The number of the earlier run."`
	Reason string `json:"reason,omitempty"`
}

// SetTransition opens or closes the door into a stage.
type SetTransition struct {
	Stage   string `json:"stage"`
	Enabled bool   `json:"enabled"`
	Lane    string `json:"lane,omitempty" doc:"branch:NAME, tag:NAME or pull:NUMBER; left out: every lane."`
	Reason  string `json:"reason,omitempty" doc:"Needed to close it."`
}
