package engine

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// newJob resolves an attempt for its provider. A refusal says why the action
// cannot run however often it is tried.
func newJob(run *pipeline.Execution, definition *pipeline.Pipeline, stage *pipeline.StageExecution, a *pipeline.ActionExecution) (provider.Job, *provider.Refusal) {
	job := provider.Job{
		ID: a.ID, Attempt: a.Attempt, Execution: run.ID, Number: run.Number,
		Repository: run.Repository, Pipeline: run.Pipeline, Stage: stage.Name,
		Revision: run.Revision, Trigger: run.Trigger,
	}
	declared := declaration(definition.Stage(stage.Name), a)
	if declared == nil {
		return job, &provider.Refusal{FailureType: pipeline.ConfigurationError,
			Reason: fmt.Sprintf("stage %s has no action %s", stage.Name, a.Name)}
	}
	job.Action = *declared
	if a.Block != "" {
		job.Action.Timeout = cmp.Or(declared.Timeout, pipeline.DefaultRuleTimeout)
	}
	if job.Action.Timeout > 0 {
		job.Deadline = a.StartedAt.Add(job.Action.Timeout)
	}
	if err := resolve(run, definition, &job.Action); err != nil {
		return job, &provider.Refusal{FailureType: pipeline.ConfigurationError, Reason: err.Error()}
	}
	job.Environment = environment(job, a.StartedAt)
	for _, name := range declared.InputArtifacts {
		artifact, ok := run.ArtifactNamed(name)
		switch {
		case ok:
		case definition.IsSource(name):
			artifact = pipeline.Artifact{Name: name}
		default:
			return job, &provider.Refusal{FailureType: pipeline.ConfigurationError,
				Reason: fmt.Sprintf("input artifact %s was not made by any earlier action of this run", name)}
		}
		job.Inputs = append(job.Inputs, artifact)
	}
	return job, nil
}

// declaration is what an attempt is an attempt of: an action, or a rule.
func declaration(stage *pipeline.Stage, a *pipeline.ActionExecution) *pipeline.Action {
	switch {
	case stage == nil:
		return nil
	case a.Block != "":
		return stage.Condition(a.Block).Rule(a.Name)
	}
	return stage.Action(a.Name)
}

// environment holds the documented variables of a job, ours and those that
// CodeBuild users expect. Values come from outside and are not to be trusted.
func environment(job provider.Job, startedAt time.Time) map[string]string {
	env := map[string]string{
		"CI":                                "true",
		"PENSTOCK_RUN_ID":                   job.Execution,
		"PENSTOCK_RUN_NUMBER":               strconv.FormatInt(job.Number, 10),
		"PENSTOCK_REPOSITORY":               job.Repository.FullName(),
		"PENSTOCK_PIPELINE":                 job.Pipeline,
		"PENSTOCK_COMMIT":                   job.Revision.SHA,
		"PENSTOCK_BRANCH":                   job.Revision.Branch,
		"PENSTOCK_ACTOR":                    job.Trigger.By.Login,
		"PENSTOCK_STAGE":                    job.Stage,
		"PENSTOCK_ACTION":                   job.Action.Name,
		"PENSTOCK_ATTEMPT":                  strconv.Itoa(job.Attempt),
		"CODEBUILD_BUILD_ID":                job.Pipeline + ":" + job.ID,
		"CODEBUILD_BUILD_NUMBER":            strconv.FormatInt(job.Number, 10),
		"CODEBUILD_RESOLVED_SOURCE_VERSION": job.Revision.SHA,
		"CODEBUILD_SOURCE_VERSION":          job.Revision.SHA,
		"CODEBUILD_INITIATOR":               "penstock/" + job.Pipeline,
		"CODEBUILD_START_TIME":              strconv.FormatInt(startedAt.UnixMilli(), 10),
	}
	if job.Trigger.PullRequest > 0 {
		env["PENSTOCK_PULL_REQUEST"] = strconv.Itoa(job.Trigger.PullRequest)
	}
	for name, value := range job.Action.Environment {
		env[name] = value
	}
	return env
}
