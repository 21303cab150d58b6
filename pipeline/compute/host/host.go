package host

import (
	"context"
	"fmt"
	"sync"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// Host runs tasks on this machine. It is a compute.Compute; see there for what
// its methods promise. Two Hosts must not use one folder at the same time.
type Host struct {
	opt     Options
	sandbox *sandbox // nil: none
	fetch   *fetcher
	watcher *watcher

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	group  sync.WaitGroup // goroutines of tasks

	mu     sync.Mutex
	closed bool
	tasks  map[string]*task
	queue  []*task // waiting for a slot, first come, first served
	active int     // slots taken; after a restart perhaps more than there are
}

var _ compute.Compute = (*Host)(nil)

// New makes a Host and takes up the tasks whose commands are running or have
// ended meanwhile. Those whose commands never started go on when Start or Poll
// brings their task again.
func New(opt Options) (*Host, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Host{opt: opt, tasks: map[string]*task{}, fetch: newFetcher()}
	if opt.Sandbox {
		if h.sandbox, err = newSandbox(opt); err != nil {
			return nil, err
		}
	}
	if h.watcher, err = newWatcher(); err != nil {
		return nil, err
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	if err := h.resumeAll(); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// Close ends what this Host does and waits for it. Running commands are left
// alone: the next Host on the same folder finds them.
func (h *Host) Close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.cancel()
	h.group.Wait()
	h.fetch.close()
	return h.watcher.close()
}

// enqueue puts a task at the end of the queue. The caller holds h.mu.
func (h *Host) enqueue(t *task) {
	t.progress = compute.Status{Phase: compute.Queued, Status: pipeline.ActionInProgress}
	h.queue = append(h.queue, t)
}

// dispatch gives free slots to the first in the queue. The caller does not hold
// h.mu.
func (h *Host) dispatch() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for !h.closed && h.active < h.opt.Concurrency && len(h.queue) > 0 {
		t := h.queue[0]
		h.queue = h.queue[1:]
		t.progress.Phase = compute.Preparing
		h.launch(t, h.run)
	}
}

// launch takes a slot and works on a task in it. The caller holds h.mu.
func (h *Host) launch(t *task, work func(*task)) {
	h.active++
	h.group.Go(func() {
		h.opt.OnChange(t.ID)
		work(t)
		h.mu.Lock()
		h.active--
		h.mu.Unlock()
		h.dispatch()
	})
}

// setPhase tells Poll and the world that a task has moved on.
func (h *Host) setPhase(t *task, phase compute.Phase) {
	h.mu.Lock()
	t.progress = compute.Status{Phase: phase, Status: pipeline.ActionInProgress}
	h.mu.Unlock()
	h.opt.OnChange(t.ID)
}

// snapshot is what Poll answers. The caller holds h.mu.
func (h *Host) snapshot(t *task) compute.Status {
	status := t.progress
	switch status.Phase {
	case compute.Queued:
		status.Summary = h.place(t)
	case compute.Preparing:
		if status.Summary == "" {
			status.Summary = "fetching the files"
		}
	case compute.Running:
		status.Summary = "running"
	case compute.Uploading:
		status.Summary = "storing the output artifacts"
	}
	return status
}

func (h *Host) place(t *task) string {
	before := 0
	for before < len(h.queue) && h.queue[before] != t {
		before++
	}
	sentence := fmt.Sprintf("waiting for one of %d slots", h.opt.Concurrency)
	if h.opt.Concurrency == 1 {
		sentence = "waiting for the one slot"
	}
	if before > 0 {
		sentence += fmt.Sprintf(", %d before it", before)
	}
	return sentence
}
