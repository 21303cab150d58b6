package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// fileName is the database in the data folder.
const fileName = "penstock.db"

var (
	errClosed error = &pipeline.Error{Kind: pipeline.Unavailable, Message: "the database is closed"}
	// errBadConnection tells package sql to throw a connection away.
	errBadConnection = driver.ErrBadConn
)

// DB is an open database. It implements pipeline.Store. All methods may be
// called at once from many goroutines, and a caller whose context ends gets the
// context's error: a read is then given up, while a write may or may not have
// been queued and, once queued, is carried out.
type DB struct {
	log     *slog.Logger
	now     func() time.Time
	tune    tuning
	path    string
	lock    *os.File
	readers *sql.DB
	writer  *writer
	orders  *orderQueue
	setBack *setBack // of the writer's goroutine
	changed chan struct{}
	toTell  chan struct{}
	telling atomic.Bool // new runs are to be told of

	definitions cache[definitionKey, *pipeline.Pipeline]
	runs        cache[string, decodedRun] // unfinished ones, by id

	closing context.Context
	close   context.CancelFunc
	closed  sync.Once
}

// Open opens the database in the data folder, makes it if there is none, brings
// its schema up to date and takes up the orders that were left unfinished. The
// context bounds the opening only. Kinds: Conflict if another process has the
// folder or if the schema is newer than this program, Invalid for options that
// make no sense.
func Open(ctx context.Context, options Options) (*DB, error) {
	return open(ctx, options, defaultTuning())
}

func open(ctx context.Context, options Options, tune tuning) (_ *DB, err error) {
	options, err = options.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", options.Dir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	db := newDB(dir, options, tune)
	defer func() {
		if err != nil {
			db.release()
		}
	}()
	if db.lock, err = lockFolder(dir); err != nil {
		return nil, err
	}
	if err := db.connect(ctx, options.Readers, db.migrate); err != nil {
		return nil, fmt.Errorf("database %s: %w", db.path, err)
	}
	if err := db.setBackMeanwhile(ctx); err != nil {
		return nil, fmt.Errorf("database %s: %w", db.path, err)
	}
	if err := db.writer.do(ctx, db.promotion()); err != nil {
		return nil, fmt.Errorf("database %s: %w", db.path, err)
	}
	return db, nil
}

func newDB(dir string, options Options, tune tuning) *DB {
	db := &DB{
		log:     options.Logger,
		now:     options.Now,
		tune:    tune,
		path:    filepath.Join(dir, fileName),
		changed: make(chan struct{}, 1),
		toTell:  make(chan struct{}, 1),
		setBack: newSetBack(options.Now, stopwatch()),

		definitions: cache[definitionKey, *pipeline.Pipeline]{limit: maxDefinitions},
		runs:        cache[string, decodedRun]{limit: maxRuns},
	}
	db.closing, db.close = context.WithCancel(context.Background())
	return db
}

// connect opens the connections, has the schema looked at, and starts the writer.
func (db *DB) connect(ctx context.Context, readers int, schema func(context.Context) error) error {
	pool, err := openWriter(db.path, db.tune.busy)
	if err != nil {
		return err
	}
	db.writer = &writer{
		pool: pool, trace: db.tune.trace, log: db.log,
		queue: newWriteQueue(), quit: db.closing, exited: make(chan struct{}),
	}
	waiting := func(err error) {
		db.log.Warn("the database is held by another program; opening it waits", "error", err)
	}
	err = outwait(ctx, func() (err error) { db.writer.conn, err = pool.Conn(ctx); return err }, waiting)
	if err != nil {
		return err
	}
	if err := outwait(ctx, func() error { return schema(ctx) }, waiting); err != nil {
		return err
	}
	if db.readers, err = openReaders(db.path, db.tune.busy, readers); err != nil {
		return err
	}
	db.orders = newOrderQueue(db.now, db.closing, db.promoteOrders, db.setBack.forward)
	go db.writer.loop()
	return nil
}

// Close ends the hand-over of orders, carries out the writes that are queued,
// and gives the folder free. Callers that still wait get kind Unavailable. Safe
// twice.
func (db *DB) Close() error {
	var err error
	db.closed.Do(func() { err = db.release() })
	return err
}

func (db *DB) release() error {
	db.close()
	if db.orders != nil {
		db.orders.stop()
	}
	var errs []error
	if db.readers != nil {
		errs = append(errs, db.readers.Close())
	}
	if w := db.writer; w != nil {
		w.queue.close()
		if db.orders != nil { // the loop was started
			<-w.exited
		}
		if w.conn != nil {
			errs = append(errs, w.conn.Close())
		}
		errs = append(errs, w.pool.Close())
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}
