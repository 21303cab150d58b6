package host_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

// Whatever a task does to outlive its stop, nothing of it is left when Poll says
// that it has ended. Every process it makes carries a mark in its arguments.
func TestNothingOutlivesTheStop(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		command string // MARK is the number of seconds to sleep
	}{
		{"waits", "echo ready; sleep MARK"},
		{"ignores TERM", "trap '' TERM; echo ready; while :; do sleep MARK; done"},
		{"nohup", "nohup sleep MARK & echo ready; sleep MARK"},
		{"setsid and double fork", "(setsid sh -c 'sleep MARK & sleep MARK' </dev/null >/dev/null 2>&1 &) ; echo ready; sleep MARK"},
		{"setsid, ignoring TERM", "(setsid sh -c 'trap \"\" TERM HUP; echo ready; while :; do sleep MARK; done' &) ; sleep MARK"},
		{"stopped itself", "sh -c 'echo ready; kill -STOP $$; sleep MARK'"},
		{"keeps forking", "f() { sleep MARK & }; trap f TERM; echo ready; while :; do sleep 0.01; done"},
	}
	var marks atomic.Int64
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox, func(o *host.Options) { o.StopGrace, o.Concurrency = 300*time.Millisecond, 8 })
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				mark := strconv.Itoa(1_000_000_000 + os.Getpid()*1000 + int(marks.Add(1)))
				task := h.task(strings.ReplaceAll(tt.command, "MARK", mark))
				h.start(task)
				h.awaitLog(task, "\nready\n")
				h.stop(task)
				h.stop(task)
				status := h.await(task, compute.Ended)
				if status.Status != pipeline.ActionAbandoned || status.Summary != "stopped" {
					t.Errorf("got %+v", status)
				}
				if left := processes(t, mark); len(left) > 0 {
					t.Errorf("still there: %v", left)
				}
			})
		}
	})
}

func TestNothingOutlivesTheEnd(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox)
		mark := strconv.Itoa(1_900_000_000 + os.Getpid()*10 + len(t.Name())%2)
		task := h.task("(setsid sh -c 'trap \"\" TERM HUP; while :; do sleep " + mark + "; done' >/dev/null 2>&1 &)")
		h.succeeded(task, h.run(task))
		if left := processes(t, mark); len(left) > 0 {
			t.Errorf("still there: %v", left)
		}
	})
}

func TestStopIsGentleFirst(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox)
		task := h.task(`sh -c 'trap "echo tidying; sleep 0.2; echo tidied; exit" TERM; echo ready; while :; do sleep 0.01; done'`, "echo never")
		h.start(task)
		h.awaitLog(task, "\nready\n")
		begun := time.Now()
		h.stop(task)
		if status := h.await(task, compute.Ended); status.Status != pipeline.ActionAbandoned {
			t.Errorf("got %+v", status)
		}
		if log := h.log(task); !strings.Contains(log, "\ntidying\n") || !strings.Contains(log, "\ntidied\n") || strings.Contains(log, "\nnever\n") {
			t.Errorf("log:\n%s", log)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("took %s, although it ended by itself", took)
		}
	})
}

func TestStopBeforeTheStart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo ran")
	h.stop(task)
	h.stop(task)
	status := h.run(task)
	if status.Status != pipeline.ActionAbandoned || strings.Contains(h.log(task), "ran") {
		t.Errorf("got %+v\n%s", status, h.log(task))
	}
	if err := h.host.Remove(t.Context(), task.ID); err != nil {
		t.Error(err)
	}
}

func TestStopAfterTheEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("true")
	h.succeeded(task, h.run(task))
	h.stop(task)
	h.succeeded(task, h.poll(task))
	h.reopen()
	h.stop(task)
	h.succeeded(task, h.poll(task))
}

func TestStopOfAQueuedTask(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(o *host.Options) { o.Concurrency = 1 })
	first, second, third := h.task("echo on; sleep 100"), h.task("echo ran"), h.task("echo ran")
	h.start(first)
	h.start(second)
	h.start(third)
	if status := h.poll(second); status.Phase != compute.Queued || status.Summary != "waiting for the one slot" {
		t.Errorf("the second: %+v", status)
	}
	if status := h.poll(third); status.Phase != compute.Queued || status.Summary != "waiting for the one slot, 1 before it" {
		t.Errorf("the third: %+v", status)
	}
	h.stop(second)
	if status := h.await(second, compute.Ended); status.Status != pipeline.ActionAbandoned {
		t.Errorf("got %+v", status)
	}
	h.stop(first)
	h.succeeded(third, h.await(third, compute.Ended))
	if log := h.log(second); strings.Contains(log, "ran") {
		t.Errorf("the stopped one was run:\n%s", log)
	}
}

func TestTasksRunInTheOrderTheyCame(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(o *host.Options) { o.Concurrency = 1 })
	order := filepath.Join(t.TempDir(), "order")
	var want strings.Builder
	var last compute.Task
	for i := range 12 {
		last = h.task("echo " + strconv.Itoa(i) + " >> " + order)
		h.start(last)
		want.WriteString(strconv.Itoa(i) + "\n")
	}
	h.await(last, compute.Ended)
	if got, err := os.ReadFile(order); err != nil || string(got) != want.String() {
		t.Errorf("got %q, error %v", got, err)
	}
}

func TestNoMoreThanTheSlotsRunAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(o *host.Options) { o.Concurrency = 2 })
	dir := t.TempDir()
	var tasks []compute.Task
	for range 8 {
		task := h.task("mkdir " + dir + "/$$; ls " + dir + " | wc -l; sleep 0.02; rmdir " + dir + "/$$")
		h.start(task)
		tasks = append(tasks, task)
	}
	for _, task := range tasks {
		h.succeeded(task, h.await(task, compute.Ended))
		if n := strings.TrimSpace(h.log(task, pipeline.Stdout)); n != "1" && n != "2" {
			t.Errorf("%s at once", n)
		}
	}
}

func TestTheShutdownOfTheHostIsNotTheJobsFault(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo on; sleep 100")
	h.start(task)
	h.awaitLog(task, "\non\n")
	for _, pid := range processes(t, task.ID) {
		syscall.Kill(pid, syscall.SIGTERM)
	}
	h.failed(task, h.await(task, compute.Ended), pipeline.SystemUnavailable, "shut down")
}

// processes returns the processes, zombies aside, that have a text in their
// arguments.
func processes(t *testing.T, text string) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		args, _ := os.ReadFile("/proc/" + entry.Name() + "/cmdline")
		if strings.Contains(string(args), text) {
			found = append(found, pid)
		}
	}
	return found
}
