package commands

import (
	"maps"
	"slices"

	"github.com/penstock-cd/penstock/pipeline/provider"
)

// awsVariables are those that the AWS command line and SDKs read, by the setting
// of the connection.
func awsVariables() map[string]string {
	return map[string]string{
		"accessKeyId": "AWS_ACCESS_KEY_ID", "secretAccessKey": "AWS_SECRET_ACCESS_KEY", "sessionToken": "AWS_SESSION_TOKEN",
	}
}

// withConnection returns the job's secrets with those of its connection among
// them, and puts what is no secret into the environment, under what the action
// says itself.
func withConnection(job provider.Job, environment map[string]string) (secrets map[string]string, names []string) {
	secrets, names = maps.Clone(job.Secrets), slices.Clone(job.Action.Secrets)
	if secrets == nil {
		secrets = map[string]string{}
	}
	names = append(names, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") // every connection has them
	if job.Connection == nil {
		return secrets, names
	}
	for setting, variable := range awsVariables() {
		if value := job.Connection.Settings[setting]; value != "" {
			secrets[variable] = value
		}
	}
	for _, variable := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if _, said := environment[variable]; !said {
			environment[variable] = job.Connection.Settings["region"]
		}
	}
	return secrets, names
}
