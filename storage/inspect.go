package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage/migrations"
)

// Condition is how a database is doing.
type Condition struct {
	Schema int // version of its schema; 0: none yet
	Knows  int // the newest version that this program knows
	// Damage is what SQLite finds wrong with the file, one sentence each; at most
	// ten.
	Damage []string
	Dead   int // orders that were given up
}

const (
	checkQuickly  = `PRAGMA quick_check(10)`
	inspectTables = `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'orders'`
)

// Inspect looks at the database of a data folder without changing it, whether a
// server has it open or not and whatever its schema. It reads all of the file; the
// context bounds that. Kind NotFound if there is no database.
func Inspect(ctx context.Context, dir string) (Condition, error) {
	steps, err := readMigrations(migrations.SQLite())
	if err != nil {
		return Condition{}, err
	}
	c := Condition{Knows: len(steps)}
	path, err := filepath.Abs(filepath.Join(dir, fileName))
	if err != nil {
		return c, fmt.Errorf("database: %w", err)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return c, pipeline.Errorf(pipeline.NotFound, "there is no database in %s", dir)
	}
	if err := c.read(ctx, path); err != nil {
		return c, fmt.Errorf("database %s: %w", path, err)
	}
	return c, nil
}

func (c *Condition) read(ctx context.Context, path string) error {
	pool, err := openReaders(path, defaultTuning().busy, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	rows, err := pool.QueryContext(ctx, checkQuickly)
	err = each(rows, err, func(rows *sql.Rows) error {
		var said string
		err := rows.Scan(&said)
		if said != "ok" {
			c.Damage = append(c.Damage, said)
		}
		return err
	})
	if err != nil {
		return err
	}
	var tables int
	if err := pool.QueryRowContext(ctx, hasSchema).Scan(&tables); err != nil || tables == 0 {
		return err
	}
	if err := pool.QueryRowContext(ctx, readSchema).Scan(&c.Schema); err != nil {
		return err
	}
	if err := pool.QueryRowContext(ctx, inspectTables).Scan(&tables); err != nil || tables == 0 {
		return err
	}
	return pool.QueryRowContext(ctx, backlogDead).Scan(&c.Dead)
}
