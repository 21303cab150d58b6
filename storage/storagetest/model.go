package storagetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
)

// testModel does the same random things to the database and to Memory, which is
// simple enough to be believed, and sees no difference.
func testModel(t *testing.T, b Backend) {
	db := open(t, b, t.TempDir())
	repository := int64(0)
	rapid.Check(t, func(r *rapid.T) {
		repository++ // a world of its own for every check
		m := &model{t: r, db: db, memory: NewMemory(), repository: repository}
		defer m.tidy(t) // a check may end anywhere
		r.Repeat(map[string]func(*rapid.T){
			"turn": m.turn, "enqueue": m.enqueue, "next": m.next, "complete": m.complete, "retry": m.retry, "bury": m.bury,
		})
		for _, key := range m.keys() {
			m.compare(r, key)
		}
	})
}

type model struct {
	t          *rapid.T
	db         DB
	memory     *Memory
	repository int64
	orders     []string // every id there ever was
	seq        int
}

func (m *model) keys() []pipeline.StateKey {
	return []pipeline.StateKey{
		laneKey(m.repository, "release", pipeline.BranchLane("main")),
		laneKey(m.repository, "release", pipeline.PullLane(1)),
		laneKey(m.repository, "nightly", pipeline.BranchLane("main")),
	}
}

// both holds two outcomes against each other.
func (m *model) both(what string, a, b error) {
	for _, is := range []error{pipeline.ErrStale, pipeline.ErrDuplicate} {
		if errors.Is(a, is) != errors.Is(b, is) {
			m.t.Fatalf("%s: %v, the model: %v", what, a, b)
		}
	}
	if (a == nil) != (b == nil) || pipeline.KindOf(a) != pipeline.KindOf(b) {
		m.t.Fatalf("%s: %v, the model: %v", what, a, b)
	}
}

func (m *model) turn(r *rapid.T) {
	key := rapid.SampledFrom(m.keys()).Draw(r, "lane")
	state, err := m.memory.LoadState(r.Context(), key)
	if err != nil {
		r.Fatal(err)
	}
	blank := func() *pipeline.Turn {
		return &pipeline.Turn{Key: key, Version: state.Version, Ledger: pipeline.Ledger{V: 1, LastPosition: state.Version}, Definitions: definitions()}
	}
	turn, twin := blank(), blank()
	if rapid.IntRange(0, 9).Draw(r, "stale") == 0 {
		turn.Version++
	}
	if rapid.Bool().Draw(r, "keyed") {
		turn.InputKey = rapid.SampledFrom([]string{"k1", "k2", "k3", "k4"}).Draw(r, "key")
	}
	for _, run := range state.Executions {
		if rapid.Bool().Draw(r, "change") {
			run.Status = rapid.SampledFrom([]pipeline.ExecutionStatus{pipeline.ExecutionInProgress, pipeline.ExecutionSucceeded, pipeline.ExecutionFailed}).Draw(r, "status")
			run.Position = rapid.Int64Range(0, 5).Draw(r, "position")
			turn.Changed = append(turn.Changed, run)
		}
	}
	for range rapid.IntRange(0, 2).Draw(r, "new") {
		run := newRun(key, rapid.Int64Range(0, 5).Draw(r, "position"))
		m.seq++
		run.ID = fmt.Sprintf("run-%d-%d", m.repository, m.seq)
		turn.Changed = append(turn.Changed, run)
	}
	for range rapid.IntRange(0, 2).Draw(r, "orders") {
		turn.Orders = append(turn.Orders, m.newOrder(r))
	}
	if len(m.orders) > 0 && rapid.Bool().Draw(r, "finishes") {
		turn.Done = rapid.SampledFrom(m.orders).Draw(r, "done")
	}
	turn.Events = []pipeline.Event{{Kind: pipeline.EventStageStarted, At: epoch()}}
	twin.Version, twin.InputKey, twin.Orders, twin.Done, twin.Events = turn.Version, turn.InputKey, turn.Orders, turn.Done, turn.Events
	for _, run := range turn.Changed {
		copied := *run
		twin.Changed = append(twin.Changed, &copied)
	}
	m.both("turn", m.db.SaveTurn(r.Context(), turn), m.memory.SaveTurn(r.Context(), twin))
	if diff := cmp.Diff(twin.Changed, turn.Changed); diff != "" {
		r.Fatalf("runs after the turn (-model +database):\n%s", diff)
	}
	m.compare(r, key)
}

func (m *model) newOrder(r *rapid.T) pipeline.Order {
	m.seq++
	id := fmt.Sprintf("o-%d-%d", m.repository, m.seq)
	m.orders = append(m.orders, id)
	due := epoch().AddDate(-20, 0, rapid.IntRange(0, 3).Draw(r, "due"))
	if rapid.IntRange(0, 4).Draw(r, "far") == 0 {
		due = time.Now().AddDate(50, 0, 0)
	}
	o := order(id, due)
	o.CreatedAt = epoch()
	return o
}

func (m *model) enqueue(r *rapid.T) {
	o := m.newOrder(r)
	m.both("enqueue", m.db.Enqueue(r.Context(), o), m.memory.Enqueue(r.Context(), o))
}

// next takes an order if the model has one to give.
func (m *model) next(r *rapid.T) {
	if !m.memory.due() {
		r.Skip("nothing is due")
	}
	got, err := m.db.NextOrder(r.Context())
	want, wantErr := m.memory.NextOrder(r.Context())
	m.both("next", err, wantErr)
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(time.Hour)); diff != "" {
		r.Fatalf("next order (-model +database):\n%s", diff)
	}
}

func (m *model) some(r *rapid.T) string {
	if len(m.orders) == 0 {
		r.Skip("no orders")
	}
	return rapid.SampledFrom(m.orders).Draw(r, "order")
}

func (m *model) complete(r *rapid.T) {
	id := m.some(r)
	m.both("complete", m.db.CompleteOrder(r.Context(), id), m.memory.CompleteOrder(r.Context(), id))
}

func (m *model) retry(r *rapid.T) {
	id, due := m.some(r), epoch().AddDate(-20, 0, rapid.IntRange(0, 3).Draw(r, "due"))
	var cause error
	if rapid.Bool().Draw(r, "failed") {
		cause = errors.New("it rains")
	}
	m.both("retry", m.db.RetryOrder(r.Context(), id, due, cause), m.memory.RetryOrder(r.Context(), id, due, cause))
}

func (m *model) bury(r *rapid.T) {
	id := m.some(r)
	m.both("bury", m.db.BuryOrder(r.Context(), id, nil), m.memory.BuryOrder(r.Context(), id, nil))
}

// compare looks at a lane from both sides.
func (m *model) compare(r *rapid.T, key pipeline.StateKey) {
	got, err := m.db.LoadState(r.Context(), key)
	want, wantErr := m.memory.LoadState(r.Context(), key)
	m.both("load", err, wantErr)
	if !reflect.DeepEqual(want, got) { // is faster than a difference
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("state (-model +database):\n%s", diff)
		}
	}
}

// tidy removes the orders that are left, which the next check would be handed.
func (m *model) tidy(t *testing.T) {
	for _, o := range append(m.memory.Orders(false), m.memory.Orders(true)...) {
		if err := m.db.CompleteOrder(t.Context(), o.ID); err != nil {
			t.Error(err)
		}
	}
}
