package host_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/computetest"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

const repository = 77

// harness is a Host with everything around it, and a way to wait for changes.
type harness struct {
	t         testing.TB
	dir       string
	host      *host.Host
	sources   computetest.Sources
	artifacts computetest.Artifacts
	logs      computetest.Logs
	opt       host.Options

	mu      sync.Mutex
	changed map[string]chan struct{}
	next    int
}

// newHarness makes a Host without a sandbox, unless change says otherwise.
func newHarness(t testing.TB, change ...func(*host.Options)) *harness {
	t.Helper()
	h := &harness{t: t, dir: t.TempDir(), changed: map[string]chan struct{}{}}
	h.opt = host.Options{
		Dir: h.dir, Concurrency: 4, Sources: &h.sources, Artifacts: &h.artifacts, Logs: &h.logs,
		RetryDelay: time.Millisecond, PrepareLimit: 100 * time.Millisecond, OnChange: h.wake,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	for _, c := range change {
		c(&h.opt)
	}
	h.open()
	t.Cleanup(func() { h.host.Close() })
	return h
}

func (h *harness) open() {
	h.t.Helper()
	var err error
	if h.host, err = host.New(h.opt); err != nil {
		h.t.Fatal(err)
	}
}

// reopen closes the Host and makes another on the same folder.
func (h *harness) reopen() {
	h.t.Helper()
	if err := h.host.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

func sandboxed(opt *host.Options) { opt.Sandbox = true }

// needBubblewrap skips the test where bubblewrap is not there or does not work,
// unless the environment says that it has to.
func needBubblewrap(t testing.TB) {
	t.Helper()
	_, err := exec.LookPath("bwrap")
	if err == nil {
		err = exec.Command("bwrap", "--unshare-user-try", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true").Run()
	}
	if err == nil {
		return
	}
	if os.Getenv("PENSTOCK_REQUIRE_BWRAP") == "1" {
		t.Fatalf("bubblewrap does not work here: %v", err)
	}
	t.Skipf("bubblewrap does not work here: %v", err)
}

func (h *harness) wake(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.changed[id]; c != nil {
		close(c)
	}
	h.changed[id] = nil
}

func (h *harness) change(id string) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changed[id] == nil {
		h.changed[id] = make(chan struct{})
	}
	return h.changed[id]
}

// What follows reports with Errorf, because it is also called by subtests, which
// may not end the test that made the harness.

// task makes a task of some commands.
func (h *harness) task(commands ...string) compute.Task {
	h.mu.Lock()
	h.next++
	id := pipeline.AttemptID("execution", h.t.Name(), "action", h.next)
	h.mu.Unlock()
	return compute.Task{
		ID: id, Repository: pipeline.Repository{ID: repository, Owner: "octo", Name: "shop"},
		Revision: pipeline.Revision{SHA: strings.Repeat("0", 40)}, Commands: commands,
	}
}

func (h *harness) start(task compute.Task) {
	h.t.Helper()
	if err := h.host.Start(h.t.Context(), task); err != nil {
		h.t.Error(err)
	}
}

func (h *harness) poll(task compute.Task) compute.Status {
	h.t.Helper()
	status, err := h.host.Poll(h.t.Context(), task)
	if err != nil {
		h.t.Error(err)
	}
	return status
}

// await waits until a task is in a phase.
func (h *harness) await(task compute.Task, phase compute.Phase) compute.Status {
	h.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		changed := h.change(task.ID)
		status := h.poll(task)
		if status.Phase == phase || status.Phase == compute.Ended {
			if status.Phase != phase {
				h.t.Errorf("ended before it was %s: %+v\n%s", phase, status, h.log(task))
			}
			return status
		}
		select {
		case <-changed:
		case <-deadline:
			h.t.Errorf("still %s, not %s: %s\n%s", status.Phase, phase, status.Summary, h.log(task))
			return status
		}
	}
}

// run starts a task and waits for its end.
func (h *harness) run(task compute.Task) compute.Status {
	h.t.Helper()
	h.start(task)
	return h.await(task, compute.Ended)
}

// awaitLog waits until a text is in the log.
func (h *harness) awaitLog(task compute.Task, text string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 30*time.Second)
	defer cancel()
	if err := h.logs.Await(ctx, repository, task.ID, text); err != nil {
		h.t.Error(err)
	}
}

func (h *harness) log(task compute.Task, streams ...pipeline.Stream) string {
	return h.logs.Text(repository, task.ID, streams...)
}

func (h *harness) stop(task compute.Task) {
	h.t.Helper()
	if err := h.host.Stop(h.t.Context(), task.ID); err != nil {
		h.t.Error(err)
	}
}

// succeeded fails the test unless the task has succeeded.
func (h *harness) succeeded(task compute.Task, status compute.Status) {
	h.t.Helper()
	if status.Status != pipeline.ActionSucceeded {
		h.t.Errorf("got %+v\n%s", status, h.log(task))
	}
}

func (h *harness) failed(task compute.Task, status compute.Status, kind pipeline.FailureType, summary string) {
	h.t.Helper()
	if status.Status != pipeline.ActionFailed || status.FailureType != kind || !strings.Contains(status.Summary, summary) {
		h.t.Errorf("got %+v, want %s with %q\n%s", status, kind, summary, h.log(task))
	}
}
