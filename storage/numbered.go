package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	numberedRuns = `SELECT e.number, e.doc FROM pipelines AS p JOIN executions AS e INDEXED BY executions_number
		ON e.pipeline_id = p.id AND e.number = ? WHERE p.repository_id = ? AND p.host = ?`
	numberedRun = numberedRuns + ` AND p.name = ?`
)

// Numbered returns the runs of a number in a repository: one for each pipeline that
// has come so far, or that of one pipeline. None is no error.
func (db *DB) Numbered(ctx context.Context, host string, repositoryID int64, name string, number int64) ([]*pipeline.Execution, error) {
	stmt, args := numberedRuns, []any{number, repositoryID, host}
	if name != "" {
		stmt, args = numberedRun, append(args, name)
	}
	var runs []*pipeline.Execution
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(stmt, args...)
		runs = nil
		return each(rows, err, func(rows *sql.Rows) error {
			var number int64
			var doc sql.RawBytes
			if err := rows.Scan(&number, &doc); err != nil {
				return err
			}
			run, err := decodeExecution(doc, number)
			runs = append(runs, run)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("runs #%d of repository %d: %w", number, repositoryID, err)
	}
	return runs, nil
}
