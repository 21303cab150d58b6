package storage_test

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
	"github.com/penstock-cd/penstock/storage/storagetest"
)

func sqlite() storagetest.Backend {
	return storagetest.Backend{
		Open: func(dir string) (storagetest.DB, error) {
			db, err := storage.Open(context.Background(), storage.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				return nil, err
			}
			return db, nil
		},
		Hold: hold,
	}
}

func TestMain(m *testing.M) { storagetest.Main(m, sqlite()) }

func TestSuite(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, sqlite())
}

func TestMemory(t *testing.T) {
	t.Parallel()
	storagetest.RunStore(t, func(*testing.T) pipeline.Store { return storagetest.NewMemory() })
}

// The in-memory store's timers follow the time of a bubble.
func TestMemoryInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := storagetest.NewMemory()
		start := time.Now()
		for _, wait := range []time.Duration{time.Hour, 7 * 24 * time.Hour} {
			if err := m.Enqueue(t.Context(), pipeline.Order{Kind: pipeline.WakeLane, Due: start.Add(wait)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []time.Duration{time.Hour, 7 * 24 * time.Hour} {
			if _, err := m.NextOrder(t.Context()); err != nil {
				t.Fatal(err)
			}
			if passed := time.Since(start); passed != want {
				t.Fatalf("the order came after %v, want %v", passed, want)
			}
		}
	})
}

// hold is a shell or a backup that somebody runs beside the server.
func hold(dir string, held, released func(), stop <-chan struct{}) error {
	dsn := url.URL{Scheme: "file", Path: filepath.Join(dir, "penstock.db"), RawQuery: "_busy_timeout=60000"}
	pool, err := sql.Open("sqlite3", dsn.String())
	if err != nil {
		return err
	}
	defer pool.Close()
	ctx := context.Background()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	for _, begin := range []string{"BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"} {
		if _, err := conn.ExecContext(ctx, begin); err != nil {
			return err
		}
		held()
		<-time.After(900 * time.Millisecond)
		if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
			return err
		}
		released()
		select {
		case <-stop:
			return nil
		case <-time.After(500 * time.Millisecond):
		}
	}
	<-stop
	return nil
}
