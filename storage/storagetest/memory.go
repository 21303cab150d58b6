package storagetest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Memory is a pipeline.Store without a disk, for tests of what works on a store.
// It keeps the promises of the interface, held by the same suite as the real
// one; it encodes what it is given, so that nothing is shared by accident. It
// uses package time only, so that it works inside a testing/synctest bubble.
// Runs, events and orders can be looked at.
type Memory struct {
	mu          sync.Mutex
	lanes       map[pipeline.StateKey]*memoryLane
	runs        map[string]*memoryRun
	numbers     map[pipeline.StateKey]int64 // of a pipeline: Lane is empty
	definitions map[string][]byte
	keys        map[string]bool
	orders      map[string]*memoryOrder
	doors       map[pipeline.StateKey][]pipeline.Transition         // of a pipeline: Lane is empty
	lockouts    map[pipeline.StateKey][]pipeline.EnvironmentLockout // of a repository
	claims      []memoryClaim
	seq         int64
	moved       chan struct{} // closed when orders have changed
	fault       func(operation string) error
}

type memoryLane struct {
	version int64
	ledger  []byte
	events  []pipeline.Event
}

type memoryRun struct {
	key    pipeline.StateKey
	number int64
	ended  bool
	doc    []byte
}

type memoryOrder struct {
	order   pipeline.Order
	seq     int64
	claimed bool
	dead    bool
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		lanes: map[pipeline.StateKey]*memoryLane{}, runs: map[string]*memoryRun{}, numbers: map[pipeline.StateKey]int64{},
		definitions: map[string][]byte{}, keys: map[string]bool{}, orders: map[string]*memoryOrder{},
		doors: map[pipeline.StateKey][]pipeline.Transition{}, lockouts: map[pipeline.StateKey][]pipeline.EnvironmentLockout{}, moved: make(chan struct{}),
	}
}

// SetFault has every method but NextOrder ask fault, by its name, before it does
// anything, and return its error. Nil: no faults.
func (m *Memory) SetFault(fault func(operation string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = fault
}

// Restart does what a crash and a new start do: claims are forgotten, and their
// orders are given out again.
func (m *Memory) Restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.orders {
		o.claimed = false
	}
	m.stir()
}

// Execution returns a copy of a run, or nil.
func (m *Memory) Execution(id string) *pipeline.Execution {
	m.mu.Lock()
	defer m.mu.Unlock()
	run := m.runs[id]
	if run == nil {
		return nil
	}
	e := &pipeline.Execution{}
	must(json.Unmarshal(run.doc, e))
	e.Number = run.number
	return e
}

// Events returns the events of a lane, in order.
func (m *Memory) Events(key pipeline.StateKey) []pipeline.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	if lane := m.lanes[key]; lane != nil {
		return slices.Clone(lane.events)
	}
	return nil
}

// Orders returns the orders that are not done, in the order in which they are
// due; dead ones only, or all others.
func (m *Memory) Orders(dead bool) []pipeline.Order {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []pipeline.Order
	for _, o := range m.sorted() {
		if o.dead == dead {
			list = append(list, o.order)
		}
	}
	return list
}

// LoadState implements pipeline.Store.
func (m *Memory) LoadState(ctx context.Context, key pipeline.StateKey, executions ...string) (pipeline.State, error) {
	state := pipeline.State{Key: key, Definitions: map[string]*pipeline.Pipeline{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, "LoadState"); err != nil {
		return state, err
	}
	state.Transitions = slices.Clone(m.doorsOf(key))
	state.Lockouts = slices.Clone(m.lockouts[ofRepository(key)])
	lane := m.lanes[key]
	if lane == nil {
		return state, nil
	}
	state.Version = lane.version
	must(json.Unmarshal(lane.ledger, &state.Ledger))
	for id, run := range m.runs {
		if run.key != key || (run.ended && !slices.Contains(executions, id)) {
			continue
		}
		e := &pipeline.Execution{}
		must(json.Unmarshal(run.doc, e))
		e.Number = run.number
		state.Executions = append(state.Executions, e)
		if doc := m.definitions[definitionKey(key, e.Definition)]; doc != nil && state.Definitions[e.Definition] == nil {
			p := &pipeline.Pipeline{}
			must(json.Unmarshal(doc, p))
			state.Definitions[e.Definition] = p
		}
	}
	slices.SortFunc(state.Executions, func(a, b *pipeline.Execution) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Number, b.Number))
	})
	return state, nil
}

func (m *Memory) begin(ctx context.Context, operation string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.fault != nil {
		return m.fault(operation)
	}
	return nil
}

// stir wakes everybody who waits for an order.
func (m *Memory) stir() {
	close(m.moved)
	m.moved = make(chan struct{})
}

func (m *Memory) sorted() []*memoryOrder {
	var list []*memoryOrder
	for _, o := range m.orders {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *memoryOrder) int {
		return cmp.Or(a.order.Due.Compare(b.order.Due), cmp.Compare(a.seq, b.seq))
	})
	return list
}

func (m *Memory) put(o pipeline.Order) {
	now := time.Now()
	if o.ID == "" {
		o.ID = pipeline.NewID(now)
	}
	if m.orders[o.ID] != nil {
		return
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = now
	}
	if o.Due.IsZero() {
		o.Due = stored(now)
	}
	o.CreatedAt, o.Due = stored(o.CreatedAt), storedDue(o.Due)
	o.Payload = slices.Clone(o.Payload)
	m.seq++
	m.orders[o.ID] = &memoryOrder{order: o, seq: m.seq}
}

// stored is a time as a database gives it back.
func stored(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// storedDue rounds up: nothing is handed out before it is due.
func storedDue(t time.Time) time.Time { return stored(t.Add(time.Microsecond - 1)) }

func definitionKey(key pipeline.StateKey, digest string) string {
	return fmt.Sprint(key.RepositoryID, " ", digest)
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprint("storagetest: a word of delivery does not survive JSON: ", err))
	}
}
