package storage

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/penstock-cd/penstock/pipeline"
)

// OpenBeside opens the database of a data folder for a program that works beside
// the server, or in its absence: what operators run on the server's machine. It
// takes no lock, changes no schema and hands out no orders; what it writes is as
// durable as the server's own. Only methods that enqueue no order may be called.
// Kinds: NotFound if there is no database, Conflict if its schema is not this
// program's.
func OpenBeside(ctx context.Context, options Options) (_ *DB, err error) {
	options, err = options.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", options.Dir, err)
	}
	db := newDB(dir, options, defaultTuning())
	switch info, err := os.Stat(db.path); {
	case os.IsNotExist(err):
		return nil, pipeline.Errorf(pipeline.NotFound, "there is no database in %s: is this the data folder of the server (PENSTOCK_DATA)?", dir)
	case err != nil:
		return nil, fmt.Errorf("database %s: %w", db.path, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("database %s: %w", db.path, fs.ErrInvalid)
	}
	defer func() {
		if err != nil {
			db.release()
		}
	}()
	if err := db.connect(ctx, options.Readers, db.sameSchema); err != nil {
		return nil, fmt.Errorf("database %s: %w", db.path, err)
	}
	return db, nil
}

// sameSchema refuses a schema that this program does not have itself.
func (db *DB) sameSchema(context.Context) error {
	steps, err := readMigrations(db.tune.migrations)
	if err != nil {
		return err
	}
	have, err := schemaVersion(&tx{conn: db.writer.conn})
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	if have != len(steps) {
		return pipeline.Errorf(pipeline.Conflict,
			"the database has schema version %d, this Penstock has version %d: use the program that the server runs", have, len(steps))
	}
	return nil
}
