package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// attempt is one attempt of an action as it was last saved.
type attempt struct {
	order     pipeline.ActionOrder
	execution *pipeline.Execution
	action    *pipeline.ActionExecution
	provider  provider.Provider
	job       provider.Job
	refusal   *provider.Refusal // why there is no job to start
}

// load reads an attempt. It is nil if the attempt is over or unknown.
func (e *Engine) load(ctx context.Context, order pipeline.ActionOrder) (*attempt, error) {
	state, err := e.Store.LoadState(ctx, order.Key, order.Execution)
	if err != nil {
		return nil, fmt.Errorf("execution %s: load: %w", order.Execution, err)
	}
	run := state.Execution(order.Execution)
	if run == nil {
		return nil, nil
	}
	stage, action := run.FindAction(order.Attempt)
	definition := state.Definition(run)
	if action == nil || action.Status.Ended() || definition == nil {
		return nil, nil
	}
	a := &attempt{order: order, execution: run, action: action}
	a.job, a.refusal = newJob(run, definition, stage, action)
	if a.refusal == nil {
		if err := e.secrets(ctx, a, definition.Stage(stage.Name).Environment); err != nil {
			return nil, fmt.Errorf("attempt %s: %w", action.ID, err)
		}
	}
	a.provider = e.Providers[a.job.Action.Type.Provider]
	if a.provider == nil && a.refusal == nil && !a.withoutProvider() {
		a.refusal = &provider.Refusal{
			FailureType: pipeline.ConfigurationError,
			Reason:      fmt.Sprintf("this server has no provider %q", a.job.Action.Type.Provider),
		}
	}
	return a, nil
}

// withoutProvider reports whether the engine carries the attempt out itself: an
// expression, or a gate that one lets be asked.
func (a *attempt) withoutProvider() bool {
	return a.job.Action.Type.Provider == pipeline.ExpressionRule || a.job.Action.IsApproval()
}

// doAction carries out an order about an attempt.
func (e *Engine) doAction(ctx context.Context, order pipeline.Order, payload pipeline.ActionOrder) error {
	defer e.attempts.lock(payload.Attempt)()
	a, err := e.load(ctx, payload)
	if err != nil {
		return err
	}
	if a == nil {
		e.watched.remove(payload.Attempt)
		return e.Store.CompleteOrder(ctx, order.ID)
	}
	switch {
	case a.refusal != nil:
		return e.endAttempt(ctx, a, order.ID, provider.Progress{
			Status: pipeline.ActionFailed, FailureType: a.refusal.FailureType, Summary: a.refusal.Reason,
		})
	case order.Kind == pipeline.StartAction && a.execution.Stop != nil:
		return e.neverStart(ctx, a, order.ID)
	case order.Kind == pipeline.StartAction && e.pause.hold(order, payload.Execution):
		return e.unlessStopped(ctx, payload)
	case a.job.Action.Type.Provider == pipeline.ExpressionRule:
		return e.expression(ctx, a, order.ID)
	case order.Kind == pipeline.StartAction:
		return e.start(ctx, a, order.ID)
	case order.Kind == pipeline.StopAction:
		return e.stop(ctx, a, order.ID)
	}
	return e.check(ctx, a, order.ID)
}

// start launches the job and notes when to look at it.
func (e *Engine) start(ctx context.Context, a *attempt, orderID string) error {
	switch sentence, refusal := skip(a.execution, a.job.Stage, a.job.Action.When); {
	case refusal != nil:
		return e.endAttempt(ctx, a, orderID, provider.Progress{
			Status: pipeline.ActionFailed, FailureType: refusal.FailureType, Summary: refusal.Reason,
		})
	case sentence != "":
		return e.endAttempt(ctx, a, orderID, provider.Progress{Status: pipeline.ActionSkipped, Summary: sentence})
	case a.job.Action.IsApproval():
		_, err := e.turn(ctx, turn{
			lane: a.order.Key, done: orderID,
			input: pipeline.ActionLaunched{ExecutionID: a.order.Execution, AttemptID: a.order.Attempt},
		})
		return err
	}
	check := pipeline.Order{
		ID: pipeline.NewID(e.Now()), RepositoryID: a.order.Key.RepositoryID,
		Kind: pipeline.CheckActions, Due: e.Now().Add(e.PollEvery), CreatedAt: e.Now(),
	}
	if a.action.Block != "" { // a rule may have its answer at once
		check.Due = check.CreatedAt
	}
	payload, err := json.Marshal(a.order)
	if err != nil {
		return fmt.Errorf("attempt %s: payload: %w", a.job.ID, err)
	}
	check.Payload = payload
	e.watched.add(a.order, check.ID) // before Start: its end may come at once

	handle, err := a.provider.Start(ctx, a.job)
	var refusal *provider.Refusal
	if errors.As(err, &refusal) {
		return e.endAttempt(ctx, a, orderID, provider.Progress{
			Status: pipeline.ActionFailed, FailureType: refusal.FailureType, Summary: refusal.Reason,
		})
	}
	if err != nil {
		return fmt.Errorf("attempt %s: start: %w", a.job.ID, err)
	}
	_, err = e.turn(ctx, turn{
		lane: a.order.Key, done: orderID,
		input: pipeline.ActionLaunched{ExecutionID: a.order.Execution, AttemptID: a.order.Attempt, Handle: handle},
		also: func(d machine.Decision) []pipeline.Order {
			if run := d.State.Execution(a.order.Execution); run != nil {
				if _, action := run.FindAction(a.order.Attempt); action != nil && !action.Status.Ended() {
					return []pipeline.Order{check}
				}
			}
			return nil
		},
	})
	return err
}

// neverStart ends an attempt whose run was stopped before it was launched. The
// provider is told too: a crash may have come after its start.
func (e *Engine) neverStart(ctx context.Context, a *attempt, orderID string) error {
	if a.withoutProvider() {
		return e.endAttempt(ctx, a, orderID, provider.Progress{Status: pipeline.ActionAbandoned, Summary: "stopped before it began"})
	}
	if err := a.provider.Stop(ctx, a.job, a.action.Handle); err != nil {
		return fmt.Errorf("attempt %s: stop before its start: %w", a.job.ID, err)
	}
	return e.endAttempt(ctx, a, orderID, provider.Progress{
		Status: pipeline.ActionAbandoned, Summary: "stopped before it began",
	})
}

// stop asks the provider to end the job. Its end is told by check.
func (e *Engine) stop(ctx context.Context, a *attempt, orderID string) error {
	if a.withoutProvider() {
		return e.endAttempt(ctx, a, orderID, provider.Progress{Status: pipeline.ActionAbandoned, Summary: "stopped"})
	}
	if err := a.provider.Stop(ctx, a.job, a.action.Handle); err != nil {
		return fmt.Errorf("attempt %s: stop: %w", a.job.ID, err)
	}
	progress, err := a.provider.Poll(ctx, a.job, a.action.Handle)
	if err != nil {
		return fmt.Errorf("attempt %s: poll after stop: %w", a.job.ID, err)
	}
	if progress.Status.Ended() {
		return e.endAttempt(ctx, a, orderID, progress)
	}
	if !e.watched.has(a.order.Attempt) {
		e.watched.add(a.order, orderID)
	}
	return e.Store.RetryOrder(ctx, orderID, e.Now().Add(time.Second), nil)
}

// check looks how far a job is. orderID is its open CheckActions order.
func (e *Engine) check(ctx context.Context, a *attempt, orderID string) error {
	e.watched.add(a.order, orderID)
	progress, err := a.provider.Poll(ctx, a.job, a.action.Handle)
	if err != nil {
		return fmt.Errorf("attempt %s: poll: %w", a.job.ID, err)
	}
	if progress.Status.Ended() {
		return e.endAttempt(ctx, a, orderID, progress)
	}
	if expired(a, e.Now()) {
		if err := a.provider.Stop(ctx, a.job, a.action.Handle); err != nil {
			return fmt.Errorf("attempt %s: stop after its time: %w", a.job.ID, err)
		}
		return e.endAttempt(ctx, a, orderID, provider.Progress{
			Status: pipeline.ActionFailed, FailureType: pipeline.TimedOut, Summary: fmt.Sprintf("not so within %s: %s", a.job.Action.Timeout, progress.Summary),
		})
	}
	if err := e.noteProgress(ctx, a, progress); err != nil {
		return err
	}
	again := progress.AskAgain
	if again <= 0 {
		again = e.PollEvery
	}
	if left := a.job.Deadline.Sub(e.Now()); a.action.Block != "" && !a.job.Deadline.IsZero() {
		again = min(again, max(left, time.Millisecond))
	}
	return e.Store.RetryOrder(ctx, orderID, e.Now().Add(again), nil)
}

func (e *Engine) noteProgress(ctx context.Context, a *attempt, p provider.Progress) error {
	if p.Percent == a.action.Percent && p.Summary == a.action.Summary && p.URL == a.action.URL {
		return nil
	}
	_, err := e.turn(ctx, turn{lane: a.order.Key, input: pipeline.ActionProgressed{
		ExecutionID: a.order.Execution, AttemptID: a.order.Attempt,
		Percent: p.Percent, Summary: p.Summary, URL: p.URL,
	}})
	return err
}

// endAttempt saves the end of an attempt, finishes the order, and lets the
// provider tidy up.
func (e *Engine) endAttempt(ctx context.Context, a *attempt, orderID string, p provider.Progress) error {
	_, err := e.turn(ctx, turn{lane: a.order.Key, done: orderID, input: pipeline.ActionEnded{
		ExecutionID: a.order.Execution, AttemptID: a.order.Attempt, Status: p.Status, FailureType: p.FailureType,
		Summary: p.Summary, URL: p.URL, Variables: p.Variables, Artifacts: p.Artifacts,
	}})
	if err != nil {
		return err
	}
	e.watched.remove(a.order.Attempt)
	if remover, ok := a.provider.(provider.Remover); ok {
		if err := remover.Remove(ctx, a.job, a.action.Handle); err != nil {
			e.Logger.Warn("job not removed", "action", a.job.ID, "error", err)
		}
	}
	return nil
}

// giveUpAction ends an attempt that could not be started or stopped.
func (e *Engine) giveUpAction(ctx context.Context, order pipeline.Order, payload pipeline.ActionOrder, cause error) error {
	defer e.attempts.lock(payload.Attempt)()
	input := pipeline.ActionEnded{
		ExecutionID: payload.Execution, AttemptID: payload.Attempt,
		Status: pipeline.ActionFailed, FailureType: pipeline.SystemUnavailable,
		Summary: fmt.Sprintf("could not be started after %d tries: %v", order.Attempts, cause),
	}
	if order.Kind == pipeline.StopAction {
		input.Status = pipeline.ActionAbandoned
		input.Summary = fmt.Sprintf("left behind: it could not be stopped after %d tries: %v", order.Attempts, cause)
	}
	_, err := e.turn(ctx, turn{lane: payload.Key, input: input, done: order.ID})
	return err
}

// Wake tells that a job may have moved: it is polled soon. Unknown ids are
// ignored; it never blocks on the job.
func (e *Engine) Wake(attemptID string) {
	watched, ok := e.watched.get(attemptID)
	e.ending.RLock()
	defer e.ending.RUnlock()
	if !ok || e.ended {
		return
	}
	e.hands.Add(1)
	go func() {
		defer e.hands.Done()
		e.checkNow(watched)
	}()
}

// checkNow polls an attempt outside of its order's time. The order stays where
// it is unless the attempt has ended.
func (e *Engine) checkNow(w watched) {
	defer e.attempts.lock(w.order.Attempt)()
	ctx := e.life
	a, err := e.load(ctx, w.order)
	if err == nil && a != nil && a.refusal == nil {
		var progress provider.Progress
		progress, err = a.provider.Poll(ctx, a.job, a.action.Handle)
		switch {
		case err != nil:
		case progress.Status.Ended():
			err = e.endAttempt(ctx, a, w.orderID, progress)
		default:
			err = e.noteProgress(ctx, a, progress)
		}
	}
	if err != nil && ctx.Err() == nil {
		e.Logger.Warn("poll", "action", w.order.Attempt, "error", err)
	}
}

// watchList knows the attempts in progress and the order that will check each.
// Its zero value is ready.
type watchList struct {
	mu   sync.Mutex
	list map[string]watched
}

type watched struct {
	order   pipeline.ActionOrder
	orderID string
}

func (l *watchList) add(order pipeline.ActionOrder, orderID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list == nil {
		l.list = map[string]watched{}
	}
	l.list[order.Attempt] = watched{order, orderID}
}

func (l *watchList) get(attemptID string) (watched, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, ok := l.list[attemptID]
	return w, ok
}

func (l *watchList) has(attemptID string) bool { _, ok := l.get(attemptID); return ok }

func (l *watchList) remove(attemptID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.list, attemptID)
}
