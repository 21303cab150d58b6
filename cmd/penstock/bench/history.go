package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const (
	historyRuns = 100_000
	startUps    = 7
)

// fillHistory copies the newest finished run and its events until there are
// historyRuns of them, as if they had run one after another, and a delivery for
// each. The server must not run.
const fillHistory = `
WITH RECURSIVE
	template AS (SELECT * FROM executions WHERE ended = 1 ORDER BY seq DESC LIMIT 1),
	n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO executions (id, repository_id, host, pipeline_id, lane_id, number, position, status, ended, open_gates, sha,
	rev, reported_rev, changed_at, created_at, updated_at, doc)
SELECT printf('00000000-0000-7000-8000-%012x', i), repository_id, host, pipeline_id, lane_id, 1000000 + i, -i, status, 1, 0,
	printf('%040x', i), 1, 1, changed_at, created_at - i, updated_at - i, doc FROM template, n;

WITH RECURSIVE
	template AS (SELECT * FROM events WHERE lane_id = (SELECT lane_id FROM executions ORDER BY seq DESC LIMIT 1) AND seq <= 5),
	n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO events (lane_id, seq, repository_id, at, doc, hash)
SELECT -1, i * 5 + seq, repository_id, at, doc, hash FROM template, n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO deliveries (id, host, repository_id, event, action, received_at, status, note)
SELECT printf('old-%d', i), host, repository_id, event, action, received_at - i, status, note
FROM (SELECT * FROM deliveries WHERE status = 'Done' LIMIT 1), n;`

// history measures how long a start takes, and a run, when much has run before.
func (h *house) history(ctx context.Context) ([]row, error) {
	s := shapes()[0]
	repository, err := h.repository("bench-history", s.file(false))
	if err != nil {
		return nil, err
	}
	if _, err := h.one(ctx, repository, "main", 0); err != nil {
		return nil, err
	}
	empty, err := h.restarts(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.stop(); err != nil {
		return nil, err
	}
	if err := h.fill(ctx); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	if err := h.serve(ctx); err != nil {
		return nil, err
	}
	full, err := h.restarts(ctx)
	if err != nil {
		return nil, err
	}
	idle, err := h.memory()
	if err != nil {
		return nil, err
	}
	var success []time.Duration
	for i := range 11 {
		t, err := h.one(ctx, repository, "main", i+1)
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first fetches a token
			success = append(success, t.success)
		}
	}
	label := fmt.Sprintf("%d runs of history", historyRuns)
	return []row{
		{What: "start to ready, few runs", Value: fmt.Sprintf("%d starts", startUps), P50: millis(percentile(empty, 0.5)), P95: millis(percentile(empty, 0.95))},
		{What: "start to ready, " + label, Value: fmt.Sprintf("%d starts", startUps), P50: millis(percentile(full, 0.5)), P95: millis(percentile(full, 0.95))},
		{What: "memory idle, " + label, Value: fmt.Sprintf("%d MB", idle>>20)},
		{What: "push to success: 1 action, no checkout, " + label, Value: "10 runs", P50: millis(percentile(success, 0.5)), P95: millis(percentile(success, 0.95))},
	}, nil
}

func (h *house) fill(ctx context.Context) error {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.dir, "data", "penstock.db")+"?_busy_timeout=5000")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, fillHistory, historyRuns, historyRuns, historyRuns); err != nil {
		return err
	}
	var runs int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM executions WHERE ended = 1`).Scan(&runs); err != nil {
		return err
	}
	if runs < historyRuns {
		return fmt.Errorf("there are %d runs only", runs)
	}
	return nil
}

// restarts stops and starts the server a few times, and tells how long each start
// took until it was ready to take deliveries.
func (h *house) restarts(ctx context.Context) ([]time.Duration, error) {
	var took []time.Duration
	for range startUps {
		if err := h.stop(); err != nil {
			return nil, err
		}
		began := time.Now()
		if err := h.start(); err != nil {
			return nil, err
		}
		if err := h.ready(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// ready waits until the server can take deliveries.
func (h *house) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.address+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %s", h.log.String())
		}
	}
}

// stop ends the server in peace.
func (h *house) stop() error {
	if h.server == nil || h.server.Process == nil {
		return nil
	}
	server := h.server
	h.server = nil
	if err := server.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	if err := server.Wait(); err != nil {
		return fmt.Errorf("the server ended with %w: %s", err, h.log.String())
	}
	return nil
}
