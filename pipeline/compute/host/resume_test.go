package host_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/computetest"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

const (
	serverDir  = "PENSTOCK_TEST_SERVER_DIR"
	serverTask = "PENSTOCK_TEST_SERVER_TASK"
)

// TestMain lets this very program be the server that a test kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(serverDir); dir != "" {
		serve(dir)
		return
	}
	os.Exit(m.Run())
}

// serve is a server that starts one task and tells its phases until it is killed.
func serve(dir string) {
	var task compute.Task
	if err := json.Unmarshal([]byte(os.Getenv(serverTask)), &task); err != nil {
		panic(err)
	}
	changed := make(chan struct{}, 100)
	logs := &fileLogs{path: dir + "/log"}
	h, err := host.New(host.Options{
		Dir: dir + "/jobs", Sources: &computetest.Sources{}, Artifacts: &computetest.Artifacts{}, Logs: logs,
		Sandbox: os.Getenv("PENSTOCK_TEST_SERVER_SANDBOX") != "", OnChange: func(string) { changed <- struct{}{} },
	})
	if err != nil {
		panic(err)
	}
	if err := h.Start(context.Background(), task); err != nil {
		panic(err)
	}
	fmt.Println("started")
	for {
		status, err := h.Poll(context.Background(), task)
		if err != nil {
			panic(err)
		}
		fmt.Println(status.Phase)
		if status.Phase == compute.Ended {
			return
		}
		<-changed
	}
}

// fileLogs keeps a log in a file, so that it survives its process. A line of the
// file is one call of Append.
type fileLogs struct {
	path string
	mu   sync.Mutex
}

type fileAppend struct {
	Offset int64
	Lines  []pipeline.LogLine
}

func (l *fileLogs) Append(_ context.Context, _ int64, _ string, offset int64, lines []pipeline.LogLine) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := json.Marshal(fileAppend{offset, lines})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

func (l *fileLogs) read() (offset int64, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.Open(l.path)
	if err != nil {
		return 0, ""
	}
	defer f.Close()
	var all strings.Builder
	for d := json.NewDecoder(f); ; {
		var a fileAppend
		if err := d.Decode(&a); err != nil {
			if !errors.Is(err, io.EOF) {
				panic(err)
			}
			return offset, all.String()
		}
		offset = a.Offset
		for _, line := range a.Lines {
			all.WriteString(line.Text + "\n")
		}
	}
}

func (l *fileLogs) Offset(context.Context, int64, string) (int64, error) {
	offset, _ := l.read()
	return offset, nil
}

func (l *fileLogs) Finish(context.Context, int64, string) error { return nil }

// killed starts a server on dir with a task, kills it when ready says so, and
// returns when it is gone.
func killed(t *testing.T, dir string, task compute.Task, sandbox bool, ready func(line string) bool) {
	t.Helper()
	text, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), serverDir+"="+dir, serverTask+"="+string(text))
	if sandbox {
		cmd.Env = append(cmd.Env, "PENSTOCK_TEST_SERVER_SANDBOX=1")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if ready(lines.Text()) {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // says that it was killed
}

// waitFor waits until a file has some bytes.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has not appeared", path)
		}
		poll := time.NewTimer(2 * time.Millisecond) // another process: there is no signal to wait on
		<-poll.C
	}
}

// restarted is a harness on the folder of a server that was killed.
func restarted(t *testing.T, dir string, sandbox bool) (*harness, *fileLogs) {
	logs := &fileLogs{path: dir + "/log"}
	return newHarness(t, func(o *host.Options) {
		o.Dir, o.Logs, o.Sandbox = dir+"/jobs", logs, sandbox
	}), logs
}

func TestAKilledServerFindsItsTaskAgain(t *testing.T) {
	t.Parallel()
	for _, sandbox := range []bool{false, true} {
		t.Run(fmt.Sprintf("sandbox %v", sandbox), func(t *testing.T) {
			t.Parallel()
			if sandbox {
				needBubblewrap(t)
			}
			dir := t.TempDir()
			task := compute.Task{
				ID: pipeline.AttemptID("e", t.Name(), "a", 1), Repository: pipeline.Repository{ID: repository},
				Commands: []string{"echo run >> count; echo begun; printf 'half '",
					"i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); sleep 0.005; done", "RESULT=$(wc -l < count)"},
				OutputVariables: []string{"RESULT"},
				Outputs:         []pipeline.OutputArtifact{{Name: "o"}},
				Environment:     map[string]string{"A": "1"},
			}
			logFile := &fileLogs{path: dir + "/log"}
			killed(t, dir, task, sandbox, func(line string) bool {
				if line == "Running" {
					waitFor(t, logFile.path)
				}
				return line == "Running"
			})
			h, logs := restarted(t, dir, sandbox)
			if status := h.poll(task); status.Phase != compute.Running {
				t.Errorf("after the restart: %+v", status)
			}
			// Once more in the middle, by closing.
			h.reopen()
			h.start(task)
			status := h.await(task, compute.Ended)
			if status.Status != pipeline.ActionSucceeded || status.Variables["RESULT"] != "1" || len(status.Artifacts) != 1 {
				t.Errorf("got %+v", status)
			}
			var want strings.Builder
			want.WriteString("$ " + task.Commands[0] + "\nbegun\nhalf \n$ " + task.Commands[1] + "\n")
			for i := range 100 {
				fmt.Fprintf(&want, "line %d\n", i)
			}
			want.WriteString("$ " + task.Commands[2] + "\nStored artifact o")
			if _, log := logs.read(); !strings.HasPrefix(log, want.String()) || strings.Count(log, "Stored artifact") != 1 {
				t.Errorf("the log is not complete and without repeats:\n%s", log)
			}
		})
	}
}

// Killed at any moment after the start, the commands run once, and the end is
// told.
func TestAServerKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			counter := filepath.Join(dir, "count")
			task := compute.Task{
				ID: pipeline.AttemptID("e", t.Name(), "a", 1), Repository: pipeline.Repository{ID: repository},
				Commands: []string{"echo run >> " + counter, "echo on"},
				Outputs:  []pipeline.OutputArtifact{{Name: "o"}},
			}
			killed(t, dir, task, false, func(line string) bool {
				<-time.NewTimer(time.Duration(i) * 2 * time.Millisecond).C // the point of the test
				return line == "started"
			})
			h, logs := restarted(t, dir, false)
			h.succeeded(task, h.run(task))
			if text, err := os.ReadFile(counter); err != nil || string(text) != "run\n" {
				t.Errorf("the commands have run so often: %q, error %v", text, err)
			}
			if _, log := logs.read(); strings.Count(log, "\non\n") != 1 {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

func TestALostBuildIsNotRunAgain(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox)
		task := h.task("echo begun; exec sleep 1000")
		h.start(task)
		h.awaitLog(task, "\nbegun\n")
		killSupervisor(t, task.ID)
		h.failed(task, h.await(task, compute.Ended), pipeline.SystemUnavailable, "the host lost this build")
		if log := h.log(task); !strings.Contains(log, "\nbegun\n") || strings.Count(log, "begun\n") != 1 {
			t.Errorf("log:\n%s", log)
		}
		h.reopen()
		h.failed(task, h.run(task), pipeline.SystemUnavailable, "the host lost this build")
	})
}

func TestABuildLostWhileTheServerWasAway(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo begun; exec sleep 1000")
	h.start(task)
	h.awaitLog(task, "\nbegun\n")
	if err := h.host.Close(); err != nil {
		t.Fatal(err)
	}
	killSupervisor(t, task.ID)
	h.open()
	h.failed(task, h.await(task, compute.Ended), pipeline.SystemUnavailable, "the host lost this build")
}

func TestAStopWhileTheServerWasAway(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo begun; exec sleep 1000")
	h.start(task)
	h.awaitLog(task, "\nbegun\n")
	h.reopen()
	h.stop(task)
	if status := h.await(task, compute.Ended); status.Status != pipeline.ActionAbandoned {
		t.Errorf("got %+v", status)
	}
}

func TestWhatWasQueuedGoesOnWithPoll(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(o *host.Options) { o.Concurrency = 1 })
	first, second := h.task("echo on; while [ ! -e go ]; do sleep 0.01; done"), h.task("echo $GREETING")
	second.Environment = map[string]string{"GREETING": "hello"}
	h.start(first)
	h.awaitLog(first, "\non\n")
	h.start(second)
	h.reopen()
	if status := h.poll(second); status.Phase != compute.Queued {
		t.Errorf("it does not wait for the one that runs: %+v", status)
	}
	if err := os.WriteFile(filepath.Join(h.dir, first.ID, "work/go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	h.succeeded(second, h.await(second, compute.Ended))
	if got := h.log(second, pipeline.Stdout); got != "hello\n" {
		t.Errorf("got %q", got)
	}
}

func TestAClosedHostIsUnavailable(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.host.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.host.Start(t.Context(), h.task("true")); pipeline.KindOf(err) != pipeline.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestIDsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, id := range []string{"", ".", "..", "../x", "a/b", "-a", "A", "a\x00", strings.Repeat("a", 65)} {
		task := h.task("true")
		task.ID = id
		if err := h.host.Start(t.Context(), task); pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("%q: got %v", id, err)
		}
		if err := h.host.Stop(t.Context(), id); pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("%q: got %v", id, err)
		}
	}
}

// killSupervisor kills the supervisor of a task and nothing else.
func killSupervisor(t *testing.T, id string) {
	t.Helper()
	for _, pid := range processes(t, id) {
		args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.HasPrefix(string(args), "penstock-supervisor\x00") {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("there is no supervisor")
}
