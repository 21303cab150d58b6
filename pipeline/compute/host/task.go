package host

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// task is one task that this Host knows. What its goroutine alone uses is in
// phases' own variables; the rest says who guards it.
type task struct {
	compute.Task
	folder folder

	progress compute.Status // guarded by Host.mu

	stop     chan struct{} // closed by Stop
	stopping sync.Once

	output chan struct{} // room for one: the spool has grown
	over   chan struct{} // room for one: status, or the lock let go

	// Of the goroutine that works on the task.
	redactor *compute.Redactor  // of its secrets, and of the tokens used for it
	pending  []pipeline.LogLine // said by us before the commands, not yet appended
}

func newTask(spec compute.Task, f folder) *task {
	t := &task{
		Task: spec, folder: f, stop: make(chan struct{}),
		output: make(chan struct{}, 1), over: make(chan struct{}, 1),
	}
	t.mask()
	return t
}

// mask has the task's secrets left out of whatever is told of it, and these tokens.
func (t *task) mask(tokens ...string) {
	t.redactor = compute.NewRedactor(append(slices.Collect(maps.Values(t.Secrets)), tokens...)...)
}

func (t *task) stopOnce() { t.stopping.Do(func() { close(t.stop) }) }

// untilStopped returns a context that ends with ctx or when the task is stopped.
func (t *task) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-t.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (t *task) isStopped() bool {
	select {
	case <-t.stop:
		return true
	default:
		return false
	}
}

// signal fills a channel of one without waiting.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func ended(status pipeline.ActionStatus, failure pipeline.FailureType, summary string) compute.Status {
	return compute.Status{Phase: compute.Ended, Status: status, FailureType: failure, Summary: summary}
}

func failed(failure pipeline.FailureType, summary string) compute.Status {
	return ended(pipeline.ActionFailed, failure, summary)
}

func stopped(summary string) compute.Status {
	return ended(pipeline.ActionAbandoned, "", summary)
}
