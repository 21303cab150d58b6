package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// recover looks at every attempt in progress once, at start-up: what ended while
// nobody was there is told now, and what still runs can wake the engine again.
// Everything else that a crash left behind is an open order, and comes by itself.
func (e *Engine) recover(ctx context.Context) error {
	orders, err := e.Store.OpenOrders(ctx, pipeline.CheckActions)
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	for _, order := range orders {
		var payload pipeline.ActionOrder
		if err := json.Unmarshal(order.Payload, &payload); err != nil {
			return fmt.Errorf("recover: order %s: payload: %w", order.ID, err)
		}
		e.watched.add(payload, order.ID)
		e.Wake(payload.Attempt)
	}
	if len(orders) > 0 {
		e.Logger.Info("taking up actions in progress", "actions", len(orders))
	}
	return nil
}
