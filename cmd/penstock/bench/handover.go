package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/web/api"
)

const (
	handoverActions = 11
	handoverRuns    = 20
)

// handover measures how long it takes from the end of an action to the start of the
// next one. Each action does nothing but say what time it is: between two of their
// answers lies the end of one process and the start of the other.
func (h *house) handover(ctx context.Context) ([]row, error) {
	var file strings.Builder
	file.WriteString("name: bench\ntriggers: {push: {branches: ['**']}}\nstages:\n  - name: s0\n    actions:\n")
	for i := range handoverActions {
		fmt.Fprintf(&file, "      - {name: a%d, provider: Commands, runOrder: %d, checkout: false, commands: ['date +%%s%%N']}\n", i, i+1)
	}
	repository, err := h.repository("bench-handover", file.String())
	if err != nil {
		return nil, err
	}
	var took []time.Duration
	for i := range handoverRuns + 1 {
		sha, err := h.push(repository, "main", i)
		if err != nil {
			return nil, err
		}
		if err := h.await(ctx, repository, sha); err != nil {
			return nil, err
		}
		at, err := h.clocks(ctx, sha)
		if err != nil {
			return nil, fmt.Errorf("handover: %w", err)
		}
		for j := 1; i > 0 && j < len(at); j++ { // the first run fetches a token
			took = append(took, at[j].Sub(at[j-1]))
		}
	}
	return []row{{What: "action finished to next started", Value: fmt.Sprintf("%d steps", len(took)),
		P50: millis(percentile(took, 0.5)), P95: millis(percentile(took, 0.95)), P99: millis(percentile(took, 0.99))}}, nil
}

// clocks reads what time it was in each action of a commit's run.
func (h *house) clocks(ctx context.Context, sha string) ([]time.Time, error) {
	var runs api.Runs
	if err := h.ask(ctx, "/runs?sha="+sha, &runs); err != nil {
		return nil, err
	}
	if len(runs.Runs) != 1 {
		return nil, fmt.Errorf("commit %s has %d runs", sha, len(runs.Runs))
	}
	var run api.Run
	if err := h.ask(ctx, "/runs/"+runs.Runs[0].ID, &run); err != nil {
		return nil, err
	}
	var at []time.Time
	for _, action := range run.Stages[0].Actions {
		var line api.LogLine
		if err := h.ask(ctx, "/runs/"+run.ID+"/logs/"+action.ID, &line); err != nil {
			return nil, err
		}
		nanos, err := strconv.ParseInt(strings.TrimSpace(line.Text), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the log of %s begins with %q: %w", action.Name, line.Text, err)
		}
		at = append(at, time.Unix(0, nanos))
	}
	return at, nil
}

// ask reads the first object that the server's API answers with; of a log, the first
// line that the action itself has printed.
func (h *house) ask(ctx context.Context, path string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.address+api.Prefix+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := json.Unmarshal(lines.Bytes(), answer); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if line, ok := answer.(*api.LogLine); !ok || line.Stream == "stdout" {
			return nil
		}
	}
	return fmt.Errorf("%s: no answer", path)
}
