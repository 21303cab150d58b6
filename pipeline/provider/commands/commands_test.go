package commands_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/computetest"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/commands"
	"github.com/penstock-cd/penstock/pipeline/provider/providertest"
)

func TestPromises(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t *testing.T) providertest.Harness { return newHarness(t) })
}

func TestNewNeedsACompute(t *testing.T) {
	t.Parallel()
	if _, err := commands.New(provider.Env{}); err == nil {
		t.Error("made without a compute")
	}
}

func TestAnInvalidIDIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	job := h.Job(providertest.Succeed)
	job.ID = "../../etc"
	_, err := h.Provider().Start(t.Context(), job)
	var refusal *provider.Refusal
	if !errors.As(err, &refusal) || refusal.FailureType != pipeline.ConfigurationError {
		t.Errorf("got %v", err)
	}
}

func TestEnvironmentOfTheJobComesLast(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	job := h.job([]string{`echo "$PENSTOCK_COMMIT $OWN $CI" > env`, `RESULT=$(cat env)`})
	job.Action.Environment = map[string]string{"PENSTOCK_COMMIT": "forged", "OWN": "mine"}
	job.Environment = map[string]string{"PENSTOCK_COMMIT": "abc"}
	handle, err := h.Provider().Start(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for {
		changed := h.Changed(job.ID)
		progress, err := h.Provider().Poll(t.Context(), job, handle)
		if err != nil {
			t.Fatal(err)
		}
		if progress.Status.Ended() {
			if diff := cmp.Diff("abc mine true", progress.Variables["RESULT"]); diff != "" {
				t.Error(diff)
			}
			return
		}
		<-changed
	}
}

// harness runs the provider on a real host.
type harness struct {
	t         *testing.T
	dir       string
	opt       host.Options
	host      *host.Host
	provider  provider.Provider
	sources   computetest.Sources
	artifacts computetest.Artifacts
	logs      computetest.Logs

	mu      sync.Mutex
	next    int
	changed map[string]chan struct{}
}

func newHarness(t *testing.T) *harness {
	h := &harness{t: t, dir: t.TempDir(), changed: map[string]chan struct{}{}}
	h.opt = host.Options{
		Dir: filepath.Join(h.dir, "jobs"), Concurrency: 2, Sources: &h.sources, Artifacts: &h.artifacts, Logs: &h.logs,
		OnChange: h.wake, RetryDelay: time.Millisecond,
	}
	source := filepath.Join(h.dir, "source")
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	h.sources.Set(compute.Source{Dir: source}, nil)
	h.open()
	t.Cleanup(func() { h.host.Close() })
	return h
}

func (h *harness) open() {
	var err error
	if h.host, err = host.New(h.opt); err != nil {
		h.t.Fatal(err)
	}
	if h.provider, err = commands.New(provider.Env{Compute: h.host}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) Provider() provider.Provider { return h.provider }

func (h *harness) Restart() {
	h.host.Close()
	h.open()
}

func (h *harness) Job(b providertest.Behaviour) provider.Job {
	at := filepath.Join(h.dir, fmt.Sprint("job", h.next+1))
	begin := "echo run >> " + at + ".runs"
	succeed := "echo built > out.txt; RESULT=42"
	return h.job(map[providertest.Behaviour][]string{
		providertest.Succeed: {begin, succeed},
		providertest.Fail:    {begin, "exit 3"},
		providertest.Wait:    {begin, "while ! [ -e " + at + ".go ]; do sleep 0.01; done", succeed},
		providertest.Wrong:   nil,
	}[b])
}

func (h *harness) job(list []string) provider.Job {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	return provider.Job{
		ID: pipeline.AttemptID("execution", h.t.Name(), fmt.Sprint("job", h.next), 1), Execution: fmt.Sprint("job", h.next),
		Repository: pipeline.Repository{ID: 7}, Revision: pipeline.Revision{SHA: strings.Repeat("0", 40)},
		Action: pipeline.Action{
			Name: "a", Commands: list, OutputVariables: []string{"RESULT"},
			OutputArtifacts: []pipeline.OutputArtifact{{Name: "out"}},
		},
	}
}

func (h *harness) Runs(job provider.Job) int {
	text, err := os.ReadFile(filepath.Join(h.dir, job.Execution+".runs"))
	if err != nil && !os.IsNotExist(err) {
		h.t.Error(err)
	}
	return strings.Count(string(text), "run\n")
}

func (h *harness) Release(job provider.Job) {
	if err := os.WriteFile(filepath.Join(h.dir, job.Execution+".go"), nil, 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) Changed(id string) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changed[id] == nil {
		h.changed[id] = make(chan struct{})
	}
	return h.changed[id]
}

func (h *harness) wake(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.changed[id]; c != nil {
		close(c)
		h.changed[id] = nil
	}
}

func (h *harness) Break() bool {
	h.sources.Set(compute.Source{}, pipeline.Errorf(pipeline.Unavailable, "the forge cannot be reached"))
	return true
}

func (h *harness) Mend() { h.sources.Set(compute.Source{Dir: filepath.Join(h.dir, "source")}, nil) }
