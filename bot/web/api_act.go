package web

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// Commands does what people ask for. Each finds out at GitHub whether they may.
// Errors of kind Forbidden, Conflict, NotFound and Invalid carry a sentence for them;
// Unavailable means that it could not be found out. It may be called at once from
// many goroutines.
type Commands interface {
	// Ask gives an input to a lane.
	Ask(ctx context.Context, q pipeline.Request, r pipeline.Repository, lane pipeline.StateKey, input pipeline.Input) error
	// Vote brings a vote to a gate.
	Vote(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, v pipeline.Ballot) error
	// Withdraw takes the asker's vote on an open gate back: on the one that is named, or
	// the only one.
	Withdraw(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, gate string) error
	// Override opens a gate, or lets a run pass a freeze, against the rules.
	Override(ctx context.Context, q pipeline.Request, r pipeline.Repository, run *pipeline.Execution, gate, reason string) error
	// Lock locks an environment, or unlocks it. Environments lists them, each with its
	// lock.
	Lock(ctx context.Context, q pipeline.Request, r pipeline.Repository, environment string, locked bool, reason string) error
	Environments(ctx context.Context, r pipeline.Repository) ([]pipeline.EnvironmentLockout, error)
	// Start and Rollback return the id of the run that they start.
	Start(ctx context.Context, q pipeline.Request, r pipeline.Repository, w pipeline.Wish) (string, error)
	Rollback(ctx context.Context, q pipeline.Request, r pipeline.Repository, target *pipeline.Execution, stage, reason string) (string, error)
	// Door opens or closes the way into a stage, for one lane or, if it is zero, all.
	Door(ctx context.Context, q pipeline.Request, r pipeline.Repository, name string, lane pipeline.Lane, to pipeline.SetTransition) error
}

// asked is a call that does something to a run.
type asked struct {
	pipeline.Request
	repository pipeline.Repository
	run        *pipeline.Execution
}

// act does something to the run that the address names, and sends the run as it is
// then.
func (h *Handler) act(c echo.Context, wrong *fieldError, do func(context.Context, asked) error) error {
	q, wrongKey := h.request(c)
	if wrong = first(wrong, wrongKey); wrong != nil {
		return h.wrong(c, wrong)
	}
	e, err := h.execution(c)
	if err != nil {
		return h.apiMissing(c, "run", err)
	}
	ctx := c.Request().Context()
	r, err := h.Index.Repository(ctx, e.Repository.Host, e.Repository.ID)
	if err != nil {
		return h.apiMissing(c, "run", err)
	}
	if err := do(ctx, asked{q, r, e}); err != nil {
		return h.refused(c, err)
	}
	if e, err = h.Runs.Execution(ctx, e.ID); err != nil {
		return h.apiTrouble(c, err)
	}
	return h.sendRun(c, http.StatusOK, e)
}

func (h *Handler) stop(c echo.Context) error {
	var in api.Stop
	wrong := first(h.body(c, &in), text("reason", in.Reason, maxText))
	return h.act(c, wrong, func(ctx context.Context, a asked) error {
		reason := "stopped by " + a.By.Login
		if in.Reason != "" {
			reason += ": " + in.Reason
		}
		return h.Commands.Ask(ctx, a.Request, a.repository, a.run.Key(), pipeline.StopExecution{
			ExecutionID: a.run.ID, Abandon: in.Abandon, Reason: reason, By: a.By,
		})
	})
}

func (h *Handler) retry(c echo.Context) error {
	var in api.Retry
	wrong := first(h.body(c, &in), text("stage", in.Stage, maxText), oneOf("mode", in.Mode, "", string(pipeline.RetryFailedActions), string(pipeline.RetryAllActions)))
	return h.act(c, wrong, func(ctx context.Context, a asked) error {
		return h.Commands.Ask(ctx, a.Request, a.repository, a.run.Key(), pipeline.RetryStage{
			ExecutionID: a.run.ID, Stage: in.Stage, Mode: pipeline.RetryMode(in.Mode), By: a.By,
		})
	})
}

func (h *Handler) approve(c echo.Context) error { return h.decide(c, pipeline.Approve) }
func (h *Handler) reject(c echo.Context) error  { return h.decide(c, pipeline.Reject) }

var shaPrefix = regexp.MustCompile(`^([0-9a-fA-F]{7,64})?$`)

func (h *Handler) decide(c echo.Context, verdict pipeline.Verdict) error {
	var in api.Decision
	wrong := first(h.body(c, &in), text("gate", in.Gate, maxText), text("reason", in.Reason, maxText))
	switch {
	case wrong != nil:
	case verdict == pipeline.Reject:
		wrong = required("reason", in.Reason, maxText)
	case !shaPrefix.MatchString(in.SHA):
		wrong = &fieldError{"sha", strconv.Quote(in.SHA) + " is not a commit id or its beginning of at least 7 digits", nil}
	}
	return h.act(c, wrong, func(ctx context.Context, a asked) error {
		return h.Commands.Vote(ctx, a.Request, a.repository, a.run, pipeline.Ballot{Gate: in.Gate, SHA: in.SHA, Verdict: verdict, Reason: in.Reason})
	})
}

func (h *Handler) unapprove(c echo.Context) error {
	var in api.Withdrawal
	wrong := first(h.body(c, &in), text("gate", in.Gate, maxText))
	return h.act(c, wrong, func(ctx context.Context, a asked) error {
		return h.Commands.Withdraw(ctx, a.Request, a.repository, a.run, in.Gate)
	})
}

// override is about a gate, or else about a condition.
func (h *Handler) override(c echo.Context) error {
	var in api.Override
	wrong := first(h.body(c, &in), required("reason", in.Reason, maxText))
	switch {
	case wrong != nil:
	case in.Gate == "":
		wrong = first(required("stage", in.Stage, maxText),
			oneOf("condition", in.Condition, string(pipeline.BlockBeforeEntry), string(pipeline.BlockOnSuccess)))
	case in.Stage != "" || in.Condition != "":
		wrong = &fieldError{"gate", "is sent with a stage or a condition: an override is of a gate, or of a condition", nil}
	default:
		wrong = text("gate", in.Gate, maxText)
	}
	return h.act(c, wrong, func(ctx context.Context, a asked) error {
		if in.Gate != "" {
			return h.Commands.Override(ctx, a.Request, a.repository, a.run, in.Gate, in.Reason)
		}
		return h.Commands.Ask(ctx, a.Request, a.repository, a.run.Key(), pipeline.OverrideCondition{
			ExecutionID: a.run.ID, Stage: in.Stage, Block: pipeline.ConditionBlock(in.Condition), By: a.By, Reason: in.Reason,
		})
	})
}

// oneOf checks a field that has few values; "" among them means that it may be left
// out.
func oneOf(field, value string, allowed ...string) *fieldError {
	if slices.Contains(allowed, value) {
		return nil
	}
	allowed = slices.DeleteFunc(allowed, func(s string) bool { return s == "" })
	return &fieldError{field, strconv.Quote(value) + " is not one of " + strings.Join(allowed, ", "), allowed}
}
