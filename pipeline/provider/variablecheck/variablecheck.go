// Package variablecheck is the rule that compares a variable with a value. It
// keeps no state and asks nobody.
package variablecheck

import (
	"context"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// Name is what a pipeline file calls this rule.
const Name = "VariableCheck"

// Info describes the rule. Its keys are those of AWS.
func Info() provider.Info {
	return provider.Info{
		ActionTypeInfo: pipeline.ActionTypeInfo{
			Name: Name, Owner: "AWS", Categories: []pipeline.Category{pipeline.CategoryRule},
			Properties: []pipeline.ConfigurationProperty{
				{Name: "Variable", Type: "String", Required: true, Description: "what is compared: #{namespace.key}"},
				{Name: "Value", Type: "String", Required: true, Description: "what it is compared with"},
				{Name: "Operator", Type: "String", Required: true, Values: condition.Operators(), Description: "MATCHES is a regular expression that the whole variable fits"},
			},
			RunsOnThisHost: true,
		},
		New: func(provider.Env) (provider.Provider, error) { return check{}, nil },
	}
}

type check struct{}

// Start has nothing to launch.
func (check) Start(context.Context, provider.Job) (provider.Handle, error) {
	return provider.Handle(`{"v":1}`), nil
}

// Poll compares: the same job always has the same answer.
func (check) Poll(_ context.Context, job provider.Job, _ provider.Handle) (provider.Progress, error) {
	c := job.Action.Configuration
	ok, err := condition.Check(c["Operator"], c["Variable"], c["Value"])
	switch {
	case err != nil:
		return provider.Progress{Status: pipeline.ActionFailed, FailureType: pipeline.ConfigurationError, Summary: err.Error()}, nil
	case !ok:
		return provider.Progress{Status: pipeline.ActionFailed, FailureType: pipeline.JobFailed,
			Summary: fmt.Sprintf("%q is not %s %q", c["Variable"], c["Operator"], c["Value"])}, nil
	}
	return provider.Progress{Status: pipeline.ActionSucceeded, Summary: fmt.Sprintf("%q is %s %q", c["Variable"], c["Operator"], c["Value"])}, nil
}

// Stop has nothing to stop.
func (check) Stop(context.Context, provider.Job, provider.Handle) error { return nil }
