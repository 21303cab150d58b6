package providertest

import (
	"context"
	"errors"
	"sync"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

type promise struct {
	name  string
	check func(*suite)
}

// promises are in the order of a job's life.
func promises() []promise {
	return []promise{
		{"a job succeeds and tells its outputs", outputs},
		{"a job that fails is an answer, not an error", fails},
		{"a job that makes no sense is refused", refused},
		{"started twice is once", startedTwice},
		{"started many times at once is once", startedAtOnce},
		{"started again after its end is once", startedAfterEnd},
		{"started again after a restart is once", startedAfterRestart},
		{"a new provider finds a running job by its handle", foundAgain},
		{"a new provider finds an ended job by its handle", foundEnded},
		{"stopped while it runs", stoppedRunning},
		{"stopped twice and after its end does no harm", stoppedLate},
		{"stopped before its start never starts", stoppedEarly},
		{"stopped by a new provider", stoppedAfterRestart},
		{"trouble is an error or a failure of the system, not of the job", trouble},
		{"removed twice does no harm", removed},
	}
}

func outputs(s *suite) {
	job := s.Job(Succeed)
	progress := s.want(job, s.start(job), pipeline.ActionSucceeded)
	if progress.Variables["RESULT"] != "42" {
		s.Errorf("variables: %v", progress.Variables)
	}
	if len(progress.Artifacts) != 1 || progress.Artifacts[0].Name != "out" || progress.Artifacts[0].Digest == "" {
		s.Errorf("artifacts: %+v", progress.Artifacts)
	}
}

func fails(s *suite) {
	job := s.Job(Fail)
	progress := s.want(job, s.start(job), pipeline.ActionFailed)
	if progress.FailureType != pipeline.JobFailed || progress.Summary == "" {
		s.Errorf("got %+v", progress)
	}
}

func refused(s *suite) {
	job := s.Job(Wrong)
	handle, err := s.Provider().Start(s.Context(), job)
	var refusal *provider.Refusal
	switch {
	case errors.As(err, &refusal):
		if refusal.FailureType != pipeline.ConfigurationError || refusal.Reason == "" {
			s.Errorf("refused with %+v", refusal)
		}
	case err != nil:
		s.Errorf("Start: %v, want a refusal", err)
	default:
		if progress := s.want(job, handle, pipeline.ActionFailed); progress.FailureType != pipeline.ConfigurationError {
			s.Errorf("got %+v", progress)
		}
	}
	if n := s.Runs(job); n != 0 {
		s.Errorf("was run %d times", n)
	}
}

func startedTwice(s *suite) {
	job := s.Job(Wait)
	s.start(job)
	handle := s.start(job)
	s.Release(job)
	s.want(job, handle, pipeline.ActionSucceeded)
	s.once(job)
}

func startedAtOnce(s *suite) {
	job := s.Job(Succeed)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := s.Provider().Start(s.Context(), job); err != nil {
				s.Errorf("Start: %v", err)
			}
		})
	}
	group.Wait()
	s.want(job, s.start(job), pipeline.ActionSucceeded)
	s.once(job)
}

func startedAfterEnd(s *suite) {
	job := s.Job(Succeed)
	s.want(job, s.start(job), pipeline.ActionSucceeded)
	s.want(job, s.start(job), pipeline.ActionSucceeded)
	s.once(job)
}

func startedAfterRestart(s *suite) {
	job := s.Job(Wait)
	s.start(job)
	s.Restart()
	handle := s.start(job)
	s.Release(job)
	s.want(job, handle, pipeline.ActionSucceeded)
	s.once(job)
}

func foundAgain(s *suite) {
	job := s.Job(Wait)
	handle := s.start(job)
	s.until(job, handle, func(provider.Progress) bool { return s.Runs(job) == 1 })
	s.Restart()
	if progress := s.until(job, handle, func(provider.Progress) bool { return true }); progress.Status != pipeline.ActionInProgress {
		s.Fatalf("after the restart: %+v", progress)
	}
	s.Release(job)
	if progress := s.want(job, handle, pipeline.ActionSucceeded); len(progress.Artifacts) != 1 || progress.Variables["RESULT"] != "42" {
		s.Errorf("got %+v", progress)
	}
	s.once(job)
}

func foundEnded(s *suite) {
	job := s.Job(Succeed)
	handle := s.start(job)
	s.want(job, handle, pipeline.ActionSucceeded)
	s.Restart()
	s.want(job, handle, pipeline.ActionSucceeded)
	s.once(job)
}

func stoppedRunning(s *suite) {
	job := s.Job(Wait)
	handle := s.start(job)
	s.until(job, handle, func(provider.Progress) bool { return s.Runs(job) == 1 })
	s.stop(job, handle)
	s.want(job, handle, pipeline.ActionAbandoned)
}

func stoppedLate(s *suite) {
	job := s.Job(Succeed)
	handle := s.start(job)
	s.want(job, handle, pipeline.ActionSucceeded)
	s.stop(job, handle)
	s.stop(job, handle)
	s.want(job, handle, pipeline.ActionSucceeded)
}

func stoppedEarly(s *suite) {
	job := s.Job(Succeed)
	s.stop(job, nil)
	s.stop(job, nil)
	s.want(job, s.start(job), pipeline.ActionAbandoned)
	if n := s.Runs(job); n != 0 {
		s.Errorf("was run %d times", n)
	}
}

func stoppedAfterRestart(s *suite) {
	job := s.Job(Wait)
	handle := s.start(job)
	s.until(job, handle, func(provider.Progress) bool { return s.Runs(job) == 1 })
	s.Restart()
	s.stop(job, handle)
	s.want(job, handle, pipeline.ActionAbandoned)
	s.once(job)
}

func trouble(s *suite) {
	if !s.Break() {
		s.Skip("there is nothing that could be unreachable")
	}
	job := s.Job(Succeed)
	handle, err := s.Provider().Start(s.Context(), job)
	if err == nil {
		progress, err := s.Provider().Poll(s.Context(), job, handle)
		if err == nil && progress.Status.Ended() && progress.FailureType == pipeline.JobFailed {
			s.Errorf("trouble was called the job's own: %+v", progress)
		}
	}
	s.Mend()
	if err != nil {
		handle = s.start(job)
	}
	s.want(job, handle, pipeline.ActionSucceeded)
	s.once(job)
}

func removed(s *suite) {
	remover, ok := s.Provider().(provider.Remover)
	if !ok {
		s.Skip("there is nothing to remove")
	}
	job := s.Job(Succeed)
	handle := s.start(job)
	s.want(job, handle, pipeline.ActionSucceeded)
	for range 2 {
		if err := remover.Remove(context.WithoutCancel(s.Context()), job, handle); err != nil {
			s.Errorf("Remove: %v", err)
		}
	}
}

func (s *suite) once(job provider.Job) {
	s.Helper()
	if n := s.Runs(job); n != 1 {
		s.Errorf("was run %d times", n)
	}
}
