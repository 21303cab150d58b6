package pipeline

import (
	"slices"
	"time"
)

// When is an expression in CEL that decides whether a stage or an action runs.
// At most one of the two is set.
type When struct {
	RunIf  string `json:"run_if,omitempty"`  // runs if it is true, is skipped otherwise
	SkipIf string `json:"skip_if,omitempty"` // is skipped if it is true
}

// Condition is a block of rules of a stage. All of them must succeed, or its
// Result follows.
type Condition struct {
	Result ConditionResult `json:"result"`
	// Rules are actions of category Rule, 1 to 5, and start together.
	Rules []Action `json:"rules"`
}

// ConditionResult is what follows when a rule fails. The words are CodePipeline's.
type ConditionResult string

const (
	ResultFail     ConditionResult = "FAIL"
	ResultSkip     ConditionResult = "SKIP"
	ResultRollback ConditionResult = "ROLLBACK"
	ResultRetry    ConditionResult = "RETRY"
)

// FailureCondition is what follows when a stage has failed: an automatic retry,
// once; or a rollback, always or if a rule of its condition fails.
type FailureCondition struct {
	Result    ConditionResult `json:"result,omitempty"` // Retry or Rollback; empty: Condition says
	RetryMode RetryMode       `json:"retry_mode,omitempty"`
	Condition *Condition      `json:"condition,omitempty"`
}

// RetryMode says how much of a stage runs again.
type RetryMode string

const (
	RetryFailedActions RetryMode = "FAILED_ACTIONS"
	RetryAllActions    RetryMode = "ALL_ACTIONS"
)

// ConditionBlock names one of a stage's conditions.
type ConditionBlock string

const (
	BlockWhen        ConditionBlock = "WHEN" // runIf and skipIf
	BlockBeforeEntry ConditionBlock = "BEFORE_ENTRY"
	BlockOnSuccess   ConditionBlock = "ON_SUCCESS"
	BlockOnFailure   ConditionBlock = "ON_FAILURE"
)

// ConditionStatus is the status of a condition of a run. The words are
// CodePipeline's.
type ConditionStatus string

const (
	ConditionInProgress ConditionStatus = "InProgress"
	ConditionSucceeded  ConditionStatus = "Succeeded"
	ConditionFailed     ConditionStatus = "Failed"
	ConditionAbandoned  ConditionStatus = "Abandoned"
	ConditionOverridden ConditionStatus = "Overridden"
)

// ConditionExecution is a condition of a run's passage through a stage.
type ConditionExecution struct {
	Status ConditionStatus `json:"status"` // empty: to be evaluated anew
	Result ConditionResult `json:"result"` // what follows if it fails
	// Rules are the attempts of its rules, which are jobs like those of actions;
	// those that are Retried were of an earlier evaluation.
	Rules     []ActionExecution `json:"rules"`
	Reason    string            `json:"reason,omitempty"` // a sentence for people
	By        Actor             `json:"by,omitzero"`      // who has overridden it
	StartedAt time.Time         `json:"started_at"`
	EndedAt   time.Time         `json:"ended_at,omitzero"`
}

// Condition returns the condition of a block, or nil. That of BlockWhen has one
// rule, which evaluates the expression.
func (s *Stage) Condition(block ConditionBlock) *Condition {
	switch block {
	case BlockWhen:
		return s.When.condition()
	case BlockBeforeEntry:
		return s.BeforeEntry
	case BlockOnSuccess:
		return s.OnSuccess
	case BlockOnFailure:
		if s.OnFailure != nil {
			return s.OnFailure.Condition
		}
	}
	return nil
}

// Rule returns the rule of that name, or nil.
func (c *Condition) Rule(name string) *Action {
	if c == nil {
		return nil
	}
	for i := range c.Rules {
		if c.Rules[i].Name == name {
			return &c.Rules[i]
		}
	}
	return nil
}

// DefaultRuleTimeout is how long a rule may take unless it says so.
const DefaultRuleTimeout = time.Hour

// ExpressionRule is the provider of rules that evaluate an expression. It is not
// for pipeline files: they write runIf and skipIf.
const ExpressionRule = "Expression"

func (w When) condition() *Condition {
	name, text := "runIf", w.RunIf
	if w.SkipIf != "" {
		name, text = "skipIf", w.SkipIf
	}
	if text == "" {
		return nil
	}
	return &Condition{Result: ResultSkip, Rules: []Action{{
		Name: name, RunOrder: 1, Configuration: map[string]string{name: text},
		Type: ActionType{Category: CategoryRule, Owner: "AWS", Provider: ExpressionRule, Version: "1"},
	}}}
}

func (c *ConditionExecution) clone() *ConditionExecution {
	if c == nil {
		return nil
	}
	copied := *c
	copied.Rules = slices.Clone(c.Rules)
	return &copied
}
