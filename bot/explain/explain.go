package explain

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Line is one thing that a run waits for, or why it ended. Both are plain sentences
// that hold what people have written: who shows them escapes them.
type Line struct {
	Text string
	Move string // who or what can move it, and how; may be empty
}

// Situation is what there is to know of a run.
type Situation struct {
	Run        *pipeline.Execution
	Definition *pipeline.Pipeline // nil: it cannot be read
	// Lane is its lane, with the runs that have not ended and the doors.
	Lane pipeline.State
	// Holder holds the environment that the run waits for; nil: it is not known.
	Holder *pipeline.Execution
	Paused string // why nothing starts at the moment; empty: things do
	// Form is what stands before a command in a comment: "/", or "/penstock ".
	Form string
}

// Source is where a situation is read from.
type Source interface {
	LoadState(ctx context.Context, key pipeline.StateKey, executions ...string) (pipeline.State, error)
	Executions(ctx context.Context, filter pipeline.ExecutionFilter) ([]*pipeline.Execution, error)
	Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error)
}

// mostLooked is how many runs of a repository are looked at for the one that holds an
// environment.
const mostLooked = 200

// Look gathers what there is to know of a run.
func Look(ctx context.Context, source Source, run *pipeline.Execution) (Situation, error) {
	s := Situation{Run: run, Form: "/"}
	var err error
	if s.Lane, err = source.LoadState(ctx, run.Key(), run.ID); err != nil {
		return s, err
	}
	if now := s.Lane.Execution(run.ID); now != nil { // as it stands among the others
		s.Run = now
		s.Definition = s.Lane.Definition(now)
	}
	stage := s.Run.Current()
	if s.Run.Status.Ended() || stage == nil || stage.Environment != pipeline.EnvironmentWaiting || s.Definition == nil {
		return s, nil
	}
	s.Holder, err = holder(ctx, source, s.Run, s.environment(stage))
	return s, err
}

// environment is the name of a stage's, or empty.
func (s Situation) environment(stage *pipeline.StageExecution) string {
	if s.Definition == nil || s.Definition.Stage(stage.Name) == nil {
		return ""
	}
	return s.Definition.Stage(stage.Name).Environment
}

// holder is the run of the repository that holds an environment, or nil.
func holder(ctx context.Context, source Source, waiting *pipeline.Execution, environment string) (*pipeline.Execution, error) {
	for _, status := range []pipeline.ExecutionStatus{pipeline.ExecutionInProgress, pipeline.ExecutionStopping} {
		runs, err := source.Executions(ctx, pipeline.ExecutionFilter{
			Host: waiting.Repository.Host, RepositoryID: waiting.Repository.ID, Status: status, Limit: mostLooked,
		})
		if err != nil {
			return nil, err
		}
		for _, run := range runs {
			stage := run.Current()
			if run.ID == waiting.ID || stage == nil || stage.Environment != pipeline.EnvironmentHeld {
				continue
			}
			definition, err := source.Definition(ctx, run.Repository.ID, run.Definition)
			if err != nil {
				return nil, err
			}
			if declared := definition.Stage(stage.Name); declared != nil && declared.Environment == environment {
				return run, nil
			}
		}
	}
	return nil, nil
}

func name(run *pipeline.Execution) string { return fmt.Sprintf("run #%d", run.Number) }

// full names a run from everywhere.
func full(run *pipeline.Execution) string {
	return fmt.Sprintf("%s/%s#%d", run.Repository.FullName(), run.Pipeline, run.Number)
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
