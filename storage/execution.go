package storage

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	selectRun      = `SELECT number, rev, doc, repository_id FROM executions WHERE id = ?`
	selectPipeline = `SELECT id FROM pipelines WHERE repository_id = ? AND host = ? AND name = ?`
	selectLanes    = `SELECT id FROM lanes WHERE repository_id = ? AND host = ? AND lane = ?`
	runColumns     = `seq, number, doc`
)

// Execution returns a run and its revision, which counts its saves. Repository 0
// stands for all of them: the operator's own view. Kind NotFound.
func (db *DB) Execution(ctx context.Context, repositoryID int64, id string) (run *pipeline.Execution, rev int64, err error) {
	err = db.read(ctx, func(s *snapshot) error {
		var number, repository int64
		var doc []byte
		ok, err := s.get(selectRun, []any{id}, &number, &rev, &doc, &repository)
		if err != nil {
			return err
		}
		if !ok || (repositoryID != 0 && repositoryID != repository) {
			return pipeline.Errorf(pipeline.NotFound, "no such run")
		}
		run, err = decodeExecution(doc, number)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("execution %s: %w", id, err)
	}
	return run, rev, nil
}

// executionFilter is a filter with how it is read.
type executionFilter pipeline.ExecutionFilter

// Executions lists runs, the newest first. A Pipeline or Lane needs a RepositoryID
// and a Host. However many finished runs there are,
// it reads no more than it returns, but for filters by host.
func (db *DB) Executions(ctx context.Context, filter pipeline.ExecutionFilter) ([]*pipeline.Execution, error) {
	if (filter.Pipeline != "" || filter.Lane != pipeline.Lane{}) && (filter.RepositoryID == 0 || filter.Host == "") {
		return nil, pipeline.Errorf(pipeline.Invalid, "executions: a pipeline or lane is one of a host and a repository: name both")
	}
	filter.Limit = cmp.Or(filter.Limit, defaultLimit)
	var runs []*pipeline.Execution
	err := db.read(ctx, func(s *snapshot) (err error) {
		runs, err = executionFilter(filter).list(s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("executions: %w", err)
	}
	return runs, nil
}

// ExecutionsByPull lists the runs of a pull request's lanes, the newest first.
func (db *DB) ExecutionsByPull(ctx context.Context, host string, repositoryID int64, number, limit int) ([]*pipeline.Execution, error) {
	return db.Executions(ctx, pipeline.ExecutionFilter{Host: host, RepositoryID: repositoryID, Lane: pipeline.PullLane(number), Limit: limit})
}

// list reads the runs off the index that fits. Several pipelines may have the
// same lane: their lists are merged.
func (f executionFilter) list(s *snapshot) ([]*pipeline.Execution, error) {
	queries, err := f.queries(s)
	if err != nil {
		return nil, err
	}
	type row struct {
		seq int64
		run *pipeline.Execution
	}
	var list []row
	for _, q := range queries {
		stmt, args := q.newest(runColumns, f.Limit)
		rows, err := s.query(stmt, args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			var seq, number int64
			var doc sql.RawBytes
			if err := rows.Scan(&seq, &number, &doc); err != nil {
				return err
			}
			run, err := decodeExecution(doc, number)
			list = append(list, row{seq, run})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b row) int { return cmp.Compare(b.seq, a.seq) })
	runs := make([]*pipeline.Execution, 0, min(len(list), f.Limit))
	for _, r := range list[:min(len(list), f.Limit)] {
		runs = append(runs, r.run)
	}
	return runs, nil
}

// queries makes one statement, or one per lane of the ref.
func (f executionFilter) queries(s *snapshot) ([]*where, error) {
	var pipelineID int64
	if f.Pipeline != "" {
		ok, err := s.get(selectPipeline, []any{f.RepositoryID, f.Host, f.Pipeline}, &pipelineID)
		if err != nil || !ok {
			return nil, err
		}
	}
	if f.Lane == (pipeline.Lane{}) {
		return []*where{f.where(pipelineID, 0)}, nil
	}
	stmt, args := selectLanes, []any{f.RepositoryID, f.Host, f.Lane.String()}
	if f.Pipeline != "" {
		stmt, args = selectLanes+` AND pipeline = ?`, append(args, f.Pipeline)
	}
	var queries []*where
	rows, err := s.query(stmt, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		queries = append(queries, f.where(pipelineID, id))
		return err
	})
	return queries, err
}

// where makes the statement, on the index that leaves the least to look at. An
// id of 0 stands for any.
func (f executionFilter) where(pipelineID, laneID int64) *where {
	w := newWhere("executions", f.Before)
	w.index = f.index()
	if f.SHA != "" {
		w.and("sha = ?", f.SHA)
	}
	if f.OpenGates {
		w.and("open_gates > 0")
	}
	if laneID != 0 {
		w.and("lane_id = ?", laneID)
	}
	if pipelineID != 0 {
		w.and("pipeline_id = ?", pipelineID)
	}
	if f.Status != "" {
		w.and("status = ?", string(f.Status))
	}
	if f.RepositoryID != 0 {
		w.and("repository_id = ?", f.RepositoryID)
	}
	if f.Host != "" {
		w.and("host = ?", f.Host)
	}
	return w
}

func (f executionFilter) index() string {
	index := ""
	switch {
	case f.SHA != "":
		return "executions_sha" // of one commit there are few runs
	case f.OpenGates:
		return "executions_gates" // and few with an open gate
	case f.Lane != pipeline.Lane{}:
		index = "executions_lane"
	case f.Pipeline != "":
		index = "executions_pipeline"
	case f.RepositoryID != 0:
		index = "executions_repository"
	case f.Status != "":
		return "executions_status"
	}
	if f.Status != "" {
		index += "_status"
	}
	return index
}
