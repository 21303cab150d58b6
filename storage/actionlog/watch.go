package actionlog

import (
	"context"
	"sync"
)

// Watch returns a channel that gets a signal after lines were added or the log
// was finished. Signals that nobody has received yet become one. stop ends the
// watch and must be called.
func (s *Store) Watch(repositoryID int64, attemptID string) (signal <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	a, err := s.attempt(repositoryID, attemptID)
	if err != nil {
		return ch, func() {} // such a log never changes
	}
	s.watches.add(a.dir, ch)
	return ch, func() { s.watches.remove(a.dir, ch) }
}

// watches are the channels that wait for a log to grow, by its folder.
type watches struct {
	mu sync.Mutex
	by map[string]map[chan struct{}]bool
}

func (w *watches) add(dir string, ch chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[string]map[chan struct{}]bool{}
	}
	if w.by[dir] == nil {
		w.by[dir] = map[chan struct{}]bool{}
	}
	w.by[dir][ch] = true
}

func (w *watches) remove(dir string, ch chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.by[dir], ch)
	if len(w.by[dir]) == 0 {
		delete(w.by, dir)
	}
}

func (w *watches) signal(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch := range w.by[dir] {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// locks are held by one writer per log. A lock exists only while somebody holds
// it or waits for it.
type locks struct {
	mu sync.Mutex
	by map[string]*lock
}

type lock struct {
	users int
	token chan struct{} // holds one token while the lock is free
}

// lock waits for the log, or for the end of the context.
func (l *locks) lock(ctx context.Context, dir string) (unlock func(), err error) {
	k := l.enter(dir)
	select {
	case <-k.token:
		return func() { k.token <- struct{}{}; l.leave(dir, k) }, nil
	case <-ctx.Done():
		l.leave(dir, k)
		return nil, ctx.Err()
	}
}

func (l *locks) enter(dir string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.by[dir]
	if k == nil {
		k = &lock{token: make(chan struct{}, 1)}
		k.token <- struct{}{}
		if l.by == nil {
			l.by = map[string]*lock{}
		}
		l.by[dir] = k
	}
	k.users++
	return k
}

func (l *locks) leave(dir string, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(l.by, dir)
	}
}
