package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// Options are what an engine is made of. Store and Providers are required.
type Options struct {
	Store pipeline.Store
	// Providers carry out actions, by the provider's name.
	Providers map[string]provider.Provider
	// HandleDelivery works on a stored webhook delivery. When it returns nil it
	// has completed the order. An error of kind Unavailable means "later"; a
	// RetryAfter() time.Duration in its chain says when.
	HandleDelivery func(ctx context.Context, order pipeline.Order, delivery string) error
	// BuryDelivery is told of a delivery that was given up.
	BuryDelivery func(ctx context.Context, delivery string, cause error)
	// Secrets gives actions what they name and may use. Nil: no secret is available.
	Secrets Secrets
	// ReadRules returns today's rules of the environment of a stage, or, for an attempt
	// of a Manual action, those of its gate. An error means that they cannot be read
	// now: it is told to people, and they are asked for again. Nil: the run's own file
	// counts, which is right for a local run only.
	ReadRules func(ctx context.Context, run *pipeline.Execution, definition *pipeline.Pipeline, stage, attempt string) (pipeline.Reading, error)
	// OnTurn, if set, is told of every turn after it was saved, or refused. It must
	// not wait, and what it is given is read-only.
	OnTurn func(Turned)
	Logger *slog.Logger
	// Deliveries and Actions are how many orders of each sort are carried out at
	// once; 32 each unless set.
	Deliveries, Actions int
	// PollEvery is how often an action is polled whose provider does not say.
	PollEvery time.Duration
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// Engine carries out decisions. Its methods may be called at once from many
// goroutines.
type Engine struct {
	Options
	lanes    keyedMutex // turns of one lane, one after another
	attempts keyedMutex // polls of one attempt, one after another
	watched  watchList
	pause    pause
	hands    sync.WaitGroup
	ending   sync.RWMutex  // guards ended
	ended    bool          // no hand may begin any more
	leaving  chan struct{} // closed when Run was told to end
	life     context.Context
	end      context.CancelFunc
}

// New makes an engine. It does nothing until Run is called, but Submit and Wake
// may be called before.
func New(options Options) *Engine {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Deliveries <= 0 {
		options.Deliveries = 32
	}
	if options.Actions <= 0 {
		options.Actions = 32
	}
	if options.PollEvery <= 0 {
		options.PollEvery = 30 * time.Second
	}
	life, end := context.WithCancel(context.Background())
	e := &Engine{Options: options, leaving: make(chan struct{}), life: life, end: end}
	if e.ReadRules == nil {
		e.ReadRules = e.pinnedRules
	}
	return e
}

// closeGrace is how long work that was begun may take after Run was told to end.
const closeGrace = 5 * time.Second

// Run takes and carries out orders until ctx ends. Then it takes no more, lets
// what it has begun come to its end for a few seconds, and returns. Orders that
// were not finished are found by the next process. Run may be called once.
func (e *Engine) Run(ctx context.Context) error {
	defer e.end()
	switch err := e.recover(ctx); {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	err := e.dispatch(ctx)
	close(e.leaving)
	e.ending.Lock()
	e.ended = true
	e.ending.Unlock()
	done := make(chan struct{})
	go func() { e.hands.Wait(); close(done) }()
	timer := time.NewTimer(closeGrace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
	return err
}

// keyedMutex locks by name. Its zero value is ready.
type keyedMutex struct {
	mu    sync.Mutex
	locks map[string]*keyedLock
}

type keyedLock struct {
	sync.Mutex
	users int
}

// lock locks a name and returns how to unlock it.
func (k *keyedMutex) lock(name string) (unlock func()) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = map[string]*keyedLock{}
	}
	l := k.locks[name]
	if l == nil {
		l = &keyedLock{}
		k.locks[name] = l
	}
	l.users++
	k.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		k.mu.Lock()
		if l.users--; l.users == 0 {
			delete(k.locks, name)
		}
		k.mu.Unlock()
	}
}
