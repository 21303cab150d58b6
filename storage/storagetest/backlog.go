package storagetest

import (
	"errors"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func testBacklog(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	backlog := func() storage.Backlog {
		t.Helper()
		found, err := db.Backlog(ctx)
		ok(t, err)
		return found
	}
	same(t, backlog(), storage.Backlog{
		Orders:     map[pipeline.OrderKind]storage.Waiting{},
		Executions: map[pipeline.ExecutionStatus]int{pipeline.ExecutionInProgress: 0, pipeline.ExecutionStopping: 0},
	})
	old := epoch().AddDate(-20, 0, 0)
	later := order("later", time.Now().Add(time.Hour))
	dead := order("dead", old)
	enqueue(t, db, order("a", old.Add(time.Second)), order("b", old), later, dead)
	for next(t, db).ID != "dead" {
	}
	ok(t, db.BuryOrder(ctx, "dead", errors.New("no")))
	going, ended := newRun(mainLane(7), 1), end(newRun(mainLane(7), 2), pipeline.ExecutionSucceeded)
	began := time.Now().Add(-time.Second)
	save(t, db, turnOf(mainLane(7), 0, going, ended))

	got := backlog()
	same(t, got.Orders, map[pipeline.OrderKind]storage.Waiting{order("", old).Kind: {Count: 2, Oldest: old}})
	same(t, got.Dead, 1)
	same(t, got.Executions, map[pipeline.ExecutionStatus]int{pipeline.ExecutionInProgress: 1, pipeline.ExecutionStopping: 0})
	if got.Reports.Count != 2 || got.Reports.Oldest.Before(began) || got.Reports.Oldest.After(time.Now()) {
		t.Errorf("reports %+v", got.Reports)
	}
}
