package storage_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
	"github.com/penstock-cd/penstock/storage/migrations"
)

// upgraded is the real schema and one step more.
func upgraded(t *testing.T, script string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations.SQLite(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(migrations.SQLite(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	files[fmt.Sprintf("%04d_colour.sql", len(names)+1)] = &fstest.MapFile{Data: []byte(script)}
	return files
}

// released is the number of steps that this program knows.
func released(t *testing.T) int {
	t.Helper()
	names, err := fs.Glob(migrations.SQLite(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

func copies(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "penstock-before-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	now := released(t)
	next := now + 1
	quiet := storage.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)}
	db, err := storage.Open(ctx, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SaveRepository(ctx, pipeline.Repository{Host: "forge.example", ID: 7, Owner: "acme", Name: "shop"}, false); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if found := copies(t, dir); len(found) != 0 {
		t.Fatalf("a new database was copied: %v", found)
	}

	// A step that fails leaves everything as it was, and its copy.
	_, err = storage.Tuned(ctx, quiet, 0, upgraded(t, "ALTER TABLE repositories ADD COLUMN colour TEXT; SELECT nonsense;"), nil)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("schema version %d (colour)", next)) {
		t.Fatalf("a broken step gives %v", err)
	}
	for range 2 {
		db, err = storage.Tuned(ctx, quiet, 0, upgraded(t, "ALTER TABLE repositories ADD COLUMN colour TEXT;\nCREATE INDEX colours ON repositories (colour);"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := db.Repository(ctx, "forge.example", 7); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	found := copies(t, dir)
	if len(found) == 0 || len(found) > 2 || strings.HasSuffix(found[0], ".partial") {
		t.Fatalf("copies: %v", found)
	}
	if info, err := os.Stat(found[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("copy: %v, %v", info.Mode(), err)
	}
	before, err := sql.Open("sqlite3", found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	var version, repositories int
	if err := before.QueryRow("SELECT (SELECT max(version) FROM schema_versions), (SELECT count(*) FROM repositories)").Scan(&version, &repositories); err != nil {
		t.Fatal(err)
	}
	if version != now || repositories != 1 {
		t.Fatalf("the copy has version %d and %d repositories", version, repositories)
	}

	_, err = storage.Open(ctx, quiet) // does not know that step
	if pipeline.KindOf(err) != pipeline.Conflict || !strings.Contains(err.Error(), fmt.Sprintf("version %d", next)) || !strings.Contains(err.Error(), fmt.Sprintf("up to %d", now)) {
		t.Fatalf("an older program gets %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]storage.Options{
		"no folder": {},
		"a server":  {Dir: t.TempDir(), URL: "postgres://db/penstock"},
	} {
		if _, err := storage.Open(t.Context(), options); pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
	odd := filepath.Join(t.TempDir(), "a ?b%41#c")
	db, err := storage.Open(t.Context(), storage.Options{Dir: odd})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if info, err := os.Stat(filepath.Join(odd, "penstock.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("database in an oddly named folder: %v %v", info, err)
	}
	if info, err := os.Stat(odd); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("data folder: %v %v", info, err)
	}
}
