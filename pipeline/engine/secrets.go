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
	// Values returns what is asked for if all of it may be used. Kind Forbidden names
	// the rule that refuses; any other error means that it can be tried again.
	Values(ctx context.Context, use secret.Use) (secret.Given, error)
	// Known returns it for masking, whoever may use it.
	Known(ctx context.Context, use secret.Use) (secret.Given, error)
}

// secrets gives an attempt the secrets and the connection that it names. Whether
// it may have them is decided before it is launched; later they are only needed to
// mask what it says, and an attempt that cannot be masked is not looked at.
func (e *Engine) secrets(ctx context.Context, a *attempt, environment string) error {
	use := secret.Use{
		Repository: a.execution.Repository, Lane: a.execution.Lane, Revision: a.execution.Revision,
		Environment: environment, Names: a.job.Action.Secrets, Connection: a.job.Action.Connection,
	}
	if len(use.Names) == 0 && use.Connection == "" {
		return nil
	}
	if e.Secrets == nil {
		a.refusal = &provider.Refusal{FailureType: pipeline.PermissionError, Reason: "no secret and no connection is available here"}
		return nil
	}
	ask := e.Secrets.Values
	if len(a.action.Handle) > 0 {
		ask = e.Secrets.Known
	}
	given, err := ask(ctx, use)
	if pipeline.KindOf(err) == pipeline.Forbidden && err != nil {
		a.refusal = &provider.Refusal{FailureType: pipeline.PermissionError, Reason: err.Error()}
		return nil
	}
	a.job.Secrets, a.job.Connection = given.Secrets, given.Connection
	return err
}
