package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// Secrets reach the commands, and nothing that is told or left on the disk: also
// after a restart in the middle, when they come anew with Poll.
func TestSecretsAreMaskedAfterARestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo begun; while [ ! -e go ]; do sleep 0.01; done", "echo got $TOKEN; RESULT=x-$TOKEN", "exit 0")
	task.Secrets, task.SecretNames = map[string]string{"TOKEN": secret}, []string{"TOKEN"}
	task.OutputVariables = []string{"RESULT"}
	h.start(task)
	h.awaitLog(task, "begun\n")
	h.reopen()
	if err := os.WriteFile(filepath.Join(h.dir, task.ID, "work/go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	h.poll(task)
	status := h.await(task, compute.Ended)
	h.succeeded(task, status)
	if log := h.log(task); strings.Contains(log, secret) || !strings.Contains(log, "got ***\n") {
		t.Errorf("the log says:\n%s", log)
	}
	if got := status.Variables["RESULT"]; got != "x-***" {
		t.Errorf("the variable is %q", got)
	}
	content, err := os.ReadFile(filepath.Join(h.dir, task.ID, "task.json"))
	if err != nil || strings.Contains(string(content), secret) {
		t.Errorf("task.json: %v\n%s", err, content)
	}
}

// Without its secrets a task that was started by an earlier process is not looked
// at: what it has printed could not be masked.
func TestSecretsAreWaitedFor(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo begun; while [ ! -e go ]; do sleep 0.01; done; echo got $TOKEN")
	task.Secrets, task.SecretNames = map[string]string{"TOKEN": secret}, []string{"TOKEN"}
	h.start(task)
	h.awaitLog(task, "begun\n")
	if err := h.host.Close(); err != nil {
		t.Fatal(err)
	}
	h.open()
	if err := os.WriteFile(filepath.Join(h.dir, task.ID, "work/go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(h.dir, task.ID, "status"))
	if log := h.log(task); strings.Contains(log, "\ngot ") {
		t.Errorf("told before its secrets were known:\n%s", log)
	}
	h.poll(task)
	h.succeeded(task, h.await(task, compute.Ended))
	if log := h.log(task, pipeline.Stdout); log != "begun\ngot ***\n" {
		t.Errorf("the log says:\n%s", log)
	}
}
