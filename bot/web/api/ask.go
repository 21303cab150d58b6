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

// Override lets a run pass a condition.
type Override struct {
	Stage     string `json:"stage"`
	Condition string `json:"condition" enum:"BEFORE_ENTRY,ON_SUCCESS"`
	Reason    string `json:"reason"`
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
