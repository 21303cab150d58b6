package host_test

import (
	"os"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("mkdir -p a/b; chmod 500 a a/b")
	h.failed(task, h.poll(task), pipeline.SystemUnavailable, "nothing is left")
	h.succeeded(task, h.run(task))
	for range 2 {
		if err := h.host.Remove(t.Context(), task.ID); err != nil {
			t.Error(err)
		}
	}
	h.failed(task, h.poll(task), pipeline.SystemUnavailable, "nothing is left")
	if entries, err := os.ReadDir(h.dir); err != nil || len(entries) != 0 {
		t.Errorf("left: %v, error %v", entries, err)
	}
}

func TestSweepRemovesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ended, wanted, running := h.task("true"), h.task("true"), h.task("echo on; exec sleep 1000")
	h.succeeded(ended, h.run(ended))
	h.succeeded(wanted, h.run(wanted))
	h.start(running)
	h.awaitLog(running, "\non\n")
	h.reopen() // as after a crash, nobody remembers the ended ones
	sweep := func(before time.Time) int {
		t.Helper()
		removed, err := h.host.Sweep(t.Context(), before, func(id string) bool { return id == wanted.ID })
		if err != nil {
			t.Fatal(err)
		}
		return removed
	}
	if n := sweep(time.Now().Add(-time.Hour)); n != 0 {
		t.Errorf("%d removed that are new", n)
	}
	if n := sweep(time.Now().Add(time.Hour)); n != 1 {
		t.Errorf("%d removed, want 1", n)
	}
	h.failed(ended, h.poll(ended), pipeline.SystemUnavailable, "nothing is left")
	h.succeeded(wanted, h.poll(wanted))
	if status := h.poll(running); status.Phase != compute.Running {
		t.Errorf("the one that runs: %+v", status)
	}
	h.stop(running)
	h.await(running, compute.Ended)
}

func TestRemoveOfARunningTaskIsAConflict(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("sleep 1000")
	h.start(task)
	if err := h.host.Remove(t.Context(), task.ID); pipeline.KindOf(err) != pipeline.Conflict {
		t.Errorf("got %v", err)
	}
	h.stop(task)
	h.await(task, compute.Ended)
}
