package api

import "time"

// Run is a run of a pipeline.
type Run struct {
	ID         string     `json:"id"`
	Number     int64      `json:"number" doc:"Counts the runs of the pipeline: #142."`
	Repository Repository `json:"repository"`
	Pipeline   string     `json:"pipeline"`
	Lane       string     `json:"lane" doc:"The queue it is in: branch:NAME, tag:NAME or pull:NUMBER."`
	Status     string     `json:"status" enum:"InProgress,Stopping,Stopped,Succeeded,Failed,Superseded,Cancelled"`
	// FailureType and Reason say why it ended as it did.
	FailureType  string            `json:"failureType,omitempty" doc:"Set when it failed: JobFailed, ConfigurationError, PermissionError, RevisionUnavailable, SystemUnavailable, TimedOut, Rejected or Expired."`
	Reason       string            `json:"reason,omitempty" doc:"Why it ended as it did, a sentence."`
	SupersededBy string            `json:"supersededBy,omitempty" doc:"The id of the run that replaced it."`
	Attempt      int               `json:"attempt" doc:"1, and one more for each retry."`
	Commit       Commit            `json:"commit"`
	Trigger      Trigger           `json:"trigger"`
	Variables    map[string]string `json:"variables,omitempty"`
	Rollback     *Rollback         `json:"rollback,omitempty" doc:"Set when this run brings an earlier state back."`
	Gates        []Gate            `json:"gates" doc:"The gates that wait for votes now."`
	Stages       []Stage           `json:"stages,omitempty" doc:"Left out in lists."`
	CreatedAt    time.Time         `json:"createdAt"`
	UpdatedAt    time.Time         `json:"updatedAt"`
	EndedAt      time.Time         `json:"endedAt,omitzero"`
	URL          string            `json:"url" doc:"Its page."`
}

// Repository is a repository on GitHub.
type Repository struct {
	Host string `json:"host"`
	ID   int64  `json:"id"`
	Name string `json:"name" doc:"OWNER/NAME"`
}

// Commit is what a run is pinned to.
type Commit struct {
	SHA     string `json:"sha"`
	Ref     string `json:"ref"`
	Branch  string `json:"branch,omitempty"`
	Message string `json:"message,omitempty" doc:"Its first line, or the title of the pull request."`
	Author  string `json:"author,omitempty"`
	BaseRef string `json:"baseRef,omitempty" doc:"The target branch of a pull request."`
	Fork    bool   `json:"fork,omitempty" doc:"It comes from a fork."`
	URL     string `json:"url,omitempty"`
}

// Trigger is why a run began.
type Trigger struct {
	Kind        string `json:"kind" enum:"Push,PullRequest,MergeGroup,Manual,Schedule,Comment,Retry,Rollback,Api"`
	By          string `json:"by,omitempty" doc:"A login."`
	PullRequest int    `json:"pullRequest,omitempty"`
}

// Rollback is what a run brings back.
type Rollback struct {
	Target       string `json:"target" doc:"The id of the earlier run."`
	TargetNumber int64  `json:"targetNumber"`
	Reason       string `json:"reason,omitempty"`
}

// Stage is a run's passage through a stage.
type Stage struct {
	Name        string      `json:"name"`
	Status      string      `json:"status" enum:"NotReached,InProgress,Stopping,Stopped,Succeeded,Failed,Cancelled,Skipped"`
	FailureType string      `json:"failureType,omitempty"`
	Reason      string      `json:"reason,omitempty"`
	Environment string      `json:"environment,omitempty"`
	Gate        *Gate       `json:"gate,omitempty" doc:"That of its environment."`
	Conditions  []Condition `json:"conditions,omitempty"`
	Actions     []Action    `json:"actions" doc:"Every attempt, the oldest first."`
	StartedAt   time.Time   `json:"startedAt,omitzero"`
	EndedAt     time.Time   `json:"endedAt,omitzero"`
}

// Condition is a condition of a stage.
type Condition struct {
	Block  string   `json:"block" enum:"WHEN,BEFORE_ENTRY,ON_SUCCESS,ON_FAILURE"`
	Status string   `json:"status" enum:"InProgress,Succeeded,Failed,Abandoned,Overridden"`
	Result string   `json:"result,omitempty" doc:"What follows if it fails: FAIL, SKIP, ROLLBACK or RETRY."`
	Reason string   `json:"reason,omitempty"`
	By     string   `json:"by,omitempty" doc:"Who has overridden it."`
	Rules  []Action `json:"rules"`
}

// Action is one attempt of an action or a rule.
type Action struct {
	ID          string            `json:"id" doc:"Names its log."`
	Name        string            `json:"name"`
	Attempt     int               `json:"attempt"`
	Status      string            `json:"status" enum:"InProgress,Succeeded,Failed,Abandoned,Skipped"`
	FailureType string            `json:"failureType,omitempty"`
	Summary     string            `json:"summary,omitempty"`
	URL         string            `json:"url,omitempty" doc:"The provider's page."`
	Percent     int               `json:"percent,omitempty"`
	Variables   map[string]string `json:"variables,omitempty"`
	Artifacts   []Artifact        `json:"artifacts,omitempty"`
	Gate        *Gate             `json:"gate,omitempty" doc:"Of a manual approval, which has no log."`
	StartedAt   time.Time         `json:"startedAt"`
	EndedAt     time.Time         `json:"endedAt,omitzero"`
}

// Gate is a question that people answer with votes.
type Gate struct {
	Name     string `json:"name" doc:"An environment, or STAGE/ACTION."`
	Stage    string `json:"stage"`
	Status   string `json:"status" enum:"Pending,Approved,Rejected,Expired,Cancelled"`
	Required int    `json:"required" doc:"How many approvals it takes, at least."`
	// Requirements are its rules as they count now.
	Requirements []Requirement `json:"requirements" doc:"Each of which has to be met."`
	Message      string        `json:"message,omitempty"`
	Link         string        `json:"link,omitempty"`
	SHA          string        `json:"sha"`
	Votes        []Vote        `json:"votes"`
	OpenedAt     time.Time     `json:"openedAt"`
	ExpiresAt    time.Time     `json:"expiresAt,omitzero"`
	DecidedAt    time.Time     `json:"decidedAt,omitzero"`
	Overridden   *Overridden   `json:"overridden,omitempty" doc:"Who has opened it against its rules."`
}

// Requirement is a number of approvals by people of a kind.
type Requirement struct {
	Words   string   `json:"words" doc:"What is required, such as: 2 approvals by team sre or octocat."`
	Needed  int      `json:"needed"`
	Missing int      `json:"missing" doc:"0: it is met."`
	By      []string `json:"by" doc:"Whose approvals count for it."`
}

// Overridden is somebody's word that goes over rules.
type Overridden struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Vote is an answer to a gate.
type Vote struct {
	Verdict string    `json:"verdict" enum:"Approve,Reject"`
	By      string    `json:"by"`
	Reason  string    `json:"reason,omitempty"`
	Door    string    `json:"door" doc:"Where it came in: comment, check, slack, page, cli or api."`
	At      time.Time `json:"at"`
	// Withdrawn and Refusal say that it does not count.
	Withdrawn time.Time `json:"withdrawn,omitzero" doc:"When it was taken back."`
	Refusal   string    `json:"refusal,omitempty" doc:"Why it does not count, while the gate is open."`
}

// Artifact is a bundle that a run has.
type Artifact struct {
	Name   string `json:"name"`
	Digest string `json:"digest" doc:"Of its canonical tar: sha256:HEX."`
	Size   int64  `json:"size" doc:"Bytes as stored."`
	Stage  string `json:"stage,omitempty" doc:"Where it was made."`
	Action string `json:"action,omitempty"`
}

// Runs is a page of a list of runs.
type Runs struct {
	Runs []Run `json:"runs" doc:"The newest first."`
	// Next is what before must be for the page after this one.
	Next string `json:"next,omitempty" doc:"The value of before for the next page; left out on the last."`
	// Incomplete says that entries are missing.
	Incomplete bool `json:"incomplete,omitempty" doc:"GitHub could not be asked about some repositories, whose runs are left out."`
}

// Artifacts is what a run has.
type Artifacts struct {
	Artifacts []Artifact `json:"artifacts"`
}

// LogLine is one line of the answer of a log: a line that was printed, or the word
// that none will follow. An empty line of the answer only says that it goes on.
type LogLine struct {
	Number int       `json:"number,omitempty" doc:"Counts from 1."`
	At     time.Time `json:"at,omitzero"`
	Stream string    `json:"stream,omitempty" enum:"stdout,stderr,system"`
	Text   string    `json:"text,omitempty"`
	End    string    `json:"end,omitempty" doc:"The last line of a log that was followed: the status of its attempt."`
}
