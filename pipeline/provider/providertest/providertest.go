// Package providertest holds the promises of the provider socket as a suite
// that every provider runs against itself. It never knows a provider by name.
package providertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// Harness is what a provider brings for the suite.
type Harness interface {
	// Provider returns the provider as it is after a start of the server.
	Provider() provider.Provider
	// Restart is the death and new start of whatever dies with the server.
	// Provider then returns a new value.
	Restart()
	// Job returns a new job, with an id never used before, that behaves so.
	Job(Behaviour) provider.Job
	// Runs is how often the job's work was begun.
	Runs(provider.Job) int
	// Release lets a job with Behaviour Wait succeed.
	Release(provider.Job)
	// Changed returns a channel that is closed when a job may have moved; nil if
	// the provider cannot tell. Ask for it before Poll.
	Changed(jobID string) <-chan struct{}
	// Break makes the tool behind the provider unreachable, Mend undoes it. Break
	// returns false if there is nothing that could be unreachable.
	Break() bool
	Mend()
}

// Behaviour is how a job of a Harness goes.
type Behaviour int

const (
	Succeed Behaviour = iota // succeeds at once, with the variable RESULT=42 and one artifact "out"
	Fail                     // fails by its own doing
	Wait                     // succeeds after Release
	Wrong                    // makes no sense: Start refuses it, or it ends with ConfigurationError
)

// patience is how long the suite waits for anything.
const patience = 30 * time.Second

// Run checks the promises. open makes a Harness for one subtest.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	for _, promise := range promises() {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.check(&suite{T: t, Harness: open(t)})
		})
	}
}

// suite is one subtest with its harness.
type suite struct {
	*testing.T
	Harness
}

func (s *suite) start(job provider.Job) provider.Handle {
	s.Helper()
	handle, err := s.Provider().Start(s.Context(), job)
	if err != nil {
		s.Fatalf("Start: %v", err)
	}
	return handle
}

func (s *suite) stop(job provider.Job, handle provider.Handle) {
	s.Helper()
	if err := s.Provider().Stop(s.Context(), job, handle); err != nil {
		s.Fatalf("Stop: %v", err)
	}
}

// until polls until the progress is good, as an engine would.
func (s *suite) until(job provider.Job, handle provider.Handle, good func(provider.Progress) bool) provider.Progress {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	last := "never polled"
	for {
		changed := s.Changed(job.ID)
		progress, err := s.Provider().Poll(ctx, job, handle)
		if err == nil && good(progress) {
			return progress
		}
		if last = fmt.Sprintf("%+v, error %v", progress, err); ctx.Err() != nil {
			s.Fatalf("waited in vain; last answer: %s", last)
		}
		pause := time.NewTimer(100 * time.Millisecond)
		select {
		case <-changed:
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
	}
}

func (s *suite) end(job provider.Job, handle provider.Handle) provider.Progress {
	s.Helper()
	return s.until(job, handle, func(p provider.Progress) bool { return p.Status.Ended() })
}

// want checks how a job has ended, and that asking again gives the same answer.
func (s *suite) want(job provider.Job, handle provider.Handle, status pipeline.ActionStatus) provider.Progress {
	s.Helper()
	progress := s.end(job, handle)
	if progress.Status != status {
		s.Fatalf("ended as %+v, want %s", progress, status)
	}
	if (progress.FailureType != "") != (status == pipeline.ActionFailed) {
		s.Errorf("%s with FailureType %q", status, progress.FailureType)
	}
	if again := s.end(job, handle); again.Status != progress.Status || again.FailureType != progress.FailureType {
		s.Errorf("asked again: %+v, before: %+v", again, progress)
	}
	return progress
}
