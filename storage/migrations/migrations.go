// Package migrations holds the steps of the database's schema as numbered SQL
// files, one folder per database, the same numbers and names in each. It never
// runs them.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed sqlite/*.sql
var files embed.FS

// SQLite returns the files of SQLite, named NNNN_what.sql. A file that was
// released is never changed.
func SQLite() fs.FS {
	sub, err := fs.Sub(files, "sqlite")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
