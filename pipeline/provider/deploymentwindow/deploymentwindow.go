// Package deploymentwindow is the rule that waits until a window of time is open.
// It keeps no state; a window that has been found open stays passed.
package deploymentwindow

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// Name is what a pipeline file calls this rule.
const Name = "DeploymentWindow"

// Info describes the rule. Its keys are those of AWS.
func Info() provider.Info {
	return provider.Info{
		ActionTypeInfo: pipeline.ActionTypeInfo{
			Name: Name, Owner: "AWS", Categories: []pipeline.Category{pipeline.CategoryRule},
			Properties: []pipeline.ConfigurationProperty{
				{Name: "Cron", Type: "String", Required: true, Description: "when the window is open: seconds, minutes, hours, day of month, month, day of week, and optionally the year"},
				{Name: "TimeZone", Type: "String", Default: "UTC", Description: "Region/City, UTC or UTC+05:30"},
			},
			RunsOnThisHost: true,
		},
		New: func(provider.Env) (provider.Provider, error) { return window{}, nil },
	}
}

type window struct{}

// Start has nothing to launch.
func (window) Start(_ context.Context, job provider.Job) (provider.Handle, error) {
	if _, err := parse(job); err != nil {
		return nil, &provider.Refusal{FailureType: pipeline.ConfigurationError, Reason: err.Error()}
	}
	return provider.Handle(`{"v":1}`), nil
}

// Poll says when to ask again: at the next opening.
func (window) Poll(_ context.Context, job provider.Job, _ provider.Handle) (provider.Progress, error) {
	w, err := parse(job)
	if err != nil {
		return provider.Progress{Status: pipeline.ActionFailed, FailureType: pipeline.ConfigurationError, Summary: err.Error()}, nil
	}
	now := time.Now()
	if w.Open(now) {
		return provider.Progress{Status: pipeline.ActionSucceeded, Summary: "the window is open"}, nil
	}
	next, ok := w.Next(now)
	if !ok {
		return provider.Progress{Status: pipeline.ActionFailed, FailureType: pipeline.TimedOut, Summary: "the window never opens again"}, nil
	}
	return provider.Progress{
		Status: pipeline.ActionInProgress, AskAgain: time.Until(next),
		Summary: fmt.Sprintf("the window opens at %s", next.Format("2006-01-02 15:04 MST")),
	}, nil
}

// Stop has nothing to stop.
func (window) Stop(context.Context, provider.Job, provider.Handle) error { return nil }

func parse(job provider.Job) (condition.Window, error) {
	return condition.ParseWindow(job.Action.Configuration["Cron"], job.Action.Configuration["TimeZone"])
}
