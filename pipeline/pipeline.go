package pipeline

import (
	"cmp"
	"time"
)

// ExecutionMode says what a newer run does to an older one in its lane.
type ExecutionMode string

const (
	// Superseded lets a newer run replace the one that waits in front of a stage.
	ModeSuperseded ExecutionMode = "SUPERSEDED"
	// ModeQueued keeps every run, in order.
	ModeQueued ExecutionMode = "QUEUED"
	// ModeParallel lets runs ignore each other.
	ModeParallel ExecutionMode = "PARALLEL"
)

// Pipeline is a declaration after reading and checking: names are unique,
// references resolve, defaults are filled in. An execution is pinned to the one
// it started with, stored by digest and never parsed again.
type Pipeline struct {
	V                int           `json:"v"`
	Name             string        `json:"name"`
	File             string        `json:"file"` // the path it was read from
	ExecutionMode    ExecutionMode `json:"execution_mode"`
	CancelInProgress *bool         `json:"cancel_in_progress,omitempty"` // nil: true in pull lanes only
	Triggers         Triggers      `json:"triggers"`
	Variables        []Variable    `json:"variables,omitempty"`
	Environments     []Environment `json:"environments,omitempty"`
	Stages           []Stage       `json:"stages"`
	Source           *Source       `json:"source,omitempty"` // of a file in AWS's form
}

// Filter holds glob patterns: at least one of Includes matches (none means
// all), and none of Excludes does.
type Filter struct {
	Includes []string `json:"includes,omitempty"`
	Excludes []string `json:"excludes,omitempty"`
}

// Stage returns the stage of that name, or nil.
func (p *Pipeline) Stage(name string) *Stage {
	for i := range p.Stages {
		if p.Stages[i].Name == name {
			return &p.Stages[i]
		}
	}
	return nil
}

// Mode is the execution mode: SUPERSEDED unless said.
func (p *Pipeline) Mode() ExecutionMode { return cmp.Or(p.ExecutionMode, ModeSuperseded) }

// CancelsInProgress reports whether a newer run of the lane stops an older one
// at once: unless said, in pull lanes, but not where runs ignore each other.
func (p *Pipeline) CancelsInProgress(lane Lane) bool {
	if p.CancelInProgress != nil {
		return *p.CancelInProgress
	}
	return lane.Kind == LanePull && p.Mode() != ModeParallel
}

// Stage is an ordered unit of a pipeline: it holds at most one run of a lane.
type Stage struct {
	Name        string   `json:"name"`
	Environment string   `json:"environment,omitempty"` // one run at a time, in the whole repository
	When        When     `json:"when,omitzero"`
	Actions     []Action `json:"actions"`

	BeforeEntry *Condition        `json:"before_entry,omitempty"` // Fail or Skip
	OnSuccess   *Condition        `json:"on_success,omitempty"`   // Fail or Rollback
	OnFailure   *FailureCondition `json:"on_failure,omitempty"`
}

// Action returns the action of that name, or nil.
func (s *Stage) Action(name string) *Action {
	for i := range s.Actions {
		if s.Actions[i].Name == name {
			return &s.Actions[i]
		}
	}
	return nil
}

// Category is the field's word for the sort of an action.
type Category string

const (
	CategorySource   Category = "Source"
	CategoryBuild    Category = "Build"
	CategoryTest     Category = "Test"
	CategoryDeploy   Category = "Deploy"
	CategoryApproval Category = "Approval"
	CategoryInvoke   Category = "Invoke"
	CategoryCompute  Category = "Compute"
	CategoryRule     Category = "Rule" // a rule of a condition
)

// ActionType is CodePipeline's actionTypeId.
type ActionType struct {
	Category Category `json:"category"`
	Owner    string   `json:"owner"`
	Provider string   `json:"provider"`
	Version  string   `json:"version"`
}

// Action is one unit of work. Actions of a stage with the same RunOrder start
// together; a higher RunOrder waits until every lower one has succeeded.
type Action struct {
	Name            string            `json:"name"`
	Type            ActionType        `json:"type"`
	RunOrder        int               `json:"run_order"`
	Configuration   map[string]string `json:"configuration,omitempty"`
	Commands        []string          `json:"commands,omitempty"`
	Environment     map[string]string `json:"environment,omitempty"` // environmentVariables of the action
	Secrets         []string          `json:"secrets,omitempty"`     // names of the operator's
	Connection      string            `json:"connection,omitempty"`  // name of one of the operator's
	InputArtifacts  []string          `json:"input_artifacts,omitempty"`
	OutputArtifacts []OutputArtifact  `json:"output_artifacts,omitempty"`
	OutputVariables []string          `json:"output_variables,omitempty"`
	Namespace       string            `json:"namespace,omitempty"`
	Timeout         time.Duration     `json:"timeout,omitempty"` // 0: the provider's default
	Checkout        Checkout          `json:"checkout"`
	When            When              `json:"when,omitzero"`
	Approval        *Policy           `json:"approval,omitempty"` // set for a Manual action
}

// IsApproval reports whether the action waits for people instead of a provider.
func (a *Action) IsApproval() bool { return a.Type.Category == CategoryApproval }

// Checkout says what an action without input artifacts finds in its folder.
type Checkout struct {
	Skip bool `json:"skip,omitempty"` // checkout: false
}

// OutputArtifact declares a bundle that an action leaves behind. No Files means
// the whole working folder.
type OutputArtifact struct {
	Name  string   `json:"name"`
	Files []string `json:"files,omitempty"`
}

// ConfigurationProperty declares one key of an action's configuration.
type ConfigurationProperty struct {
	Name        string
	Type        string // "String", "Number" or "Boolean", as on AWS
	Required    bool
	Secret      bool
	Default     string
	Values      []string // all that it may have, in any case of letters; nil: any
	Description string
}

// ActionTypeInfo is what a reader of pipeline files must know of a provider.
type ActionTypeInfo struct {
	Name            string     // the provider's name, as in the file
	Categories      []Category // the first is the default
	Owner           string     // "AWS" unless said
	Properties      []ConfigurationProperty
	MinInputs       int
	MaxInputs       int
	MinOutputs      int
	MaxOutputs      int
	OutputVariables []string // all those that it makes; nil: not known before
	TakesCommands   bool     // the action has commands, outputVariables and files of output artifacts
	Connections     []string // types of connections that it works with; none: it takes no connection
	RunsOnThisHost  bool     // penstock run can carry it out without a server
	AnyProperties   bool     // the configuration has whatever keys
	NotYetSupported bool     // known to AWS users, refused at run time
}
