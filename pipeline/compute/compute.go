// Package compute is where commands run: a host now, containers and clusters
// later. It knows tasks, folders, artifacts and logs; it never knows stages,
// lanes or approvals, and it never decides what runs next.
//
// A Compute takes a Task through its phases without anybody waiting on it:
// queued for a slot, checkout and input artifacts, commands, output artifacts.
// What it does outlives the process that asked for it, as far as the kind of
// compute allows, and is found again by the task's id.
package compute

import (
	"context"
	"io"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Compute runs tasks. All methods may be called at once from many goroutines.
type Compute interface {
	// Start takes the task on and returns without waiting for any of its phases.
	// The same task id twice is the same work once, also across a restart of the
	// calling process and while the first is still running or has ended.
	Start(ctx context.Context, task Task) error
	// Poll tells how far the task is. The task is passed again because after a
	// restart it is where a phase that was cut off begins anew; commands that
	// were once started never are. A task that was started and of which nothing
	// is left is Ended with SystemUnavailable.
	Poll(ctx context.Context, task Task) (Status, error)
	// Stop ends the whole tree of the task's processes: TERM, ten seconds, KILL.
	// It returns once the task is marked; Poll tells when it is over. Safe twice,
	// safe before the start (the task then never starts) and after the end.
	Stop(ctx context.Context, taskID string) error
	// Remove forgets an ended task and removes its folder. Safe twice.
	Remove(ctx context.Context, taskID string) error
}

// Task is one list of commands in one folder.
type Task struct {
	ID         string // the attempt id: unique for ever, [0-9a-f-]
	Repository pipeline.Repository
	Revision   pipeline.Revision
	// Commands run one after another in one shell; the first that fails ends the
	// task. A command may have several lines: its status is that of its last.
	Commands []string
	// Environment is given to the commands besides what every task gets (PATH,
	// LANG, HOME, TMPDIR). It may hold values that are not to be trusted.
	Environment map[string]string
	// Secrets is given to the commands, too, and masked in whatever is told of the
	// task. It is never written down: after a restart it comes with Poll.
	Secrets map[string]string `json:"-"`
	// SecretNames are the names of Secrets, so that it is known that some are needed.
	SecretNames []string
	// Checkout puts the revision's files in the working folder, if Inputs is empty.
	Checkout bool
	// Inputs are unpacked: the first is the working folder, the others are at
	// $CODEBUILD_SRC_DIR_<name>, other characters than letters, digits and _
	// becoming _. One without a digest is the revision itself.
	Inputs []pipeline.Artifact
	// Outputs are packed after the commands have succeeded. A declared file
	// pattern that matches nothing fails the task.
	Outputs []pipeline.OutputArtifact
	// OutputVariables are names of shell variables to read after the last command.
	OutputVariables []string
	// Timeout of the commands; 0 means the compute's default.
	Timeout time.Duration
}

// Phase is how far a task is.
type Phase string

const (
	Queued    Phase = "Queued" // waiting for a slot
	Preparing Phase = "Preparing"
	Running   Phase = "Running"
	Uploading Phase = "Uploading"
	Ended     Phase = "Ended"
)

// Status is what Poll tells. The fields after Phase are set when it is Ended.
type Status struct {
	Phase       Phase
	Status      pipeline.ActionStatus // InProgress, Succeeded, Failed or Abandoned (stopped)
	FailureType pipeline.FailureType
	Summary     string // a sentence for people
	ExitCode    int
	Variables   map[string]string
	Artifacts   []pipeline.Artifact
}

// Sources knows where a revision's files come from.
type Sources interface {
	// Source returns how to fetch the revision now. Kind Unavailable means that
	// it cannot be told at the moment and is worth another try.
	Source(ctx context.Context, repository pipeline.Repository, revision pipeline.Revision) (Source, error)
}

// Source is one way to get the files of a commit: a folder to copy, or a git
// URL with a token that is good for this repository only.
type Source struct {
	Dir   string // a folder on this machine; excludes the rest
	URL   string // https://github.com/owner/repo.git
	Token string // sent as basic auth of x-access-token; never on disk, in argv or in a log
}

// Artifacts keeps bundles by the digest of their content.
type Artifacts interface {
	// Put stores what it reads under the digest "sha256:<hex>", which the caller
	// has computed of the canonical tar, not of the compressed bytes read here.
	// It returns the number of bytes stored. Storing what is there already is
	// harmless.
	Put(ctx context.Context, repositoryID int64, digest string, content io.Reader) (int64, error)
	// Get opens a bundle. Kind NotFound if it is not there.
	Get(ctx context.Context, repositoryID int64, digest string) (io.ReadCloser, error)
}

// Logs takes what tasks print.
type Logs interface {
	// Append adds lines to the log of an attempt. offset is how many bytes of
	// the task's raw output are covered after these lines; Offset returns the
	// last one that is durable, so that a restart neither loses nor repeats a line.
	Append(ctx context.Context, repositoryID int64, attemptID string, offset int64, lines []pipeline.LogLine) error
	Offset(ctx context.Context, repositoryID int64, attemptID string) (int64, error)
	// Finish says that no line will follow.
	Finish(ctx context.Context, repositoryID int64, attemptID string) error
}
