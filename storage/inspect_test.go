package storage_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	if _, err := storage.Inspect(ctx, dir); pipeline.KindOf(err) != pipeline.NotFound {
		t.Errorf("an empty folder gives %v", err)
	}
	server, err := storage.Open(ctx, storage.Options{Dir: dir})
	must(t, err)
	defer server.Close()
	beside, err := storage.Inspect(ctx, dir)
	must(t, err)
	if beside.Schema != beside.Knows || beside.Knows == 0 || len(beside.Damage) > 0 || beside.Dead != 0 {
		t.Errorf("beside a server: %+v", beside)
	}
	must(t, server.Close())
	path := filepath.Join(dir, "penstock.db")
	file, err := sql.Open("sqlite3", path)
	must(t, err)
	defer file.Close()
	_, err = file.Exec(`INSERT INTO schema_versions (version, name, applied_at) VALUES (999, 'later', 0)`)
	must(t, err)
	must(t, file.Close())
	newer, err := storage.Inspect(ctx, dir)
	must(t, err)
	if d := cmp.Diff(storage.Condition{Schema: 999, Knows: beside.Knows}, newer); d != "" {
		t.Error(d)
	}

	content, err := os.ReadFile(path)
	must(t, err)
	for i := 8 * 4096; i < len(content) && i < 20*4096; i++ {
		content[i] = 0xff
	}
	must(t, os.WriteFile(path, content, 0o600))
	if broken, err := storage.Inspect(ctx, dir); err == nil && len(broken.Damage) == 0 {
		t.Error("a damaged file looks whole")
	}
	must(t, os.WriteFile(path, []byte("a diary"), 0o600))
	if _, err := storage.Inspect(ctx, dir); err == nil {
		t.Error("a diary is a database")
	}
}
