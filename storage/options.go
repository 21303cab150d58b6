package storage

import (
	"io/fs"
	"log/slog"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage/migrations"
)

// Options say where and how a database is opened.
type Options struct {
	// Dir is the data folder. It is made if missing (mode 0700), holds the
	// database in the file penstock.db, and belongs to one process at a time.
	Dir string
	// URL names a database server. Only the empty URL, SQLite in Dir, is
	// supported in this version.
	URL string
	// Logger gets what nobody else can be told, such as a file held by another
	// program. Nil: slog.Default().
	Logger *slog.Logger
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Readers is how many read connections there are at most; 0: 8.
	Readers int
}

// tuning is what only tests change.
type tuning struct {
	busy       time.Duration     // how long one try waits for another program
	migrations fs.FS             // files NNNN_name.sql
	trace      func(stmt string) // sees every statement; nil: nobody
}

func defaultTuning() tuning {
	return tuning{busy: 5 * time.Second, migrations: migrations.SQLite()}
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.URL != "":
		return o, pipeline.Errorf(pipeline.Invalid, "a database URL is not supported in this version: leave it empty to use SQLite in the data folder")
	case o.Dir == "":
		return o, pipeline.Errorf(pipeline.Invalid, "the data folder is not named")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Readers <= 0 {
		o.Readers = 8
	}
	return o, nil
}
