// Package computetest holds what a compute needs of its surroundings, in memory
// and with switches for faults, for the tests of computes and of those who use
// them. It never runs anything itself.
package computetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// Sources answers every revision with one Source, or with an error.
type Sources struct {
	mu     sync.Mutex
	source compute.Source
	err    error
}

// Set changes the answer.
func (s *Sources) Set(source compute.Source, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.source, s.err = source, err
}

// Source implements compute.Sources.
func (s *Sources) Source(context.Context, pipeline.Repository, pipeline.Revision) (compute.Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source, s.err
}

// Artifacts keeps bundles in memory. The zero value is ready.
type Artifacts struct {
	mu      sync.Mutex
	bundles map[string][]byte
	faults  int
	puts    int
}

// Fail makes the next n calls fail as if the store could not be reached.
func (a *Artifacts) Fail(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = n
}

// Puts is how often something was stored.
func (a *Artifacts) Puts() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.puts
}

// Put implements compute.Artifacts.
func (a *Artifacts) Put(_ context.Context, repositoryID int64, digest string, content io.Reader) (int64, error) {
	bundle, err := io.ReadAll(content)
	if err != nil {
		return 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault(); err != nil {
		return 0, err
	}
	if a.bundles == nil {
		a.bundles = map[string][]byte{}
	}
	a.bundles[fmt.Sprint(repositoryID, digest)] = bundle
	a.puts++
	return int64(len(bundle)), nil
}

// Get implements compute.Artifacts.
func (a *Artifacts) Get(_ context.Context, repositoryID int64, digest string) (io.ReadCloser, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault(); err != nil {
		return nil, err
	}
	bundle, ok := a.bundles[fmt.Sprint(repositoryID, digest)]
	if !ok {
		return nil, pipeline.Errorf(pipeline.NotFound, "no bundle %s", digest)
	}
	return io.NopCloser(bytes.NewReader(bundle)), nil
}

func (a *Artifacts) fault() error {
	if a.faults == 0 {
		return nil
	}
	a.faults--
	return pipeline.Errorf(pipeline.Unavailable, "the store of artifacts cannot be reached")
}

// Logs keeps logs in memory. The zero value is ready.
type Logs struct {
	mu    sync.Mutex
	logs  map[string]*attemptLog
	await []chan struct{}
}

type attemptLog struct {
	lines    []pipeline.LogLine
	offset   int64
	appends  int
	finished bool
}

// Append implements compute.Logs.
func (l *Logs) Append(_ context.Context, repositoryID int64, attemptID string, offset int64, lines []pipeline.LogLine) error {
	return l.change(repositoryID, attemptID, func(log *attemptLog) error {
		if log.finished {
			return fmt.Errorf("log of %s: lines after its end", attemptID)
		}
		if offset < log.offset {
			return fmt.Errorf("log of %s: offset %d after %d", attemptID, offset, log.offset)
		}
		log.lines, log.offset = append(log.lines, lines...), offset
		log.appends++
		return nil
	})
}

// Offset implements compute.Logs.
func (l *Logs) Offset(_ context.Context, repositoryID int64, attemptID string) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log(repositoryID, attemptID).offset, nil
}

// Finish implements compute.Logs.
func (l *Logs) Finish(_ context.Context, repositoryID int64, attemptID string) error {
	return l.change(repositoryID, attemptID, func(log *attemptLog) error {
		log.finished = true
		return nil
	})
}

// Lines returns what is in a log.
func (l *Logs) Lines(repositoryID int64, attemptID string) []pipeline.LogLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]pipeline.LogLine(nil), l.log(repositoryID, attemptID).lines...)
}

// Text returns the lines of some streams, or of all, each with its newline.
func (l *Logs) Text(repositoryID int64, attemptID string, streams ...pipeline.Stream) string {
	var text strings.Builder
	for _, line := range l.Lines(repositoryID, attemptID) {
		wanted := len(streams) == 0
		for _, stream := range streams {
			wanted = wanted || line.Stream == stream
		}
		if wanted {
			text.WriteString(line.Text + "\n")
		}
	}
	return text.String()
}

// Appends is how often lines were added to a log.
func (l *Logs) Appends(repositoryID int64, attemptID string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log(repositoryID, attemptID).appends
}

// Finished reports whether a log has ended.
func (l *Logs) Finished(repositoryID int64, attemptID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log(repositoryID, attemptID).finished
}

// Await waits until the log holds a text, or fails with the context.
func (l *Logs) Await(ctx context.Context, repositoryID int64, attemptID, text string) error {
	for {
		changed := make(chan struct{})
		l.mu.Lock()
		l.await = append(l.await, changed)
		l.mu.Unlock()
		if strings.Contains(l.Text(repositoryID, attemptID), text) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%q is not in the log: %w\n%s", text, ctx.Err(), l.Text(repositoryID, attemptID))
		}
	}
}

func (l *Logs) change(repositoryID int64, attemptID string, how func(*attemptLog) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := how(l.log(repositoryID, attemptID))
	for _, changed := range l.await {
		close(changed)
	}
	l.await = nil
	return err
}

func (l *Logs) log(repositoryID int64, attemptID string) *attemptLog {
	if l.logs == nil {
		l.logs = map[string]*attemptLog{}
	}
	key := fmt.Sprint(repositoryID, attemptID)
	if l.logs[key] == nil {
		l.logs[key] = &attemptLog{}
	}
	return l.logs[key]
}
