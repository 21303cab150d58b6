package storage

import (
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	insertInputKey = `INSERT INTO input_keys (repository_id, host, key, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	selectLaneHead = `SELECT id, version, last_seq, last_hash FROM lanes WHERE repository_id = ? AND host = ? AND lane = ? AND pipeline = ?`
	insertLane     = `INSERT INTO lanes (repository_id, host, lane, pipeline, version, ledger, last_seq, last_hash, updated_at) VALUES (?, ?, ?, ?, 0, x'', 0, ?, 0)`
	updateLane     = `UPDATE lanes SET version = ?, ledger = ?, last_seq = ?, last_hash = ?, updated_at = ? WHERE id = ?`
	hasDefinition  = `SELECT 1 FROM definitions WHERE repository_id = ? AND digest = ?`
	nextNumber     = `INSERT INTO pipelines (repository_id, host, name, last_number) VALUES (?, ?, ?, 1)
		ON CONFLICT (repository_id, host, name) DO UPDATE SET last_number = last_number + 1 RETURNING id, last_number`
	insertRun = `INSERT INTO executions (id, repository_id, host, pipeline_id, lane_id, number, position, status, ended, open_gates, sha,
		rev, reported_rev, told_rev, changed_at, created_at, updated_at, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	updateRun = `UPDATE executions SET changed_at = CASE WHEN rev > reported_rev THEN changed_at ELSE ? END, rev = rev + 1,
		position = ?, status = ?, ended = ?, open_gates = ?, sha = ?, updated_at = ?, doc = ?
		WHERE id = ? AND repository_id = ? AND lane_id = ? AND number = ?`
)

// save is the turn's transaction.
func (rows *turnRows) save(t *tx) error {
	rows.duplicate, rows.made = false, nil
	key := rows.key
	if rows.inputKey != "" {
		n, err := t.count(insertInputKey, key.RepositoryID, key.Host, rows.inputKey, rows.now)
		if err != nil {
			return err
		}
		if n == 0 {
			rows.duplicate = true
			return rows.finish(t)
		}
	}
	lane, head, err := rows.claimLane(t)
	if err != nil {
		return err
	}
	for _, c := range rows.holds {
		granted := false
		if _, err := t.get(selectGranted, []any{c.Execution, c.Stage, c.Environment, key.RepositoryID}, &granted); err != nil {
			return err
		}
		if !granted {
			rows.duplicate = true
			return rows.finish(t)
		}
		locked := false
		if _, err := t.get(selectLocked, []any{key.RepositoryID, key.Host, c.Environment}, &locked); err != nil {
			return err
		}
		if locked {
			return pipeline.Errorf(pipeline.Conflict, "environment %s is locked: %w", c.Environment, pipeline.ErrStale)
		}
	}
	for _, d := range rows.definitions {
		if _, err := t.exec(insertDefinition, key.RepositoryID, d.digest, d.doc, rows.now); err != nil {
			return err
		}
	}
	for i := range rows.runs {
		if err := rows.saveRun(t, lane, &rows.runs[i]); err != nil {
			return err
		}
	}
	if err := head.append(t, lane, key.RepositoryID, rows.events); err != nil {
		return err
	}
	if err := rows.saveDoors(t); err != nil {
		return err
	}
	if err := rows.saveLockouts(t); err != nil {
		return err
	}
	if err := rows.saveClaims(t); err != nil {
		return err
	}
	if err := insertOrders(t, rows.orders); err != nil {
		return err
	}
	if err := insertOrders(t, rows.made); err != nil {
		return err
	}
	if err := rows.finish(t); err != nil {
		return err
	}
	_, err = t.exec(updateLane, rows.version+1, rows.ledger, head.seq, head.hash, rows.now, lane)
	return err
}

// claimLane finds or makes the lane's row and holds the turn against its
// version.
func (rows *turnRows) claimLane(t *tx) (lane int64, head chainHead, err error) {
	key := rows.key
	var version int64
	ok, err := t.get(selectLaneHead, []any{key.RepositoryID, key.Host, rows.lane, key.Pipeline}, &lane, &version, &head.seq, &head.hash)
	if err != nil {
		return 0, head, err
	}
	if version != rows.version {
		return 0, head, pipeline.Errorf(pipeline.Conflict, "version %d is stored, not %d: %w", version, rows.version, pipeline.ErrStale)
	}
	if ok {
		return lane, head, nil
	}
	head = newChain(key)
	res, err := t.exec(insertLane, key.RepositoryID, key.Host, rows.lane, key.Pipeline, head.hash)
	if err != nil {
		return 0, head, err
	}
	lane, err = res.LastInsertId()
	return lane, head, err
}

func (rows *turnRows) saveRun(t *tx, lane int64, run *runRow) error {
	key := rows.key
	if !run.isNew {
		n, err := t.count(updateRun, rows.now, run.position, run.status, run.ended, run.openGates, run.sha, run.updatedAt, run.doc,
			run.id, key.RepositoryID, lane, run.number)
		if err == nil && n == 0 {
			return pipeline.Errorf(pipeline.Invalid, "execution %s has the number %d, but no such run of the lane is stored", run.id, run.number)
		}
		return err
	}
	if err := rows.checkDefinition(t, run); err != nil {
		return err
	}
	var pipelineID int64
	if _, err := t.get(nextNumber, []any{key.RepositoryID, key.Host, key.Pipeline}, &pipelineID, &run.number); err != nil {
		return err
	}
	n, err := t.count(insertRun, run.id, key.RepositoryID, key.Host, pipelineID, lane, run.number, run.position, run.status, run.ended,
		run.openGates, run.sha, rows.db.untold(), rows.now, run.createdAt, run.updatedAt, run.doc)
	if err == nil && n == 0 {
		return pipeline.Errorf(pipeline.Conflict, "execution %s has no number, but a run of that id is stored", run.id)
	}
	return err
}

// checkDefinition refuses a new run whose definition nobody could find again.
func (rows *turnRows) checkDefinition(t *tx, run *runRow) error {
	if _, stored := rows.db.definitions.get(definitionKey{rows.key.RepositoryID, run.definition}); stored || run.definition == "" {
		return nil
	}
	var one int
	ok, err := t.get(hasDefinition, []any{rows.key.RepositoryID, run.definition}, &one)
	if err == nil && !ok {
		return pipeline.Errorf(pipeline.Invalid, "execution %s: definition %s is neither stored nor part of the turn", run.id, run.definition)
	}
	return err
}

// finish removes the order that the turn ends.
func (rows *turnRows) finish(t *tx) error {
	if rows.done == "" {
		return nil
	}
	_, err := t.exec(deleteOrder, rows.done)
	return err
}
