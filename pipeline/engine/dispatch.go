package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// dispatch hands orders to the hands of their sort until ctx ends. A sort whose
// hands are all busy keeps its orders in line without holding up the others.
func (e *Engine) dispatch(ctx context.Context) error {
	deliveries := e.newLine(e.Deliveries)
	actions := e.newLine(e.Actions)
	defer deliveries.close()
	defer actions.close()
	for {
		order, err := e.Store.NextOrder(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("next order: %w", err)
		case order.Kind == pipeline.HandleDelivery:
			deliveries.add(order)
		default:
			actions.add(order)
		}
	}
}

// line is the orders of one sort that wait for a hand.
type line struct {
	orders chan pipeline.Order
	queue  chan pipeline.Order
	done   chan struct{}
}

func (e *Engine) newLine(hands int) *line {
	l := &line{orders: make(chan pipeline.Order), queue: make(chan pipeline.Order), done: make(chan struct{})}
	go l.pump()
	for range hands {
		e.hands.Add(1)
		go func() {
			defer e.hands.Done()
			for order := range l.queue {
				e.carryOut(order)
			}
		}()
	}
	return l
}

func (l *line) add(order pipeline.Order) { l.orders <- order }

// close lets no hand take another order: what waits is found after the restart.
func (l *line) close() {
	close(l.orders)
	<-l.done
}

func (l *line) pump() {
	defer close(l.done)
	defer close(l.queue)
	var waiting []pipeline.Order
	for {
		var out chan pipeline.Order
		var first pipeline.Order
		if len(waiting) > 0 {
			out, first = l.queue, waiting[0]
		}
		select {
		case order, open := <-l.orders:
			if !open {
				return
			}
			waiting = append(waiting, order)
		case out <- first:
			waiting = waiting[1:]
		}
	}
}

// carryOut does what an order says, and gives it back if that did not work.
func (e *Engine) carryOut(order pipeline.Order) {
	ctx := e.life
	err := e.do(ctx, order)
	if err == nil || ctx.Err() != nil {
		return
	}
	order.Attempts++
	log := e.Logger.With("order", order.Kind, "id", order.ID, "attempts", order.Attempts, "error", err)
	if e.outOfTries(order, err) {
		log.Error("order given up")
		e.saved(log, func() error { return e.giveUp(ctx, order, err) })
		return
	}
	delay := backOff(order.Attempts, err)
	log.Warn("order will be tried again", "in", delay.Round(time.Millisecond).String())
	e.saved(log, func() error { return e.Store.RetryOrder(ctx, order.ID, e.Now().Add(delay), err) })
}

// saved repeats what gives an order out of our hands until the store has it: on a
// full disk too, or nobody would look at the order before the next start. It keeps
// its hand busy, which could do nothing else meanwhile.
func (e *Engine) saved(log *slog.Logger, save func() error) {
	for delay := firstDelay; ; delay = min(2*delay, maxSaveDelay) {
		err := save()
		if err == nil || e.life.Err() != nil {
			return
		}
		log.Error("order could not be given back; trying again", "trouble", err)
		select {
		case <-time.After(delay):
		case <-e.leaving:
			return
		}
	}
}

func (e *Engine) do(ctx context.Context, order pipeline.Order) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s %s: panic: %v", order.Kind, order.ID, r)
		}
	}()
	switch order.Kind {
	case pipeline.HandleDelivery:
		var payload pipeline.DeliveryOrder
		if err := json.Unmarshal(order.Payload, &payload); err != nil {
			return fmt.Errorf("%s %s: payload: %w", order.Kind, order.ID, err)
		}
		return e.HandleDelivery(ctx, order, payload.Delivery)
	case pipeline.WakeLane:
		if order.Due.After(e.Now()) { // the clock was set back since it came due: the deadline is still to come
			return e.Store.RetryOrder(ctx, order.ID, order.Due, nil)
		}
		var payload pipeline.LaneOrder
		if err := json.Unmarshal(order.Payload, &payload); err != nil {
			return fmt.Errorf("%s %s: payload: %w", order.Kind, order.ID, err)
		}
		_, err := e.turn(ctx, turn{lane: payload.Key, input: pipeline.Wake{}, done: order.ID})
		return err
	case pipeline.StartAction, pipeline.CheckActions, pipeline.StopAction:
		var payload pipeline.ActionOrder
		if err := json.Unmarshal(order.Payload, &payload); err != nil {
			return fmt.Errorf("%s %s: payload: %w", order.Kind, order.ID, err)
		}
		return e.doAction(ctx, order, payload)
	case pipeline.ReadRules:
		return e.readRules(ctx, order)
	case pipeline.GrantEnvironment:
		var payload pipeline.StageOrder
		if err := json.Unmarshal(order.Payload, &payload); err != nil {
			return fmt.Errorf("%s %s: payload: %w", order.Kind, order.ID, err)
		}
		_, err := e.turn(ctx, turn{lane: payload.Key, done: order.ID,
			input: pipeline.EnvironmentGranted{ExecutionID: payload.Execution, Stage: payload.Stage}})
		if errors.Is(err, pipeline.ErrDuplicate) { // it was given back meanwhile
			return nil
		}
		return err
	case pipeline.StartRollback:
		var payload pipeline.RollbackOrder
		if err := json.Unmarshal(order.Payload, &payload); err != nil {
			return fmt.Errorf("%s %s: payload: %w", order.Kind, order.ID, err)
		}
		_, err := e.turn(ctx, turn{lane: payload.Key, done: order.ID, input: pipeline.RollbackStage{
			ExecutionID: payload.Execution, Failed: payload.Failed, Stage: payload.Stage, Target: payload.Target}})
		if errors.Is(err, pipeline.ErrDuplicate) { // it has begun, or is not wanted any more
			return e.Store.CompleteOrder(ctx, order.ID)
		}
		return err
	}
	return fmt.Errorf("order %s: unknown kind %q", order.ID, order.Kind)
}

// How long and how often orders are tried. What is merely unavailable (a forge
// that is down) is tried for a day; what goes wrong otherwise is given up soon.
const (
	maxTries       = 8
	unavailableFor = 24 * time.Hour
	firstDelay     = 250 * time.Millisecond
	maxDelay       = time.Minute
	maxSaveDelay   = 5 * time.Second // while nothing can be saved
)

func (e *Engine) outOfTries(order pipeline.Order, err error) bool {
	switch {
	case order.Kind == pipeline.CheckActions || order.Kind == pipeline.WakeLane,
		order.Kind == pipeline.GrantEnvironment || order.Kind == pipeline.StartRollback || order.Kind == pipeline.ReadRules:
		return false // looking again costs nothing and loses nothing
	case order.Kind == pipeline.HandleDelivery && pipeline.KindOf(err) == pipeline.Unavailable:
		return e.Now().Sub(order.CreatedAt) > unavailableFor
	}
	return order.Attempts >= maxTries
}

// backOff doubles with each try, a little at random so that what failed together
// is not tried together; a forge that says when to come back is believed.
func backOff(attempts int, err error) time.Duration {
	delay := min(firstDelay<<min(attempts-1, 16), maxDelay)
	delay += time.Duration(rand.Int64N(int64(delay)/4 + 1))
	var says interface{ RetryAfter() time.Duration }
	if errors.As(err, &says) && says.RetryAfter() > delay {
		return says.RetryAfter()
	}
	return delay
}

func (e *Engine) giveUp(ctx context.Context, order pipeline.Order, cause error) error {
	switch order.Kind {
	case pipeline.StartAction, pipeline.StopAction:
		var payload pipeline.ActionOrder
		if err := json.Unmarshal(order.Payload, &payload); err == nil {
			return e.giveUpAction(ctx, order, payload, cause)
		}
	case pipeline.HandleDelivery:
		var payload pipeline.DeliveryOrder
		if err := json.Unmarshal(order.Payload, &payload); err == nil && e.BuryDelivery != nil {
			e.BuryDelivery(ctx, payload.Delivery, cause)
		}
	}
	return e.Store.BuryOrder(ctx, order.ID, cause)
}
