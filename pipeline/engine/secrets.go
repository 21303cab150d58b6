package engine

import (
	"context"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/secret"
)

// Secrets is where the values come from that actions name. Its methods may be
// called at once from many goroutines.
type Secrets interface {
	// Values returns the values if all may be used. Kind Forbidden names the rule
	// that refuses one; any other error means that it can be tried again.
	Values(ctx context.Context, use secret.Use) (map[string]string, error)
	// Known returns them for masking, whoever may use them.
	Known(ctx context.Context, names []string) (map[string]string, error)
}

// secrets gives an attempt the values that it names. Whether it may have them is
// decided before it is launched; later they are only needed to mask what it says,
// and an attempt that cannot be masked is not looked at.
func (e *Engine) secrets(ctx context.Context, a *attempt, environment string) (err error) {
	names := a.job.Action.Secrets
	if e.Secrets == nil {
		a.refusal = &provider.Refusal{FailureType: pipeline.PermissionError, Reason: "no secret is available here: " + names[0]}
		return nil
	}
	if len(a.action.Handle) > 0 {
		a.job.Secrets, err = e.Secrets.Known(ctx, names)
		return err
	}
	a.job.Secrets, err = e.Secrets.Values(ctx, secret.Use{
		Repository: a.execution.Repository, Lane: a.execution.Lane, Revision: a.execution.Revision,
		Environment: environment, Names: names,
	})
	if err != nil && pipeline.KindOf(err) == pipeline.Forbidden {
		a.refusal = &provider.Refusal{FailureType: pipeline.PermissionError, Reason: err.Error()}
		return nil
	}
	return err
}
