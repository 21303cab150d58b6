package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// pinnedRules are those of the run's own file: of a local run, where nobody is above
// the file.
func (e *Engine) pinnedRules(_ context.Context, run *pipeline.Execution, definition *pipeline.Pipeline, stage, attempt string) (pipeline.Reading, error) {
	reading := pipeline.Reading{Until: e.Now().Add(time.Hour)}
	declared := definition.Stage(stage)
	if attempt != "" {
		if _, a := run.FindAction(attempt); a != nil {
			reading.Policy = declared.Action(a.Name).Approval
		}
		return reading, nil
	}
	for _, environment := range definition.Environments {
		if environment.Name == declared.Environment {
			reading.Policy, reading.URL = environment.Approval, environment.URL
		}
	}
	return reading, nil
}

// readRules carries out an order for a reading. It is tried until it succeeds;
// meanwhile people are told why it does not.
func (e *Engine) readRules(ctx context.Context, order pipeline.Order) error {
	var payload pipeline.RulesOrder
	if err := json.Unmarshal(order.Payload, &payload); err != nil {
		return fmt.Errorf("%s %s: payload: %w", order.Kind, order.ID, err)
	}
	state, err := e.Store.LoadState(ctx, payload.Key, payload.Execution)
	if err != nil {
		return fmt.Errorf("execution %s: load: %w", payload.Execution, err)
	}
	run := state.Execution(payload.Execution)
	if run == nil || run.Status.Ended() || state.Definition(run).Stage(payload.Stage) == nil {
		return e.Store.CompleteOrder(ctx, order.ID)
	}
	input := pipeline.RulesRead{ExecutionID: payload.Execution, Stage: payload.Stage, AttemptID: payload.Attempt, Asked: payload.Asked}
	input.Reading, err = e.ReadRules(ctx, run, state.Definition(run), payload.Stage, payload.Attempt)
	if err == nil {
		_, err = e.turn(ctx, turn{lane: payload.Key, input: input, done: order.ID})
		return err
	}
	if ctx.Err() != nil {
		return err
	}
	input.Reading = pipeline.Reading{Trouble: err.Error()}
	if _, wrong := e.turn(ctx, turn{lane: payload.Key, input: input}); wrong != nil {
		return errors.Join(err, wrong)
	}
	return err
}
