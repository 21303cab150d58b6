package main

import (
	"bytes"
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// Whoever changes what was decided in the database itself is found out.
func TestTamperedChains(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, change string
		want         string // empty: the chain alone cannot show it, the heads do
		heads        string
	}{
		{"an event is changed", `UPDATE events SET doc = CAST(replace(CAST(doc AS TEXT), 'hubot', 'mona') AS BLOB) WHERE seq = 2`, "event 2 does not match its hash", ""},
		{"an event is removed", `DELETE FROM events WHERE seq = 2`, "event 3 stands where event 2 was expected", ""},
		{"two events change places", `UPDATE events SET doc = (SELECT doc FROM events AS o WHERE o.seq = 5 - events.seq) WHERE seq IN (2, 3)`, "event 3 stands where event 2 was expected", ""},
		{"the end is cut off", `DELETE FROM events WHERE seq = 4`, "the chain ends at event 3, the lane's last is 4", ""},
		{"the end and the lane's memory of it are cut off",
			`DELETE FROM events WHERE seq = 4; UPDATE lanes SET last_seq = 3, last_hash = (SELECT hash FROM events WHERE seq = 3)`,
			"", "the chain was cut off: it ends at event 3, and once had event 4"},
		{"the lane is removed", `DELETE FROM events; DELETE FROM lanes`, "", "no such lane"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			decide(t, dir)
			heads := filepath.Join(dir, "heads.jsonl")
			audit(t, "", "export", "--heads", "--to", heads, "--data", dir)
			audit(t, "", "verify", "--heads", heads, "--data", dir)

			file, err := sql.Open("sqlite3", filepath.Join(dir, "penstock.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := file.Exec(test.change); err != nil {
				t.Fatal(err)
			}
			audit(t, test.want, "verify", "--data", dir)
			audit(t, test.want+test.heads, "verify", "--heads", heads, "--data", dir)
		})
	}
}

// audit runs the verb and wants it to find something broken, or nothing.
func audit(t *testing.T, broken string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	cmd := newAuditCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	err := cmd.ExecuteContext(t.Context())
	if broken == "" && err != nil || broken != "" && (err == nil || !strings.Contains(out.String(), broken)) {
		t.Errorf("%q: %v\n%s\nwant %q", args, err, out.String(), broken)
	}
}

// decide makes a database with a lane of four events.
func decide(t *testing.T, dir string) {
	t.Helper()
	db, err := storage.Open(context.Background(), storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var events []pipeline.Event
	for _, kind := range []pipeline.EventKind{pipeline.EventExecutionStarted, pipeline.EventVoteCounted, pipeline.EventGateApproved, pipeline.EventExecutionSucceeded} {
		events = append(events, pipeline.Event{Kind: kind, At: time.Now(), By: pipeline.Actor{ID: 7, Login: "hubot"}})
	}
	err = db.SaveTurn(context.Background(), &pipeline.Turn{
		Key:    pipeline.StateKey{Host: "github.com", RepositoryID: 1, Pipeline: "release", Lane: pipeline.BranchLane("main")},
		Ledger: pipeline.Ledger{V: 1}, Events: events,
	})
	if err != nil {
		t.Fatal(err)
	}
}
