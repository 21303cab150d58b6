package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// skip evaluates the runIf or skipIf of an action that is to start. It returns a
// sentence if the action does not run, or a refusal if that cannot be told.
func skip(run *pipeline.Execution, stage string, when pipeline.When) (sentence string, refusal *provider.Refusal) {
	text, name := when.RunIf, "runIf"
	if when.SkipIf != "" {
		text, name = when.SkipIf, "skipIf"
	}
	if text == "" {
		return "", nil
	}
	expression, err := condition.Compile(text)
	if err == nil {
		var yes bool
		if yes, err = expression.Eval(condition.FactsOf(run, stage)); err == nil {
			if yes == (name == "skipIf") {
				return fmt.Sprintf("%s: %s", name, text), nil
			}
			return "", nil
		}
	}
	return "", &provider.Refusal{FailureType: pipeline.ConfigurationError, Reason: fmt.Sprintf("%s: %v", name, err)}
}

// expression carries out a rule that is the runIf or skipIf of a stage.
func (e *Engine) expression(ctx context.Context, a *attempt, orderID string) error {
	text := a.job.Action.Configuration
	sentence, refusal := skip(a.execution, a.job.Stage, pipeline.When{RunIf: text["runIf"], SkipIf: text["skipIf"]})
	end := provider.Progress{Status: pipeline.ActionSucceeded}
	switch {
	case refusal != nil:
		end = provider.Progress{Status: pipeline.ActionFailed, FailureType: refusal.FailureType, Summary: refusal.Reason}
	case sentence != "":
		end = provider.Progress{Status: pipeline.ActionFailed, FailureType: pipeline.JobFailed, Summary: sentence}
	}
	return e.endAttempt(ctx, a, orderID, end)
}

// expired reports whether the time that a rule has is over. Providers mind the
// time of actions themselves; a rule that only waits has none.
func expired(a *attempt, now time.Time) bool {
	return a.action.Block != "" && !a.job.Deadline.IsZero() && !now.Before(a.job.Deadline)
}
