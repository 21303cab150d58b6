// Package commands is the provider of actions that run shell commands on a
// compute. It never runs anything itself and keeps no state: the compute finds
// a job again by its id.
package commands

import (
	"context"
	"errors"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// Name is what a pipeline file calls this provider.
const Name = "Commands"

// Limits of one action, as on AWS.
const (
	maxInputs  = 10
	maxOutputs = 5
)

// Info describes the provider.
func Info() provider.Info {
	return provider.Info{
		ActionTypeInfo: pipeline.ActionTypeInfo{
			Name: Name,
			Categories: []pipeline.Category{
				pipeline.CategoryCompute, pipeline.CategoryBuild, pipeline.CategoryTest, pipeline.CategoryDeploy,
			},
			Owner:          "AWS",
			MaxInputs:      maxInputs,
			MaxOutputs:     maxOutputs,
			TakesCommands:  true,
			RunsOnThisHost: true,
			Connections:    []string{pipeline.ConnectionAWS},
		},
		New: New,
	}
}

// commands maps jobs onto tasks.
type commands struct{ compute compute.Compute }

var (
	_ provider.Provider = commands{}
	_ provider.Remover  = commands{}
)

// New makes the provider. It needs a compute.
func New(env provider.Env) (provider.Provider, error) {
	if env.Compute == nil {
		return nil, errors.New("no compute is configured")
	}
	return commands{env.Compute}, nil
}

// handle is all there is to remember: which form the handle has. The job's id
// finds the rest.
const handle = `{"v":1}`

// Start takes the job on; a compute that calls the task invalid refuses it.
func (c commands) Start(ctx context.Context, job provider.Job) (provider.Handle, error) {
	if len(job.Action.Commands) == 0 {
		return nil, &provider.Refusal{FailureType: pipeline.ConfigurationError, Reason: "the action has no commands"}
	}
	err := c.compute.Start(ctx, task(job))
	switch pipeline.KindOf(err) {
	case pipeline.Invalid:
		return nil, &provider.Refusal{FailureType: pipeline.ConfigurationError, Reason: err.Error()}
	case pipeline.Forbidden:
		return nil, &provider.Refusal{FailureType: pipeline.PermissionError, Reason: err.Error()}
	}
	if err != nil {
		return nil, err
	}
	return provider.Handle(handle), nil
}

// Poll tells how far the task is.
func (c commands) Poll(ctx context.Context, job provider.Job, _ provider.Handle) (provider.Progress, error) {
	status, err := c.compute.Poll(ctx, task(job))
	if err != nil {
		return provider.Progress{}, err
	}
	progress := provider.Progress{Status: pipeline.ActionInProgress, Summary: status.Summary}
	if status.Phase == compute.Ended {
		progress.Status = status.Status
		progress.FailureType = status.FailureType
		progress.Variables = status.Variables
		progress.Artifacts = status.Artifacts
	}
	return progress, nil
}

// Stop asks the task to end.
func (c commands) Stop(ctx context.Context, job provider.Job, _ provider.Handle) error {
	return c.compute.Stop(ctx, job.ID)
}

// Remove lets the compute forget the task.
func (c commands) Remove(ctx context.Context, job provider.Job, _ provider.Handle) error {
	return c.compute.Remove(ctx, job.ID)
}
