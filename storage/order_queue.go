package storage

import (
	"container/heap"
	"context"
	"math"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// orderQueue hands out orders that are due. It holds those only: what is due
// later stays in the table, with one timer for the earliest. What changes it
// runs on the writer's goroutine after a commit, so that it never knows of an
// order that is not durable, nor misses one that is.
type orderQueue struct {
	now     func() time.Time
	closing context.Context
	promote func() // has the writer call promoted soon
	waiting func() // is told before an order is noted that is not due yet

	mu    sync.Mutex
	ready orderHeap
	// held are the orders that are ready or claimed, by id. An entry of ready
	// that is not in held any more has been dropped.
	held map[string]*orderRow
	// horizon: whatever is due up to here is held, unless it is claimed no more.
	horizon int64
	timer   *time.Timer
	armed   int64 // when the timer goes off; 0: not armed

	wake chan struct{} // holds one token while something may be ready
}

// maxSleep bounds the timer, which does not notice when the clock is set.
const maxSleep = time.Minute

func newOrderQueue(now func() time.Time, closing context.Context, promote, waiting func()) *orderQueue {
	return &orderQueue{now: now, closing: closing, promote: promote, waiting: waiting, held: map[string]*orderRow{}, horizon: math.MinInt64, wake: make(chan struct{}, 1)}
}

// take waits for an order and claims it.
func (q *orderQueue) take(ctx context.Context) (pipeline.Order, error) {
	for {
		if err := ctx.Err(); err != nil {
			return pipeline.Order{}, err
		}
		if q.closing.Err() != nil {
			return pipeline.Order{}, errClosed
		}
		if row := q.pop(); row != nil {
			return row.order, nil
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
		case <-q.closing.Done():
		}
	}
}

func (q *orderQueue) pop() *orderRow {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) > 0 {
		row := heap.Pop(&q.ready).(*orderRow)
		if q.held[row.order.ID] != row {
			continue
		}
		if len(q.ready) > 0 {
			q.signal() // for the next one who waits
		}
		return row
	}
	return nil
}

// add takes note of orders that were saved. It runs on the writer's goroutine.
func (q *orderQueue) add(rows []*orderRow) {
	now := micros(q.now())
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, row := range rows {
		switch {
		case row.seq == 0: // was there before
		case row.due <= now:
			q.hold(row)
		default:
			q.waiting()
			q.horizon = min(q.horizon, row.due-1) // the clock may have been set back
			q.arm(row.due, now)
		}
	}
}

// drop forgets orders that were completed, or are to be added anew.
func (q *orderQueue) drop(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, id)
}

// holds reports whether an order is ready or claimed.
func (q *orderQueue) holds(id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held[id] != nil
}

// promoted takes over what has come due in the table up to the new horizon; next
// is when the first of the others is due, or 0.
func (q *orderQueue) promoted(rows []*orderRow, horizon, next int64) {
	now := micros(q.now())
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, row := range rows {
		if q.held[row.order.ID] == nil {
			q.hold(row)
		}
	}
	q.horizon = horizon
	q.armed = 0
	if next > 0 {
		q.arm(next, now)
	}
}

func (q *orderQueue) hold(row *orderRow) {
	q.held[row.order.ID] = row
	heap.Push(&q.ready, row)
	q.signal()
}

func (q *orderQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *orderQueue) arm(due, now int64) {
	if q.armed != 0 && q.armed <= due && q.armed > now {
		return
	}
	if q.armed != 0 {
		due = min(due, q.armed) // passed over: the clock was set forward
	}
	q.armed = due
	sleep := min(max(time.Duration(due-now)*time.Microsecond, time.Millisecond), maxSleep)
	if q.timer == nil {
		q.timer = time.AfterFunc(sleep, q.promote)
	} else {
		q.timer.Reset(sleep)
	}
}

func (q *orderQueue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.timer != nil {
		q.timer.Stop()
	}
}

// orderHeap has the order that is due first on top.
type orderHeap []*orderRow

func (h orderHeap) Len() int { return len(h) }
func (h orderHeap) Less(i, j int) bool {
	if h[i].due != h[j].due {
		return h[i].due < h[j].due
	}
	return h[i].seq < h[j].seq
}
func (h orderHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *orderHeap) Push(x any)   { *h = append(*h, x.(*orderRow)) }
func (h *orderHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
