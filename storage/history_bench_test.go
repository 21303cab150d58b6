package storage_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// copyRuns copies the newest run so many times, as if they had run before it in a
// hundred lanes; the database is not open otherwise.
const copyRuns = `
WITH RECURSIVE
	template AS (SELECT * FROM executions ORDER BY seq DESC LIMIT 1),
	n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO executions (id, repository_id, host, pipeline_id, lane_id, number, position, status, ended, open_gates, sha,
	rev, reported_rev, changed_at, created_at, updated_at, doc)
SELECT printf('00000000-0000-7000-8000-%012x', i), repository_id, host, pipeline_id, lane_id + i % 100, 1000000 + i, -i, status, 1, 0,
	printf('%040x', i), 1, 1, changed_at, created_at - i, updated_at - i, doc FROM template, n`

// afterHistory is a storage that has seen so many runs.
func afterHistory(b *testing.B, runs int) *storage.DB {
	b.Helper()
	options := storage.Options{Dir: b.TempDir(), Logger: slog.New(slog.DiscardHandler)}
	db, err := storage.Open(b.Context(), options)
	if err != nil {
		b.Fatal(err)
	}
	run := benchRun(benchKey(), 1)
	run.Status = pipeline.ExecutionFailed
	if err := db.SaveTurn(b.Context(), &pipeline.Turn{Key: benchKey(), Changed: []*pipeline.Execution{run}, Definitions: benchDefinitions()}); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(options.Dir, "*.db"))
	if err != nil || len(files) != 1 {
		b.Fatal(files, err)
	}
	raw, err := sql.Open("sqlite3", "file:"+files[0])
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(b.Context(), copyRuns, runs); err != nil {
		b.Fatal(err)
	}
	if db, err = storage.Open(b.Context(), options); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

// Lists and single runs cost the same after a thousand runs and after a million;
// -short leaves the million out.
func BenchmarkAfterHistory(b *testing.B) {
	for _, runs := range []int{1000, 1_000_000} {
		if testing.Short() && runs > 1000 {
			continue
		}
		b.Run(fmt.Sprint(runs, "runs"), func(b *testing.B) {
			db := afterHistory(b, runs)
			middle := fmt.Sprintf("00000000-0000-7000-8000-%012x", runs/2)
			of := pipeline.ExecutionFilter{Host: benchKey().Host, RepositoryID: 7}
			list := func(name string, rows int, change func(*pipeline.ExecutionFilter)) {
				b.Run(name, func(b *testing.B) {
					filter := of
					change(&filter)
					for b.Loop() {
						if list, err := db.Executions(b.Context(), filter); err != nil || len(list) != rows {
							b.Fatal(len(list), err)
						}
					}
				})
			}
			list("newest", 50, func(*pipeline.ExecutionFilter) {})
			list("page in the middle", 50, func(f *pipeline.ExecutionFilter) { f.Before = middle })
			list("of a pipeline", 50, func(f *pipeline.ExecutionFilter) { f.Pipeline = "release" })
			list("failed", 50, func(f *pipeline.ExecutionFilter) { f.Status = pipeline.ExecutionFailed })
			list("none in progress", 0, func(f *pipeline.ExecutionFilter) { f.Status = pipeline.ExecutionInProgress })
			list("of a commit", 1, func(f *pipeline.ExecutionFilter) { f.SHA = fmt.Sprintf("%040x", runs/2) })
			b.Run("show by id", func(b *testing.B) {
				for b.Loop() {
					if _, _, err := db.Execution(b.Context(), 7, middle); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("show by number", func(b *testing.B) {
				for b.Loop() {
					if found, err := db.Numbered(b.Context(), benchKey().Host, 7, "release", int64(1_000_000+runs/2)); err != nil || len(found) != 1 {
						b.Fatal(len(found), err)
					}
				}
			})
		})
	}
}
