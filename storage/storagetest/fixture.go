package storagetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
)

const host = "forge.example"

// epoch is a time that databases give back as it is.
func epoch() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 6000, time.UTC) }

func laneKey(repositoryID int64, name string, lane pipeline.Lane) pipeline.StateKey {
	return pipeline.StateKey{Host: host, RepositoryID: repositoryID, Pipeline: name, Lane: lane}
}

func mainLane(repositoryID int64) pipeline.StateKey {
	return laneKey(repositoryID, "release", pipeline.BranchLane("main"))
}

// newRun makes a run with something in every corner.
func newRun(key pipeline.StateKey, position int64) *pipeline.Execution {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return &pipeline.Execution{
		V: 1, ID: pipeline.NewID(now), Position: position, Status: pipeline.ExecutionInProgress,
		Repository: pipeline.Repository{Host: key.Host, ID: key.RepositoryID, Owner: "acme", Name: "shop"},
		Pipeline:   key.Pipeline, Lane: key.Lane, Definition: "sha256:d1", Attempt: 1,
		Revision:  pipeline.Revision{SHA: "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", Ref: "refs/heads/main", Message: "a <b> & 'c' \u2028 ü"},
		Variables: map[string]string{"REGION": "north", "EMPTY": ""},
		Stages: []pipeline.StageExecution{{Name: "Build", Status: pipeline.StageInProgress, StartedAt: now, Actions: []pipeline.ActionExecution{
			{ID: "a1", Name: "compile", Attempt: 1, RunOrder: 1, Status: pipeline.ActionInProgress, Handle: []byte{0, 1, 255}, StartedAt: now},
		}}, {Name: "Ship"}},
		CreatedAt: now, UpdatedAt: now,
	}
}

func definitions() map[string]*pipeline.Pipeline {
	return map[string]*pipeline.Pipeline{"sha256:d1": {
		V: 1, Name: "release", File: ".penstock.yml", ExecutionMode: pipeline.ModeSuperseded,
		Stages: []pipeline.Stage{{Name: "Build", Actions: []pipeline.Action{{Name: "compile", RunOrder: 1}}}, {Name: "Ship"}},
	}}
}

// openGate puts a gate that waits for votes in front of the second stage.
func openGate(run *pipeline.Execution) *pipeline.Execution {
	run.Stages[1].Gate = &pipeline.Approval{ID: "g1", Name: "production", Status: pipeline.ApprovalPending}
	return run
}

func end(run *pipeline.Execution, status pipeline.ExecutionStatus) *pipeline.Execution {
	run.Status, run.EndedAt = status, time.Now().UTC().Truncate(time.Microsecond)
	return run
}

func turnOf(key pipeline.StateKey, version int64, runs ...*pipeline.Execution) *pipeline.Turn {
	return &pipeline.Turn{Key: key, Version: version, Ledger: pipeline.Ledger{V: 1}, Changed: runs, Definitions: definitions()}
}

// save saves a turn on what is stored now.
func save(t *testing.T, s pipeline.Store, turn *pipeline.Turn) {
	t.Helper()
	state, err := s.LoadState(t.Context(), turn.Key)
	if err != nil {
		t.Fatal(err)
	}
	turn.Version = state.Version
	if err := s.SaveTurn(t.Context(), turn); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, s pipeline.Store, key pipeline.StateKey, ids ...string) pipeline.State {
	t.Helper()
	state, err := s.LoadState(t.Context(), key, ids...)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func order(id string, due time.Time) pipeline.Order {
	payload, err := json.Marshal(pipeline.DeliveryOrder{V: 1, Delivery: id})
	must(err)
	return pipeline.Order{ID: id, RepositoryID: 7, Kind: pipeline.CheckActions, Payload: payload, Due: due}
}

func enqueue(t *testing.T, s pipeline.Store, orders ...pipeline.Order) {
	t.Helper()
	ok(t, s.Enqueue(t.Context(), orders...))
}

func next(t *testing.T, s pipeline.Store) pipeline.Order {
	t.Helper()
	o, err := s.NextOrder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// nothingDue fails if an order is handed out now. A marker that was saved last is
// handed out last, so nothing needs to be waited for.
func nothingDue(t *testing.T, s pipeline.Store) {
	t.Helper()
	marker := order(pipeline.NewID(time.Now()), time.Time{})
	enqueue(t, s, marker)
	if o := next(t, s); o.ID != marker.ID {
		t.Fatalf("order %s was handed out, nothing was due", o.ID)
	}
	ok(t, s.CompleteOrder(t.Context(), marker.ID))
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, err error, kind pipeline.Kind, is error) {
	t.Helper()
	if err == nil || pipeline.KindOf(err) != kind || (is != nil && !errors.Is(err, is)) {
		t.Fatalf("got error %v (kind %d), want kind %d, %v", err, pipeline.KindOf(err), kind, is)
	}
}

func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("difference (-want +got):\n%s", diff)
	}
}

func ids(runs []*pipeline.Execution) []string {
	var list []string
	for _, run := range runs {
		list = append(list, run.ID)
	}
	return list
}
