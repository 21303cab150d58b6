package pipeline

import (
	"context"
	"encoding/json"
	"time"
)

// OrderKind is the sort of work.
type OrderKind string

const (
	HandleDelivery OrderKind = "HandleDelivery" // Payload: DeliveryOrder
	StartAction    OrderKind = "StartAction"    // Payload: ActionOrder
	CheckActions   OrderKind = "CheckActions"   // Payload: ActionOrder
	StopAction     OrderKind = "StopAction"     // Payload: ActionOrder
	WakeLane       OrderKind = "WakeLane"       // Payload: LaneOrder; a deadline has come
	// ReadRules asks for a reading of what lets a run into a stage, or of what a Manual
	// action asks for. Payload: RulesOrder.
	ReadRules OrderKind = "ReadRules"
	// GrantEnvironment tells a stage that it holds its environment. Payload: StageOrder.
	GrantEnvironment OrderKind = "GrantEnvironment"
	// StartRollback begins the rollback that a failure asks for. Payload: RollbackOrder.
	StartRollback OrderKind = "StartRollback"
)

// Order is work to do, stored until done. Orders bear being carried out twice.
type Order struct {
	ID           string // UUIDv7, given by the store when empty
	RepositoryID int64
	Kind         OrderKind
	Payload      json.RawMessage
	Due          time.Time // zero: at once
	Attempts     int       // failed tries so far
	LastError    string
	CreatedAt    time.Time
}

// DeliveryOrder is the payload of HandleDelivery.
type DeliveryOrder struct {
	V        int    `json:"v"`
	Delivery string `json:"delivery"`
}

// ActionOrder is the payload of StartAction, CheckActions and StopAction.
type ActionOrder struct {
	V         int      `json:"v"`
	Key       StateKey `json:"key"`
	Execution string   `json:"execution"`
	Attempt   string   `json:"attempt"`
}

// LaneOrder is the payload of WakeLane.
type LaneOrder struct {
	V   int      `json:"v"`
	Key StateKey `json:"key"`
}

// StageOrder is the payload of GrantEnvironment.
type StageOrder struct {
	V         int      `json:"v"`
	Key       StateKey `json:"key"`
	Execution string   `json:"execution"`
	Stage     string   `json:"stage"`
}

// RulesOrder is the payload of ReadRules.
type RulesOrder struct {
	V         int      `json:"v"`
	Key       StateKey `json:"key"`
	Execution string   `json:"execution"`
	Stage     string   `json:"stage"`
	Attempt   string   `json:"attempt,omitempty"` // of a Manual action
	Asked     int      `json:"asked,omitempty"`   // which reading of the stage
}

// RollbackOrder is the payload of StartRollback.
type RollbackOrder struct {
	V         int      `json:"v"`
	Key       StateKey `json:"key"`
	Execution string   `json:"execution"` // of the run to start
	Failed    string   `json:"failed"`
	Stage     string   `json:"stage"`
	Target    string   `json:"target"`
}

// EnvironmentClaim is a stage's wish for the lock of an environment of the
// repository. Claims are granted in the order in which they were saved.
type EnvironmentClaim struct {
	Environment, Execution, Stage string
}

// Turn is everything that one decision changes. It is saved whole or not at all.
type Turn struct {
	Key     StateKey
	Version int64 // that the state was loaded with; ErrStale if it is not the stored one
	Ledger  Ledger
	// Changed are the new and the changed runs. A new one has Number 0; the store
	// sets it, here and in what it keeps.
	Changed []*Execution
	// Definitions are resolved pipelines to keep, by digest.
	Definitions map[string]*Pipeline
	Events      []Event
	Orders      []Order
	// Transitions are doors that were touched. Lanes of the pipeline with unfinished
	// runs get a WakeLane order each.
	Transitions []Transition
	// Lockouts are environments that were locked or unlocked. Lanes of the repository
	// with unfinished runs get a WakeLane order each.
	Lockouts []EnvironmentLockout
	// Claims and Releases are of environments: whoever is first in line after them
	// gets a GrantEnvironment order, once. A release of what is not claimed is
	// harmless.
	Claims, Releases []EnvironmentClaim
	// Holds are claims that the turn takes as granted. If one is not, the turn was
	// told late, after a release: that is ErrDuplicate, and nothing is changed but
	// that Done is done. If the environment is locked, it was locked since the state was
	// loaded: that is ErrStale. So nobody enters once a lock is saved.
	Holds []EnvironmentClaim
	// Done is the order that this turn finishes, if any.
	Done string
	// InputKey is the business key of the input: the same key twice gives
	// ErrDuplicate, and nothing is changed but that Done is done. Empty: none.
	InputKey string
}

// Store is the orders port: what the engine needs of a database. All methods
// may be called at once from many goroutines. A write that was accepted is
// finished even if its context ends: the caller then gets the context's error
// without knowing the outcome, and asks again.
type Store interface {
	// LoadState returns the lane with its unfinished runs and those named. A
	// lane never seen is empty, with Version 0. Unknown ids are left out.
	LoadState(ctx context.Context, key StateKey, executions ...string) (State, error)
	// SaveTurn saves a turn. When it returns nil, the turn is durable and its
	// orders are on their way to NextOrder.
	SaveTurn(ctx context.Context, turn *Turn) error

	// Enqueue saves orders outside a turn.
	Enqueue(ctx context.Context, orders ...Order) error
	// NextOrder waits for the next order that is due and gives it to this caller
	// alone, who ends it with a Turn's Done, CompleteOrder, RetryOrder or
	// BuryOrder. What a crashed process had claimed is given out again.
	NextOrder(ctx context.Context) (Order, error)
	// CompleteOrder removes an order. It may be repeated.
	CompleteOrder(ctx context.Context, id string) error
	// RetryOrder gives the order back, to be due later. cause nil means that the
	// order only waits: its Attempts stay.
	RetryOrder(ctx context.Context, id string, due time.Time, cause error) error
	// OpenOrders returns the orders of a kind that are not done, due or not,
	// claimed or not, without taking them: for start-up.
	OpenOrders(ctx context.Context, kind OrderKind) ([]Order, error)
	// BuryOrder gives an order up: it is kept as dead, for people to see.
	BuryOrder(ctx context.Context, id string, cause error) error
}
