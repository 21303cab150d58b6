package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/secret"
)

// vault gives what it is asked for, unless a test says otherwise.
type vault struct {
	mu  sync.Mutex
	err error
}

func (v *vault) say(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.err = err
}

func (v *vault) Values(_ context.Context, use secret.Use) (secret.Given, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return secret.Given{Secrets: map[string]string{use.Names[0]: "value"}}, v.err
}

func (v *vault) Known(_ context.Context, use secret.Use) (secret.Given, error) {
	return secret.Given{Secrets: map[string]string{use.Names[0]: "value"}}, nil
}

// A refused secret fails the action before it starts, and names the rule; one that
// cannot be read is tried again; the rule does not end what was launched.
func TestSecrets(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.vault.say(pipeline.Errorf(pipeline.Forbidden, "secret TOKEN is bound to main"))
		var given []string
		h.provider.onStart = func(job provider.Job) error { given = append(given, job.Secrets["TOKEN"]); return nil }
		run := func(sha string) string {
			p := &pipeline.Pipeline{V: 1, Name: "p", Stages: []pipeline.Stage{{Name: "s1", Actions: []pipeline.Action{
				{Name: "use", RunOrder: 1, Secrets: []string{"TOKEN"}, Type: pipeline.ActionType{Category: pipeline.CategoryBuild, Provider: "Script"}},
			}}}}
			_, err := h.engine.Submit(t.Context(), lane, "push "+sha, pipeline.StartExecution{Definition: p, Execution: pipeline.Execution{
				ID: "run-" + sha, Pipeline: "p", Lane: lane.Lane, Repository: pipeline.Repository{Host: "github.com", ID: 1}, Definition: "d",
			}})
			if err != nil {
				t.Fatal(err)
			}
			return "run-" + sha
		}
		e := h.wantStatus(run("a"), pipeline.ExecutionFailed)
		if e.FailureType != pipeline.PermissionError || !strings.Contains(e.Reason, "bound to main") || len(given) != 0 {
			t.Errorf("failed as %s: %s, after %d starts", e.FailureType, e.Reason, len(given))
		}

		h.vault.say(errors.New("the file is away"))
		second := run("b")
		h.wantStatus(second, pipeline.ExecutionInProgress)
		h.vault.say(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(given) != 1 || given[0] != "value" {
			t.Fatalf("started with %q", given)
		}
		h.vault.say(pipeline.Errorf(pipeline.Forbidden, "no longer allowed"))
		h.provider.end(attempt(second, "s1", "use"), pipeline.ActionSucceeded, true)
		h.wantStatus(second, pipeline.ExecutionSucceeded)
	})
}
