package main

import (
	"context"
	"slices"
	"sync"
)

// journal is lines that somebody writes and others wait for.
type journal struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed with the next line
}

func newJournal() *journal { return &journal{more: make(chan struct{})} }

func (j *journal) add(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
	close(j.more)
	j.more = make(chan struct{})
}

// all returns the lines so far.
func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

// await returns when the condition holds for the lines so far.
func (j *journal) await(ctx context.Context, condition func([]string) bool) error {
	for {
		j.mu.Lock()
		lines, more := j.lines, j.more
		j.mu.Unlock()
		if condition(lines) {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
