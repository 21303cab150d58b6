package storage

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	createSchema = `CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`
	hasSchema    = `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'`
	readSchema   = `SELECT coalesce(max(version), 0) FROM schema_versions`
	addSchema    = `INSERT INTO schema_versions (version, name, applied_at) VALUES (?, ?, ?)`
)

// migration is one step of the schema.
type migration struct {
	version int
	name    string
	script  string
}

// migrate brings the schema up to date, each step in a transaction of its own.
// Where there are data and steps to take, a copy of the database is put beside
// it first. It runs before the writer's loop, on its connection.
func (db *DB) migrate(ctx context.Context) error {
	steps, err := readMigrations(db.tune.migrations)
	if err != nil {
		return err
	}
	t := &tx{conn: db.writer.conn}
	have, err := schemaVersion(t)
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	want := len(steps)
	switch {
	case have > want:
		return pipeline.Errorf(pipeline.Conflict,
			"the database has schema version %d, this Penstock knows versions up to %d: start a newer Penstock, or go back to the copy that was made before the upgrade", have, want)
	case have == want:
		return nil
	case have > 0:
		copied, err := db.copyBefore(ctx, t, steps[have])
		if err != nil {
			return fmt.Errorf("copy before the upgrade: %w", err)
		}
		db.log.Info("the database was copied before its schema is changed", "copy", copied, "from", have, "to", want)
	}
	for _, step := range steps[have:] {
		if err := db.apply(t, step); err != nil {
			return fmt.Errorf("schema version %d (%s): %w", step.version, step.name, err)
		}
	}
	return nil
}

func (db *DB) apply(t *tx, step migration) error {
	stamp := func(t *tx) error {
		if _, err := t.exec(createSchema); err != nil {
			return err
		}
		if _, err := t.exec(step.script); err != nil {
			return err
		}
		_, err := t.exec(addSchema, step.version, step.name, micros(db.now()))
		return err
	}
	return db.writer.attempt([]*write{{run: stamp}})
}

func schemaVersion(t *tx) (int, error) {
	var tables, version int
	if _, err := t.get(hasSchema, nil, &tables); err != nil || tables == 0 {
		return 0, err
	}
	_, err := t.get(readSchema, nil, &version)
	return version, err
}

// copyBefore writes penstock-before-NNNN-TIME.db beside the database, durable
// before it returns.
func (db *DB) copyBefore(_ context.Context, t *tx, next migration) (string, error) {
	dir := filepath.Dir(db.path)
	name := fmt.Sprintf("penstock-before-%04d-%s.db", next.version, db.now().UTC().Format("20060102T150405Z"))
	path, partial := filepath.Join(dir, name), filepath.Join(dir, name+".partial")
	if err := os.Remove(partial); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	if _, err := t.exec(`VACUUM INTO ?`, partial); err != nil {
		return "", err
	}
	if err := os.Chmod(partial, 0o600); err != nil {
		return "", err
	}
	if err := syncPath(partial); err != nil {
		return "", err
	}
	if err := os.Rename(partial, path); err != nil {
		return "", err
	}
	return path, syncPath(dir)
}

// syncPath makes a file, or a folder's list of names, durable.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// readMigrations reads the steps, which must be numbered 1, 2, 3 ...
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql") // in lexical order
	if err != nil {
		return nil, err
	}
	var steps []migration
	for i, name := range names {
		number, what, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s: expected number %04d", name, i+1)
		}
		script, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{i + 1, what, string(script)})
	}
	return steps, nil
}
