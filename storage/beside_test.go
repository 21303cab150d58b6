package storage_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func TestOpenBeside(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	if _, err := storage.OpenBeside(ctx, storage.Options{Dir: dir}); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatalf("an empty folder gives %v", err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
		t.Fatalf("it left %v, %v", list, err)
	}
	server, err := storage.Open(ctx, storage.Options{Dir: dir})
	must(t, err)
	defer server.Close()
	must(t, server.Enqueue(ctx, pipeline.Order{ID: "o", Kind: pipeline.WakeLane}))
	for range 3 { // beside the server, again and again
		beside, err := storage.OpenBeside(ctx, storage.Options{Dir: dir})
		must(t, err)
		must(t, beside.SetPause(ctx, pipeline.Pause{Paused: true, Reason: "why", At: time.Now()}))
		must(t, beside.Close())
		seen, err := server.Pause(ctx)
		if err != nil || !seen.Paused || seen.Reason != "why" {
			t.Fatalf("the server sees %+v, %v", seen, err)
		}
	}
	if o, err := server.NextOrder(ctx); err != nil || o.ID != "o" {
		t.Fatalf("the server's order: %+v, %v", o, err)
	}
	must(t, server.Close())
	beside, err := storage.OpenBeside(ctx, storage.Options{Dir: dir}) // in its absence
	must(t, err)
	must(t, beside.Close())

	file, err := sql.Open("sqlite3", filepath.Join(dir, "penstock.db"))
	must(t, err)
	defer file.Close()
	_, err = file.Exec(`INSERT INTO schema_versions (version, name, applied_at) VALUES (999, 'later', 0)`)
	must(t, err)
	_, err = storage.OpenBeside(ctx, storage.Options{Dir: dir})
	if pipeline.KindOf(err) != pipeline.Conflict || !strings.Contains(err.Error(), "version 999") {
		t.Fatalf("a newer schema gives %v", err)
	}
}
