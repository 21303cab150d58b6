package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// bell is how the commands of a job reach out of their sandbox: `sh ring.sh NAME`
// rings it. Every ring is a line of a file, counted by nobody but the test, and
// a ring whose name is held waits for its answer. Jobs have git and no more, so
// a ring is a git ls-remote.
type bell struct {
	server *http.Server
	url    string
	rings  *journal

	mu   sync.Mutex
	file *os.File
	held map[string]chan struct{}
	over bool
}

func newBell(path string) (*bell, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bell{url: "http://" + listener.Addr().String(), rings: newJournal(), file: file, held: map[string]chan struct{}{}}
	b.server = &http.Server{Handler: http.HandlerFunc(b.ring), ReadHeaderTimeout: 10 * time.Second}
	go b.server.Serve(listener)
	return b, nil
}

// script is ring.sh, a file of every repository.
func (b *bell) script() string {
	return "#!/bin/sh\n# Rings, and waits for the answer.\n" +
		"git ls-remote --quiet " + b.url + "/\"$1\" >/dev/null 2>&1\nexit 0\n"
}

func (b *bell) ring(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/info/refs")
	b.mu.Lock()
	answer := b.held[name]
	if _, err := fmt.Fprintln(b.file, name); err != nil {
		name = err.Error()
	}
	b.mu.Unlock()
	b.rings.add(name)
	if answer != nil {
		select {
		case <-answer:
		case <-r.Context().Done():
		}
	}
	http.NotFound(w, r) // nothing to fetch here; ring.sh does not mind
}

// hold lets rings of that name wait for an answer.
func (b *bell) hold(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[name] == nil && !b.over {
		b.held[name] = make(chan struct{})
	}
}

// answer lets those that wait go on, and those that come later not wait.
func (b *bell) answer(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[name] == nil {
		return fmt.Errorf("%s is not held", name)
	}
	close(b.held[name])
	delete(b.held, name)
	return nil
}

func (b *bell) close() {
	b.mu.Lock()
	for name, answer := range b.held {
		close(answer)
		delete(b.held, name)
	}
	b.over = true
	b.mu.Unlock()
	b.server.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.file.Close()
}

// hold NAME...
func (s *player) hold(args []string) error {
	for _, name := range args {
		s.bell.hold(name)
	}
	return nil
}

// answer NAME...
func (s *player) answer(args []string) error {
	for _, name := range args {
		if err := s.bell.answer(name); err != nil {
			return err
		}
	}
	return nil
}
