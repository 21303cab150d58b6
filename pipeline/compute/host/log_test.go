package host_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

func TestTheFirstLineIsVisibleAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo first; sleep 100")
	h.start(task)
	h.awaitLog(task, "\nfirst\n")
	lines := h.logs.Lines(repository, task.ID)
	if took := time.Since(lines[len(lines)-1].At); took > time.Second {
		t.Errorf("took %s", took)
	}
	h.stop(task)
	h.await(task, compute.Ended)
}

func TestOutputThatKeepsComingIsCoalesced(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("i=0; while [ $i -lt 60 ]; do echo $i; sleep 0.01; i=$((i+1)); done")
	begun := time.Now()
	h.succeeded(task, h.run(task))
	most := int(time.Since(begun)/(100*time.Millisecond)) + 4
	if n := h.logs.Appends(repository, task.ID); n > most {
		t.Errorf("%d appends, want at most %d", n, most)
	}
	if n := len(h.logs.Lines(repository, task.ID)); n != 61 {
		t.Errorf("%d lines", n)
	}
}

func TestALogThatFillsIsCut(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(o *host.Options) { o.LogLimit = 1 << 20 })
	task := h.task("echo first; i=0; while [ $i -lt 60 ]; do head -c 100000 /dev/zero | tr '\\0' x; echo; i=$((i+1)); done; echo last")
	h.succeeded(task, h.run(task))
	log := h.log(task)
	if !strings.Contains(log, "\nfirst\n") || !strings.HasSuffix(log, "\nlast\n") {
		t.Error("the beginning or the end is missing")
	}
	cut := regexp.MustCompile(`\n\.\.\. (\d+) bytes of output are left out here: the log is limited to 1048576 \.\.\.\n`).FindStringSubmatch(log)
	if cut == nil {
		t.Error("the cut is not stated")
	}
	if n := len(log); n > 1<<20 || n < 1<<19 {
		t.Errorf("%d bytes are kept", n)
	}
	if size := folderSize(t, h.dir+"/"+task.ID); size > 2<<20 {
		t.Errorf("the folder has %d bytes", size)
	}
}

func TestLongLinesAreSplit(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("head -c 50000 /dev/zero | tr '\\0' x; echo end")
	h.succeeded(task, h.run(task))
	var all strings.Builder
	for _, line := range h.logs.Lines(repository, task.ID)[1:] {
		if len(line.Text) > 16<<10 {
			t.Errorf("a line of %d bytes", len(line.Text))
		}
		all.WriteString(line.Text)
	}
	if want := strings.Repeat("x", 50000) + "end"; all.String() != want {
		t.Errorf("%d bytes, want %d", all.Len(), len(want))
	}
}

func TestLinesAreFitForEverything(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task(`printf 'a\0b\377c\r\nd\r'`)
	h.succeeded(task, h.run(task))
	if got := h.log(task, pipeline.Stdout); got != "a\uFFFDb\uFFFDc\nd\n" {
		t.Errorf("got %q", got)
	}
}

// The token is masked wherever a task may have got it from: whole, in pieces
// that come in different reads, at the border of a split line, and in the
// commands themselves.
func TestTokensAreMasked(t *testing.T) {
	t.Parallel()
	server := newGitServer(t)
	sha := server.commit(map[string]string{"a": "1"})
	h := newHarness(t)
	h.sources.Set(server.source(), nil)
	half := len(token) / 2
	task := h.task(
		"echo before "+token+" after; echo "+token+" >&2",
		fmt.Sprintf("printf %%s %s; sleep 0.3; echo %s", token[:half], token[half:]),
		fmt.Sprintf("head -c %d /dev/zero | tr '\\0' x; printf %%s %s; head -c 9999 /dev/zero | tr '\\0' y; echo", 16<<10-half, token),
		"exit 3 # "+token,
	)
	task.Checkout, task.Revision.SHA = true, sha
	status := h.run(task)
	h.failed(task, status, pipeline.JobFailed, "exit 3 # ***")
	log := h.log(task)
	if strings.Contains(strings.ReplaceAll(log, "\n", ""), token[half:]+"y") || strings.Contains(log, token) {
		t.Errorf("the token is in the log")
	}
	if !strings.Contains(log, "before *** after\n") || !strings.Contains(log, "x***\nyyy") {
		t.Errorf("log:\n%s", log)
	}
}

func TestTheLogIsDurableBeforeTheEnd(t *testing.T) {
	t.Parallel()
	gate := &gatedLogs{open: make(chan struct{}), tried: make(chan struct{}, 100)}
	h := newHarness(t, func(o *host.Options) { gate.Logs, o.Logs = o.Logs, gate })
	task := h.task("echo on")
	h.start(task)
	<-gate.tried
	<-gate.tried
	if status := h.poll(task); status.Phase == compute.Ended {
		t.Errorf("ended without its log: %+v", status)
	}
	close(gate.open)
	h.succeeded(task, h.await(task, compute.Ended))
	if got := h.log(task, pipeline.Stdout); got != "on\n" {
		t.Errorf("got %q", got)
	}
}

func folderSize(t *testing.T, dir string) (size int64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
	}
	return size
}
