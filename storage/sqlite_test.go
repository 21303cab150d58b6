package storage_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// lockedBuffer takes log lines from several goroutines and tells of the first.
type lockedBuffer struct {
	mu    sync.Mutex
	text  bytes.Buffer
	first chan struct{}
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.text.Len() == 0 {
		close(b.first)
	}
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Another program that holds the database for longer than one try is outwaited,
// and the log says so. Whoever does not want to wait any longer goes, and the
// write is done all the same. A close does not wait for ever.
func TestHeldForLong(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{first: make(chan struct{})}
	options := storage.Options{Dir: t.TempDir(), Logger: slog.New(slog.NewTextHandler(log, nil))}
	db, err := storage.Tuned(t.Context(), options, 20*time.Millisecond, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite3", "file:"+db.Path()+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	hold, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	impatient, patient := make(chan error), make(chan error)
	go func() { impatient <- db.SaveLogRecord(ctx, 7, "a", []byte("1")) }()
	go func() { patient <- db.SaveLogRecord(t.Context(), 7, "b", []byte("2")) }()
	<-log.first
	cancel()
	if err := <-impatient; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if _, err := db.LogRecord(t.Context(), 7, "a"); err != nil { // readers are not held up
		t.Fatal(err)
	}
	if err := hold.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-patient; err != nil {
		t.Fatal(err)
	}
	if err := db.SaveLogRecord(t.Context(), 7, "c", []byte("3")); err != nil { // behind both
		t.Fatal(err)
	}
	if got, err := db.LogRecord(t.Context(), 7, "a"); err != nil || string(got) != "1" {
		t.Fatalf("the write of who went is %q, %v", got, err)
	}
	if text := log.String(); !strings.Contains(text, "held by another program") || !strings.Contains(text, "waited=") {
		t.Fatalf("the log says %q", text)
	}

	if hold, err = other.Begin(); err != nil {
		t.Fatal(err)
	}
	defer hold.Rollback()
	go func() { patient <- db.SaveLogRecord(t.Context(), 7, "d", nil) }()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-patient; pipeline.KindOf(err) != pipeline.Unavailable {
		t.Fatalf("got %v", err)
	}
}

// Orders that wait stay in the table.
func TestWaitingOrdersAreNotInMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := storage.Open(t.Context(), storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var orders []pipeline.Order
	for i := range 10_000 {
		orders = append(orders, pipeline.Order{Kind: pipeline.CheckActions, RepositoryID: 7, Due: time.Now().Add(time.Hour + time.Duration(i))})
	}
	if err := db.Enqueue(t.Context(), orders...); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n := db.Held(); n != 0 {
			t.Fatalf("%d waiting orders are in memory", n)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if db, err = storage.Open(t.Context(), storage.Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
}

// The clock decides what is due, also when it is set back and forth.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Now()
	set := func(to time.Time) { mu.Lock(); now = to; mu.Unlock() }
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	start := now
	db, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir(), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	put := func(id string, due time.Time) {
		t.Helper()
		if err := db.Enqueue(t.Context(), pipeline.Order{ID: id, Kind: pipeline.WakeLane, Due: due}); err != nil {
			t.Fatal(err)
		}
	}
	take := func(want string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if o, err := db.NextOrder(ctx); err != nil || o.ID != want {
			t.Fatalf("got order %q, %v; want %s", o.ID, err, want)
		}
	}
	set(start.Add(time.Hour))
	put("first", time.Time{})
	take("first")
	set(start) // back: what is due in half an hour has to wait
	put("wait", start.Add(30*time.Minute))
	put("now", time.Time{})
	take("now")
	set(start.Add(time.Hour))
	put("near", start.Add(time.Hour+5*time.Millisecond)) // has the table looked at
	set(start.Add(2 * time.Hour))
	take("wait")
	take("near")
}

// What is tampered with is found.
func TestVerifyEvents(t *testing.T) {
	t.Parallel()
	key := pipeline.StateKey{Host: "forge.example", RepositoryID: 7, Pipeline: "release", Lane: pipeline.BranchLane("main")}
	for name, c := range map[string]struct{ tamper, want string }{
		"nothing":   {"SELECT 1", ""},
		"changed":   {`UPDATE events SET doc = CAST(replace(CAST(doc AS TEXT), 'sam', 'eve') AS BLOB) WHERE seq = 2`, "event 2 does not match"},
		"removed":   {`DELETE FROM events WHERE seq = 2`, "event 3 stands where event 2"},
		"cut off":   {`DELETE FROM events WHERE seq = 4`, "ends at event 3"},
		"all":       {`DELETE FROM events`, "ends at event 0"},
		"swapped":   {`UPDATE events SET doc = (SELECT doc FROM events e WHERE e.seq = 4 - events.seq) WHERE seq IN (1, 3)`, "event 3 stands where event 1"},
		"moved":     {`UPDATE lanes SET pipeline = 'other'`, "no such lane"},
		"lane":      {`UPDATE lanes SET last_hash = x'00'`, "ends at event 4"},
		"not ours":  {`UPDATE events SET doc = x'7b' WHERE seq = 1`, "event 1"},
		"forgotten": {`UPDATE lanes SET last_seq = 3`, "ends at event 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			event := pipeline.Event{Kind: pipeline.EventVoteCounted, By: pipeline.Actor{ID: 5, Login: "sam"}}
			turn := &pipeline.Turn{Key: key, Events: []pipeline.Event{event, event, event, event}}
			if err := db.SaveTurn(t.Context(), turn); err != nil {
				t.Fatal(err)
			}
			other, err := sql.Open("sqlite3", "file:"+filepath.Clean(db.Path()))
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			if _, err := other.Exec(c.tamper); err != nil {
				t.Fatal(err)
			}
			_, _, err = db.VerifyEvents(t.Context(), key)
			if got := fmt.Sprint(err); (c.want == "") != (err == nil) || !strings.Contains(got, c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}
