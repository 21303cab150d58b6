package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// What was open stays open, what was claimed is given out again.
func testReopen(t *testing.T, b Backend) {
	dir, key := t.TempDir(), mainLane(7)
	db, err := b.Open(dir)
	ok(t, err)
	run := newRun(key, 1)
	turn := turnOf(key, 0, run)
	turn.InputKey = "k"
	turn.Orders = []pipeline.Order{order("claimed", epoch().AddDate(-20, 0, 0)), order("done", time.Time{}), order("buried", time.Time{})}
	save(t, db, turn)
	enqueue(t, db, order("waiting", time.Now().Add(150*time.Millisecond)), order("never", time.Now().Add(time.Hour)))
	same(t, next(t, db).ID, "claimed")
	ok(t, db.RetryOrder(t.Context(), "claimed", time.Time{}, errors.New("once")))
	for _, want := range []string{"done", "buried", "claimed"} {
		same(t, next(t, db).ID, want)
	}
	ok(t, db.CompleteOrder(t.Context(), "done"))
	ok(t, db.BuryOrder(t.Context(), "buried", nil))
	waiting := make(chan error)
	go func() {
		for {
			if _, err := db.NextOrder(context.Background()); err != nil {
				waiting <- err
				return
			}
		}
	}()
	ok(t, db.Close())
	ok(t, db.Close())
	if err := <-waiting; pipeline.KindOf(err) != pipeline.Unavailable {
		t.Fatalf("who waits for an order at the close gets %v", err)
	}
	_, err = db.LoadState(t.Context(), key)
	wantErr(t, err, pipeline.Unavailable, nil)
	wantErr(t, db.Enqueue(t.Context(), order("x", time.Time{})), pipeline.Unavailable, nil)

	db = open(t, b, dir)
	state := load(t, db, key)
	same(t, state.Version, 1)
	same(t, state.Executions, []*pipeline.Execution{run})
	same(t, state.Definitions, definitions())
	o := next(t, db)
	same(t, o.ID, "claimed")
	same(t, o.Attempts, 1)
	same(t, next(t, db).ID, "waiting")
	nothingDue(t, db)
	turn.Version, turn.Done = 1, "claimed"
	turn.Changed = nil
	wantErr(t, db.SaveTurn(t.Context(), turn), pipeline.Conflict, pipeline.ErrDuplicate)
	ok(t, db.RetryOrder(t.Context(), "buried", time.Time{}, nil))
	same(t, next(t, db).ID, "buried")
	_, _, err = db.VerifyEvents(t.Context(), key)
	ok(t, err)
}

func testExclusive(t *testing.T, b Backend) {
	dir := t.TempDir()
	db := open(t, b, dir)
	_, err := b.Open(dir)
	wantErr(t, err, pipeline.Conflict, nil)
	if !strings.Contains(err.Error(), dir) {
		t.Fatalf("the error does not name the folder: %v", err)
	}
	save(t, db, turnOf(mainLane(7), 0, newRun(mainLane(7), 1))) // is not disturbed
	ok(t, db.Close())
	open(t, b, dir)
}

// A write whose context ends is there whole or not at all, and those behind it
// go on.
func testCancelled(t *testing.T, b Backend) {
	const lanes, turns = 32, 12
	db := open(t, b, t.TempDir())
	acknowledged := make([][turns]bool, lanes)
	var group sync.WaitGroup
	for lane := range lanes {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(lane)))
			for i := range turns {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(40_000))*time.Microsecond)
				err := db.SaveTurn(ctx, killTurn(cancelledKey(lane, i), 0))
				acknowledged[lane][i] = err == nil
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				cancel()
				ctx, cancel = context.WithTimeout(t.Context(), time.Duration(random.IntN(4000))*time.Microsecond)
				if _, _, err := db.AddDelivery(ctx, delivery(fmt.Sprint("d/", lane, "/", i), pipeline.DeliveryReceived)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				if _, err := db.Executions(ctx, pipeline.ExecutionFilter{}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	group.Wait()
	enqueue(t, db, order("barrier", time.Time{})) // whatever was queued is before it
	saved := 0
	for lane := range lanes {
		for i := range turns {
			key := cancelledKey(lane, i)
			state := load(t, db, key)
			if acknowledged[lane][i] && state.Version != 1 {
				t.Errorf("turn %d/%d was acknowledged and is not there", lane, i)
			}
			if state.Version == 0 {
				continue
			}
			saved++
			runs, err := db.Executions(t.Context(), pipeline.ExecutionFilter{Host: host, RepositoryID: 7, Lane: key.Lane})
			ok(t, err)
			last, _, err := db.VerifyEvents(t.Context(), key)
			ok(t, err)
			if len(runs) != 1 || last != 1 {
				t.Errorf("turn %d/%d is there in parts: %d runs, %d events", lane, i, len(runs), last)
			}
		}
	}
	deliveries, err := db.Deliveries(t.Context(), storage.DeliveryFilter{Limit: 10_000})
	ok(t, err)
	orders := 0
	for next(t, db).ID != "barrier" {
		orders++
	}
	same(t, orders, saved+len(deliveries))
	t.Logf("%d of %d turns and %d deliveries were saved", saved, lanes*turns, len(deliveries))
}

func cancelledKey(lane, i int) pipeline.StateKey {
	return laneKey(7, "release", pipeline.PullLane(lane*1000+i+1))
}

// What a process has said to be saved is there after its death.
func testKill(t *testing.T, b Backend) {
	dir := t.TempDir()
	acknowledged := map[int]int64{}
	var deliveries []string
	for round := range 4 {
		c := startChild(t, roleWrite, dir)
		for said := 0; c.lines.Scan(); said++ {
			if said == 150+70*round {
				ok(t, c.cmd.Process.Kill())
			}
			var lane int
			var version int64
			line := c.lines.Text()
			if id, isDelivery := strings.CutPrefix(line, "delivery "); isDelivery {
				deliveries = append(deliveries, id)
			} else if n, err := fmt.Sscanf(line, "turn %d %d", &lane, &version); n == 2 && err == nil {
				acknowledged[lane] = version
			}
		}
		c.cmd.Wait() // it was killed
		if said := c.said.String(); said != "" {
			t.Fatalf("the process that was to be killed said: %s", said)
		}
	}
	db := open(t, b, dir)
	turns := int64(0)
	for lane := range killLanes {
		key := laneKey(7, "release", pipeline.PullLane(lane+1))
		version := load(t, db, key).Version
		if version < acknowledged[lane] {
			t.Errorf("lane %d: version %d was acknowledged, %d is stored", lane, acknowledged[lane], version)
		}
		last, _, err := db.VerifyEvents(t.Context(), key)
		ok(t, err)
		same(t, last, version)
		turns += version
	}
	for _, id := range deliveries {
		if _, err := db.Delivery(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	stored, err := db.Deliveries(t.Context(), storage.DeliveryFilter{Limit: 100_000})
	ok(t, err)
	for range turns + int64(len(stored)) {
		next(t, db)
	}
	nothingDue(t, db)
	t.Logf("%d turns and %d deliveries acknowledged, %d and %d stored", sum(acknowledged), len(deliveries), turns, len(stored))
}

func sum(versions map[int]int64) (total int64) {
	for _, v := range versions {
		total += v
	}
	return total
}
