package storage

import "sync"

// writeQueue is the line in front of the writer. Its length is bounded by the
// number of callers, each of whom waits for an answer.
type writeQueue struct {
	mu     sync.Mutex
	filled sync.Cond
	items  []*write
	closed bool
}

func newWriteQueue() *writeQueue {
	q := &writeQueue{}
	q.filled.L = &q.mu
	return q
}

// push adds a write, unless the queue is closed.
func (q *writeQueue) push(w *write) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return errClosed
	}
	q.items = append(q.items, w)
	q.filled.Signal()
	return nil
}

// next waits for the first write and returns it, together with those behind it
// that may share its transaction. Nil: the queue is closed and empty.
func (q *writeQueue) next() []*write {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 {
		if q.closed {
			return nil
		}
		q.filled.Wait()
	}
	n := 1
	if q.items[0].group {
		for n < len(q.items) && n < maxGroup && q.items[n].group {
			n++
		}
	}
	batch := append([]*write(nil), q.items[:n]...)
	clear(q.items[:n])
	if q.items = q.items[n:]; len(q.items) == 0 {
		q.items = nil
	}
	return batch
}

func (q *writeQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// close lets what is queued through and nothing more in.
func (q *writeQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}
