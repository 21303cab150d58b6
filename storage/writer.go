package storage

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"
)

// maxGroup is how many deliveries, or notes of what is shown, share a commit at
// most.
const maxGroup = 256

// write is one entry of the write queue. Its functions run on the writer's
// goroutine.
type write struct {
	// run works inside the transaction. It may be called again after a rollback,
	// so it must set its results from scratch.
	run func(*tx) error
	// committed runs after COMMIT has returned and before the caller is answered.
	committed func()
	// group lets the write share a transaction with its neighbours in the queue.
	group bool
	// bare runs without a transaction: for reads that must not overlap a write.
	bare bool

	err  error
	done chan struct{} // closed when err and the results of run are final
}

// writer owns the writing connection.
type writer struct {
	pool  *sql.DB
	conn  *sql.Conn
	trace func(string)
	log   *slog.Logger

	queue  *writeQueue
	quit   context.Context // ended: do not outwait other programs any longer
	exited chan struct{}
}

// do queues a write and waits for its end. When the context ends first, the
// write is carried out all the same and its outcome is not known here.
func (w *writer) do(ctx context.Context, entry *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.start(entry); err != nil {
		return err
	}
	select {
	case <-entry.done:
		return entry.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start queues a write without waiting.
func (w *writer) start(entry *write) error {
	entry.done = make(chan struct{})
	return w.queue.push(entry)
}

// loop carries out writes until the queue is closed and empty.
func (w *writer) loop() {
	defer close(w.exited)
	for {
		batch := w.queue.next()
		if batch == nil {
			return
		}
		w.carryOut(batch)
	}
}

func (w *writer) carryOut(batch []*write) {
	err := w.transact(batch)
	if err != nil && len(batch) > 1 {
		for i := range batch { // one of them is at fault; the others must not suffer
			w.carryOut(batch[i : i+1])
		}
		return
	}
	for _, entry := range batch {
		if err == nil && entry.committed != nil {
			entry.committed()
		}
		entry.err = err
		close(entry.done)
	}
}

// transact runs the batch in one transaction, and again from the start as long
// as another program holds the file.
func (w *writer) transact(batch []*write) error {
	began := time.Now()
	err := outwait(w.quit, func() error { return w.attempt(batch) }, func(err error) {
		w.log.Warn("the database is held by another program; the write waits",
			"waited", time.Since(began).Round(time.Millisecond), "queued", w.queue.len(), "error", err)
	})
	if errors.Is(err, context.Canceled) { // of quit: no statement carries a context
		return errClosed
	}
	return err
}

func (w *writer) attempt(batch []*write) error {
	t := &tx{w.conn, w.trace}
	if batch[0].bare {
		return batch[0].run(t)
	}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return w.rollback(t, err)
	}
	for _, entry := range batch {
		if err := entry.run(t); err != nil {
			return w.rollback(t, err)
		}
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return w.rollback(t, err)
	}
	return nil
}

// rollback leaves the connection without a transaction, whatever state cause has
// left it in, and returns cause.
func (w *writer) rollback(t *tx, cause error) error {
	open, err := inTransaction(w.conn)
	if err == nil && open {
		if _, err = t.exec("ROLLBACK"); err != nil {
			open, _ = inTransaction(w.conn) // an error here is the one of the line above
		}
	}
	if err == nil || !open {
		return cause
	}
	w.log.Error("the writing connection is beyond repair; opening another", "error", err)
	if fresh, err := w.reconnect(); err != nil {
		w.log.Error("no new writing connection", "error", err)
	} else {
		w.conn = fresh
	}
	return cause
}

func (w *writer) reconnect() (*sql.Conn, error) {
	w.conn.Raw(func(any) error { return errBadConnection }) // makes the pool drop it
	w.conn.Close()
	return w.pool.Conn(context.Background())
}
