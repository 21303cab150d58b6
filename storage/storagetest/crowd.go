package storagetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Many write, read and take orders at once, while another program holds the
// database for about a second now and then: nobody sees an error, nothing is
// lost.
func testCrowd(t *testing.T, b Backend) {
	const writers, readers, takers = 24, 24, 16
	dir := t.TempDir()
	db := open(t, b, dir)
	stop := make(chan struct{})
	stopped := func() bool {
		select {
		case <-stop:
			return true
		default:
			return false
		}
	}
	var working, taking sync.WaitGroup
	var saved [writers]int64
	var taken, deliveries, across atomic.Int64
	var holds atomic.Int64 // odd while the other program holds the database
	for w := range writers {
		working.Go(func() {
			key := laneKey(7, "release", pipeline.PullLane(w+1))
			for !stopped() {
				before := holds.Load()
				if err := db.SaveTurn(t.Context(), killTurn(key, saved[w])); err != nil {
					t.Errorf("turn: %v", err)
					return
				}
				saved[w]++
				if before%2 == 1 || before != holds.Load() {
					across.Add(1)
				}
				if _, _, err := db.AddDelivery(t.Context(), delivery(fmt.Sprint(w, "/", saved[w]), pipeline.DeliveryReceived)); err != nil {
					t.Errorf("delivery: %v", err)
					return
				}
				deliveries.Add(1)
			}
		})
	}
	for r := range readers {
		working.Go(func() {
			for !stopped() {
				_, err := db.LoadState(t.Context(), laneKey(7, "release", pipeline.PullLane(r+1)))
				if err == nil {
					_, err = db.Executions(t.Context(), pipeline.ExecutionFilter{RepositoryID: 7, Limit: 5})
				}
				if err != nil {
					t.Errorf("read: %v", err)
					return
				}
				<-time.After(time.Millisecond) // two cores are for the writers too
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range takers {
		taking.Go(func() {
			for {
				o, err := db.NextOrder(ctx)
				if err != nil {
					return
				}
				if err := db.CompleteOrder(t.Context(), o.ID); err != nil {
					t.Errorf("complete: %v", err)
				}
				taken.Add(1)
			}
		})
	}
	disturb(t, b, dir, &holds)
	close(stop)
	working.Wait()
	enqueue(t, db, order("last", time.Now().Add(time.Millisecond)))
	total := deliveries.Load() + 1
	for w, n := range saved {
		total += n
		key := laneKey(7, "release", pipeline.PullLane(w+1))
		same(t, load(t, db, key).Version, n)
		last, _, err := db.VerifyEvents(t.Context(), key)
		ok(t, err)
		same(t, last, n)
	}
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for tick := time.NewTicker(5 * time.Millisecond); taken.Load() < total; {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%d of %d orders were handed out", taken.Load(), total)
		}
	}
	cancel()
	taking.Wait()
	same(t, taken.Load(), total)
	t.Logf("%d turns and deliveries; %d turns waited for another program, which held the database %d times", total-1, across.Load(), holds.Load()/2)
}

// disturb lets the crowd work until another program has held the database a few
// times, and counts when it gets hold of it and when it lets go.
func disturb(t *testing.T, b Backend, dir string, holds *atomic.Int64) {
	if b.Hold == nil {
		<-time.After(time.Second)
		return
	}
	c := startChild(t, roleHold, dir)
	for c.lines.Scan() {
		if holds.Add(1) == 6 {
			c.stdin.Close()
		}
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the other program: %v: %s", err, c.said.String())
	}
}
