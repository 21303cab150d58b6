// Package provider is the socket that action providers plug into. It holds the
// promises between the engine and a provider; it never runs an action itself
// and knows no provider by name.
//
// The socket has three verbs, and everything a provider does is one of them:
//
//	            Start                     Poll                      Stop
//	Commands    queue a task at a         phase of the task; exit   TERM, 10 s, KILL
//	            compute by Job.ID         status, variables,        to the tree
//	                                      artifacts at the end
//	CodeBuild   StartBuild with Job.ID    BatchGetBuilds            StopBuild
//	            as idempotencyToken
//	Jenkins     build with Job.ID as      queue item, then build    stop of the build,
//	            parameter; found again    by its number             or of the queue item
//	            by it
//	Kubernetes  create Job named after    status of the Job and     delete with
//	Job         Job.ID; AlreadyExists     its pod; a lost pod is    foreground
//	            is success                SystemUnavailable         propagation
//
// In each row a second Start with the same Job.ID finds the work of the first,
// and the Handle carries what Poll needs to find it after a restart (a build id,
// a queue item, a name).
package provider

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// Provider carries out actions of one type. All methods may be called at once
// from many goroutines, for many jobs and for the same one.
type Provider interface {
	// Start launches the job and returns without waiting for it. The same
	// Job.ID twice is the same work once: after a crash the engine calls it
	// again. An error means that it could not be launched now; the engine tries
	// again, then fails the action with SystemUnavailable. A *Refusal means that
	// trying again is of no use.
	Start(ctx context.Context, job Job) (Handle, error)
	// Poll tells how far the job is. It may be called after any restart, with the
	// Handle that Start returned. An error means "could not find out".
	Poll(ctx context.Context, job Job, handle Handle) (Progress, error)
	// Stop asks the job to end. Safe twice, safe after the end. Poll tells when it
	// has ended.
	Stop(ctx context.Context, job Job, handle Handle) error
}

// Remover is a Provider that wants to tidy up once the engine has saved the end
// of a job. It may be called twice, or never.
type Remover interface {
	Remove(ctx context.Context, job Job, handle Handle) error
}

// Handle is what a provider needs to find a job again: opaque to the engine,
// stored with the attempt, with a version inside.
type Handle []byte

// Job is one attempt of an action with everything resolved.
type Job struct {
	ID          string // the attempt id
	Attempt     int
	Execution   string // the run's id
	Number      int64  // the run's number
	Repository  pipeline.Repository
	Pipeline    string
	Stage       string
	Revision    pipeline.Revision
	Trigger     pipeline.Trigger
	Action      pipeline.Action      // as declared, references resolved
	Environment map[string]string    // the documented variables for this job
	Secrets     map[string]string    // that the action names; never to be stored or told
	Connection  *pipeline.Connection // that the action names, likewise; nil: none
	Inputs      []pipeline.Artifact  // in the order of Action.InputArtifacts
	Deadline    time.Time            // zero: none but the provider's own
}

// Progress is what Poll tells.
type Progress struct {
	Status      pipeline.ActionStatus
	FailureType pipeline.FailureType
	Summary     string // a sentence for people
	URL         string // the provider's own page
	Percent     int
	Variables   map[string]string
	Artifacts   []pipeline.Artifact
	AskAgain    time.Duration // when to poll again while InProgress; 0: the engine's choice
}

// Refusal is an error of Start that no second try will mend.
type Refusal struct {
	FailureType pipeline.FailureType
	Reason      string
}

// Error returns the sentence for people.
func (r *Refusal) Error() string { return r.Reason }

// Info is what a provider package exports of itself.
type Info struct {
	pipeline.ActionTypeInfo
	// New makes the provider. It has no side effects and starts nothing.
	New func(Env) (Provider, error)
}

// Env is what a provider may use. A provider keeps no other state than what its
// tools keep.
type Env struct {
	Compute compute.Compute
	Logger  *slog.Logger
	// HTTP asks addresses that come from repositories.
	HTTP *http.Client
	// Wake tells the engine that a job may have moved: Poll follows soon.
	Wake func(jobID string)
}
