package storage

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	selectLane       = `SELECT id, version, ledger FROM lanes WHERE repository_id = ? AND host = ? AND lane = ? AND pipeline = ?`
	selectUnfinished = `SELECT id, rev FROM executions WHERE lane_id = ? AND ended = 0 ORDER BY position`
	selectOfLane     = `SELECT number, doc FROM executions WHERE id = ? AND lane_id = ?`
)

// LoadState implements pipeline.Store. All runs, the ended ones that were named
// too, are in the order of Position. An id of another lane is unknown here.
func (db *DB) LoadState(ctx context.Context, key pipeline.StateKey, executions ...string) (pipeline.State, error) {
	state := pipeline.State{Key: key, Definitions: map[string]*pipeline.Pipeline{}}
	err := db.read(ctx, func(s *snapshot) error {
		state.Version, state.Ledger, state.Executions = 0, pipeline.Ledger{}, nil
		var err error
		if state.Transitions, err = readDoors(s, selectDoors, key.RepositoryID, key.Host, key.Pipeline, key.Lane.String()); err != nil {
			return err
		}
		if state.Lockouts, err = readLockouts(s, key.Host, key.RepositoryID); err != nil {
			return err
		}
		return db.loadLane(s, &state, executions)
	})
	if err != nil {
		return pipeline.State{}, fmt.Errorf("lane %s of %s: load: %w", key.Lane, key.Pipeline, err)
	}
	return state, nil
}

func (db *DB) loadLane(s *snapshot, state *pipeline.State, named []string) error {
	var lane int64
	var ledger []byte
	key := state.Key
	ok, err := s.get(selectLane, []any{key.RepositoryID, key.Host, key.Lane.String(), key.Pipeline}, &lane, &state.Version, &ledger)
	if err != nil || !ok {
		return err
	}
	if err := json.Unmarshal(ledger, &state.Ledger); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	missing, err := db.knownRuns(s, state, lane)
	if err != nil {
		return err
	}
	take := func(rows *sql.Rows) error {
		var number int64
		var doc sql.RawBytes
		if err := rows.Scan(&number, &doc); err != nil {
			return err
		}
		run, err := decodeExecution(doc, number)
		if err != nil {
			return err
		}
		state.Executions = append(state.Executions, run)
		if rev, unfinished := missing[run.ID]; unfinished {
			db.runs.add(run.ID, decodedRun{rev, run.Clone()})
		}
		return nil
	}
	for _, id := range slices.Concat(slices.Collect(maps.Keys(missing)), named) {
		if state.Execution(id) != nil {
			continue
		}
		rows, err := s.query(selectOfLane, id, lane)
		if err := each(rows, err, take); err != nil {
			return err
		}
	}
	slices.SortStableFunc(state.Executions, func(a, b *pipeline.Execution) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Number, b.Number))
	})
	return db.loadDefinitions(s, state)
}

func (db *DB) loadDefinitions(s *snapshot, state *pipeline.State) error {
	for _, run := range state.Executions {
		if run.Definition == "" || state.Definitions[run.Definition] != nil {
			continue
		}
		definition, err := db.definition(s, state.Key.RepositoryID, run.Definition)
		if err != nil {
			return fmt.Errorf("execution %s: %w", run.ID, err)
		}
		state.Definitions[run.Definition] = definition
	}
	return nil
}

// decodeExecution reads a stored run. The number is the column's: a new run is
// encoded before it has one.
func decodeExecution(doc []byte, number int64) (*pipeline.Execution, error) {
	run := &pipeline.Execution{}
	if err := json.Unmarshal(doc, run); err != nil {
		return nil, fmt.Errorf("stored execution #%d: %w", number, err)
	}
	run.Number = number
	return run, nil
}

// decodedRun is a run as it was at a revision of its row.
type decodedRun struct {
	rev int64
	run *pipeline.Execution
}

// maxRuns bounds each generation of the cache of decoded runs.
const maxRuns = 1024

// knownRuns adds the lane's unfinished runs that were decoded before and have not
// changed since to the state, and returns the revisions of the others by id. A turn
// changes one run, mostly: the others of a crowded lane need not be decoded again.
func (db *DB) knownRuns(s *snapshot, state *pipeline.State, lane int64) (map[string]int64, error) {
	missing := map[string]int64{}
	rows, err := s.query(selectUnfinished, lane)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		var rev int64
		if err := rows.Scan(&id, &rev); err != nil {
			return err
		}
		if known, ok := db.runs.get(id); ok && known.rev == rev {
			state.Executions = append(state.Executions, known.run.Clone())
		} else {
			missing[id] = rev
		}
		return nil
	})
	return missing, err
}
