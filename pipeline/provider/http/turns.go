package http

import (
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// An address may take its time to answer, and whoever asks it does nothing else
// meanwhile. So few questions are under way at once, fewer still of one repository,
// and none for long: the rest of the server's work never waits for them.
const (
	askingAtMost   = 8
	askingOfOne    = 2
	answerTime     = 10 * time.Second
	turnComesAgain = time.Second // when it is tried again after all turns were taken
)

// place is the repository that a question is of.
type place struct {
	host string
	id   int64
}

// turns counts the questions that are under way. Its zero value is ready; it may be
// used by many goroutines.
type turns struct {
	mu  sync.Mutex
	all int
	of  map[place]int
}

// take returns how to give a turn back, or nil if none is free.
func (t *turns) take(r pipeline.Repository) (giveBack func()) {
	p := place{r.Host, r.ID}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all >= askingAtMost || t.of[p] >= askingOfOne {
		return nil
	}
	if t.of == nil {
		t.of = map[place]int{}
	}
	t.all++
	t.of[p]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.all--
		if t.of[p]--; t.of[p] == 0 {
			delete(t.of, p)
		}
	}
}
