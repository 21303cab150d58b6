package commands

import (
	"maps"

	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// task is what the compute gets of a job. The action's own variables come under
// the documented ones: nobody but us says what PENSTOCK_COMMIT is.
func task(job provider.Job) compute.Task {
	environment := maps.Clone(job.Action.Environment)
	if environment == nil {
		environment = map[string]string{}
	}
	maps.Copy(environment, job.Environment)
	secrets, names := job.Secrets, job.Action.Secrets
	if job.Connection != nil || job.Action.Connection != "" {
		secrets, names = withConnection(job, environment)
	}
	return compute.Task{
		ID:              job.ID,
		Repository:      job.Repository,
		Revision:        job.Revision,
		Commands:        job.Action.Commands,
		Environment:     environment,
		Secrets:         secrets,
		SecretNames:     names,
		Checkout:        !job.Action.Checkout.Skip,
		Inputs:          job.Inputs,
		Outputs:         job.Action.OutputArtifacts,
		OutputVariables: job.Action.OutputVariables,
		Timeout:         job.Action.Timeout,
	}
}
