package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// SaveTurn implements pipeline.Store. Kind Conflict with ErrStale or
// ErrDuplicate inside; Invalid if the turn contradicts itself.
func (db *DB) SaveTurn(ctx context.Context, turn *pipeline.Turn) error {
	rows, err := db.encodeTurn(turn)
	if err == nil {
		err = db.writer.do(ctx, &write{run: rows.save, committed: func() { db.turnCommitted(rows) }})
	}
	if err == nil && rows.duplicate {
		err = pipeline.Errorf(pipeline.Conflict, "input %q of %d environments: %w", turn.InputKey, len(turn.Holds), pipeline.ErrDuplicate)
	}
	if err != nil {
		return fmt.Errorf("lane %s of %s: save: %w", turn.Key.Lane, turn.Key.Pipeline, err)
	}
	for i, run := range turn.Changed {
		run.Number = rows.runs[i].number
	}
	return nil
}

// turnRows is a turn as it goes into the tables. It shares nothing with the turn
// that a caller could still change.
type turnRows struct {
	db          *DB
	key         pipeline.StateKey
	lane        string
	version     int64
	now         int64
	ledger      []byte
	runs        []runRow
	definitions []definitionRow
	events      []eventRow
	orders      []*orderRow
	doors       []doorRow
	lockouts    []lockoutRow
	claims      []pipeline.EnvironmentClaim
	releases    []pipeline.EnvironmentClaim
	holds       []pipeline.EnvironmentClaim
	done        string
	inputKey    string

	// results of save
	duplicate bool
	made      []*orderRow // that follow from what is stored
}

type runRow struct {
	id, status, sha, definition string
	isNew, ended                bool
	number, position            int64
	openGates                   int
	createdAt, updatedAt        int64
	doc                         []byte
}

type definitionRow struct {
	digest string
	doc    []byte
}

func (db *DB) encodeTurn(turn *pipeline.Turn) (*turnRows, error) {
	if turn.Key.RepositoryID == 0 || turn.Key.Pipeline == "" || turn.Key.Lane.Name == "" {
		return nil, pipeline.Errorf(pipeline.Invalid, "a turn needs a repository, a pipeline and a lane")
	}
	now := db.now()
	ledger, err := json.Marshal(turn.Ledger)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	rows := &turnRows{
		db: db, key: turn.Key, lane: turn.Key.Lane.String(), version: turn.Version, now: micros(now),
		ledger: ledger, done: turn.Done, inputKey: turn.InputKey,
	}
	if rows.definitions, err = db.encodeDefinitions(turn.Key.RepositoryID, turn.Definitions); err != nil {
		return nil, err
	}
	for _, run := range turn.Changed {
		row, err := rows.encodeRun(run)
		if err != nil {
			return nil, err
		}
		rows.runs = append(rows.runs, row)
	}
	if rows.events, err = encodeEvents(turn.Events); err != nil {
		return nil, err
	}
	if rows.doors, err = encodeDoors(turn.Transitions); err != nil {
		return nil, err
	}
	if rows.lockouts, err = encodeLockouts(turn.Lockouts); err != nil {
		return nil, err
	}
	rows.claims, rows.releases, rows.holds = slices.Clone(turn.Claims), slices.Clone(turn.Releases), slices.Clone(turn.Holds)
	rows.orders, err = encodeOrders(turn.Orders, now)
	return rows, err
}

func (rows *turnRows) encodeRun(run *pipeline.Execution) (runRow, error) {
	if run.ID == "" || run.Key() != rows.key {
		return runRow{}, pipeline.Errorf(pipeline.Invalid, "execution %q does not belong to the turn's lane", run.ID)
	}
	doc, err := json.Marshal(run)
	if err != nil {
		return runRow{}, fmt.Errorf("execution %s: %w", run.ID, err)
	}
	return runRow{
		id: run.ID, status: string(run.Status), sha: run.Revision.SHA, definition: run.Definition,
		isNew: run.Number == 0, ended: run.Status.Ended(), number: run.Number, position: run.Position,
		openGates: len(run.Gates()), createdAt: micros(orTime(run.CreatedAt, rows.now)),
		updatedAt: micros(orTime(run.UpdatedAt, rows.now)), doc: doc,
	}, nil
}

// encodeDefinitions leaves out what is known to be stored.
func (db *DB) encodeDefinitions(repositoryID int64, definitions map[string]*pipeline.Pipeline) ([]definitionRow, error) {
	var rows []definitionRow
	for digest, p := range definitions {
		if _, stored := db.definitions.get(definitionKey{repositoryID, digest}); stored || p == nil {
			continue
		}
		doc, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("definition %s: %w", digest, err)
		}
		rows = append(rows, definitionRow{digest, doc})
	}
	return rows, nil
}

// turnCommitted runs on the writer's goroutine after the commit.
func (db *DB) turnCommitted(rows *turnRows) {
	if !rows.duplicate {
		db.orders.add(rows.orders)
		db.orders.add(rows.made)
	}
	if rows.done != "" {
		db.orders.drop(rows.done) // which may be one of those above
	}
	for i := range rows.runs {
		if rows.runs[i].ended && !rows.duplicate {
			db.runs.drop(rows.runs[i].id)
		}
	}
	if len(rows.runs) > 0 && !rows.duplicate {
		for _, signal := range []chan struct{}{db.changed, db.toTell} {
			select {
			case signal <- struct{}{}:
			default: // one is pending already
			}
		}
	}
}

func orTime(t time.Time, us int64) time.Time {
	if t.IsZero() {
		return fromMicros(us)
	}
	return t
}
