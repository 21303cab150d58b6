package storagetest

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// SaveTurn implements pipeline.Store.
func (m *Memory) SaveTurn(ctx context.Context, turn *pipeline.Turn) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, "SaveTurn"); err != nil {
		return err
	}
	inputKey := definitionKey(turn.Key, turn.Key.Host+" "+turn.InputKey)
	if turn.InputKey != "" && m.keys[inputKey] {
		delete(m.orders, turn.Done)
		return pipeline.Errorf(pipeline.Conflict, "input %q: %w", turn.InputKey, pipeline.ErrDuplicate)
	}
	lane := m.lanes[turn.Key]
	if lane == nil {
		lane = &memoryLane{}
	}
	if lane.version != turn.Version {
		return pipeline.Errorf(pipeline.Conflict, "version %d is stored, not %d: %w", lane.version, turn.Version, pipeline.ErrStale)
	}
	for _, c := range turn.Holds {
		if !m.granted(c) {
			delete(m.orders, turn.Done)
			return pipeline.Errorf(pipeline.Conflict, "environment %s: %w", c.Environment, pipeline.ErrDuplicate)
		}
		if m.locked(turn.Key, c.Environment) {
			return pipeline.Errorf(pipeline.Conflict, "environment %s is locked: %w", c.Environment, pipeline.ErrStale)
		}
	}
	if err := m.check(turn); err != nil {
		return err
	}
	m.lanes[turn.Key] = lane
	lane.version++
	lane.ledger = encode(turn.Ledger)
	for digest, p := range turn.Definitions {
		if key := definitionKey(turn.Key, digest); m.definitions[key] == nil {
			m.definitions[key] = encode(p)
		}
	}
	for _, e := range turn.Changed {
		m.saveRun(e)
	}
	for _, event := range turn.Events {
		event.Seq = int64(len(lane.events)) + 1
		var copied pipeline.Event
		must(json.Unmarshal(encode(event), &copied))
		lane.events = append(lane.events, copied)
	}
	m.saveDoors(turn)
	m.saveLockouts(turn)
	m.saveClaims(turn)
	for _, o := range turn.Orders {
		m.put(o)
	}
	delete(m.orders, turn.Done)
	if turn.InputKey != "" {
		m.keys[inputKey] = true
	}
	m.stir()
	return nil
}

// check refuses a turn that contradicts itself.
func (m *Memory) check(turn *pipeline.Turn) error {
	if turn.Key.RepositoryID == 0 || turn.Key.Pipeline == "" || turn.Key.Lane.Name == "" {
		return pipeline.Errorf(pipeline.Invalid, "a turn needs a repository, a pipeline and a lane")
	}
	for _, e := range turn.Changed {
		run := m.runs[e.ID]
		_, given := turn.Definitions[e.Definition]
		switch {
		case e.ID == "" || e.Key() != turn.Key:
			return pipeline.Errorf(pipeline.Invalid, "execution %q does not belong to the turn's lane", e.ID)
		case e.Number == 0 && run != nil:
			return pipeline.Errorf(pipeline.Conflict, "execution %s has no number, but a run of that id is stored", e.ID)
		case e.Number != 0 && (run == nil || run.key != turn.Key || run.number != e.Number):
			return pipeline.Errorf(pipeline.Invalid, "execution %s has the number %d, but no such run of the lane is stored", e.ID, e.Number)
		case e.Number == 0 && e.Definition != "" && !given && m.definitions[definitionKey(turn.Key, e.Definition)] == nil:
			return pipeline.Errorf(pipeline.Invalid, "execution %s: definition %s is neither stored nor part of the turn", e.ID, e.Definition)
		}
	}
	for _, o := range turn.Orders {
		if err := checkOrder(o); err != nil {
			return err
		}
	}
	return nil
}

func (m *Memory) saveRun(e *pipeline.Execution) {
	if e.Number == 0 {
		pipelineKey := e.Key()
		pipelineKey.Lane = pipeline.Lane{}
		m.numbers[pipelineKey]++
		e.Number = m.numbers[pipelineKey]
	}
	m.runs[e.ID] = &memoryRun{key: e.Key(), number: e.Number, ended: e.Status.Ended(), doc: encode(e)}
}

func checkOrder(o pipeline.Order) error {
	if o.Kind == "" || (len(o.Payload) > 0 && !json.Valid(o.Payload)) {
		return pipeline.Errorf(pipeline.Invalid, "order %q: a kind and a JSON payload are needed", o.ID)
	}
	return nil
}

func encode(v any) []byte {
	doc, err := json.Marshal(v)
	must(err)
	return slices.Clip(doc)
}
