package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	selectGoing     = `SELECT repository_id, number, doc FROM executions INDEXED BY executions_unfinished WHERE ended = 0`
	selectLedgers   = `SELECT id, lane, ledger FROM lanes WHERE id > ? ORDER BY id LIMIT ?`
	selectTarget    = `SELECT repository_id, number, doc FROM executions WHERE id = ?`
	selectPipelines = `SELECT id FROM pipelines WHERE id > ? ORDER BY id LIMIT ?`
	selectSucceeded = `SELECT e.repository_id, e.number, e.doc FROM executions e INDEXED BY executions_pipeline_status JOIN lanes l ON l.id = e.lane_id
		WHERE e.pipeline_id = ? AND e.status = 'Succeeded' AND l.lane NOT LIKE 'pull:%' ORDER BY e.seq DESC LIMIT ?`
)

// StoredArtifact names a bundle of the blob store.
type StoredArtifact struct {
	RepositoryID int64
	Digest       string
}

// ArtifactsInUse returns the bundles that somebody may still need whatever their
// age: those of unfinished runs, of the last successes of each pipeline that were
// not of pull requests, and of the run that each stage of a branch or tag would be
// rolled back to.
func (db *DB) ArtifactsInUse(ctx context.Context, successes int) (map[StoredArtifact]bool, error) {
	inUse := map[StoredArtifact]bool{}
	err := db.read(ctx, func(s *snapshot) error {
		clear(inUse)
		if err := inUseOf(s, inUse, selectGoing); err != nil {
			return err
		}
		if err := rollbackTargets(s, inUse); err != nil {
			return err
		}
		ids, err := pipelineIDs(s)
		for _, id := range ids {
			if err := inUseOf(s, inUse, selectSucceeded, id, successes); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("artifacts in use: %w", err)
	}
	return inUse, nil
}

// rollbackTargets are the last successes of stages, which their lanes remember.
func rollbackTargets(s *snapshot, inUse map[StoredArtifact]bool) error {
	const page = 1000
	for last := int64(0); ; {
		var runs []string
		n := 0
		rows, err := s.query(selectLedgers, last, page)
		err = each(rows, err, func(rows *sql.Rows) error {
			var lane string
			var doc sql.RawBytes
			n++
			if err := rows.Scan(&last, &lane, &doc); err != nil || strings.HasPrefix(lane, string(pipeline.LanePull)+":") {
				return err
			}
			var ledger pipeline.Ledger
			if err := json.Unmarshal(doc, &ledger); err != nil {
				return fmt.Errorf("ledger of lane %s: %w", lane, err)
			}
			for _, id := range ledger.Succeeded {
				runs = append(runs, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, id := range runs {
			if err := inUseOf(s, inUse, selectTarget, id); err != nil {
				return err
			}
		}
		if n < page {
			return nil
		}
	}
}

func pipelineIDs(s *snapshot) ([]int64, error) {
	const page = 1000
	var ids []int64
	for last := int64(0); ; {
		before := len(ids)
		rows, err := s.query(selectPipelines, last, page)
		err = each(rows, err, func(rows *sql.Rows) error {
			err := rows.Scan(&last)
			ids = append(ids, last)
			return err
		})
		if err != nil || len(ids)-before < page {
			return ids, err
		}
	}
}

func inUseOf(s *snapshot, inUse map[StoredArtifact]bool, stmt string, args ...any) error {
	rows, err := s.query(stmt, args...)
	return each(rows, err, func(rows *sql.Rows) error {
		var repository, number int64
		var doc sql.RawBytes
		if err := rows.Scan(&repository, &number, &doc); err != nil {
			return err
		}
		run, err := decodeExecution(doc, number)
		if err != nil {
			return err
		}
		for i := range run.Stages {
			for _, action := range run.Stages[i].Actions {
				for _, artifact := range action.Artifacts {
					inUse[StoredArtifact{repository, artifact.Digest}] = true
				}
			}
		}
		return nil
	})
}
