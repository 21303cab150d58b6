package bot

import (
	"context"
	"fmt"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// refusedDeployment is the id of a deployment that GitHub does not let us make.
const refusedDeployment = -1

// deployments show on GitHub what a run has put, or is putting, into environments.
func (b *Bot) deployments(view report.Run) []item {
	if view.Pipeline == nil {
		return nil
	}
	var items []item
	for i := range view.Execution.Stages {
		s := &view.Execution.Stages[i]
		declared := view.Pipeline.Stage(s.Name)
		if s.Entry == nil || !s.Entry.Inside || declared == nil {
			continue
		}
		items = append(items, b.deploymentItem(view.Execution, s, declared.Environment))
	}
	return items
}

func (b *Bot) deploymentItem(run *pipeline.Execution, s *pipeline.StageExecution, environment string) item {
	d := githubapp.Deployment{
		SHA: run.Revision.SHA, Environment: environment, Key: run.ID + "/" + s.Name,
		Description: fmt.Sprintf("%s #%d, stage %s", run.Pipeline, run.Number, s.Name),
		Transient:   run.Lane.Kind == pipeline.LanePull,
	}
	status := githubapp.DeploymentStatus{State: deploymentState(s.Status), Description: s.Reason, LogURL: b.texts.RunURL(run.ID), EnvironmentURL: s.Entry.URL}
	return item{
		key: b.reportKey(run, run.Revision.SHA, pipeline.ReportDeployment, d.Key), execution: run.ID,
		hash: report.Hash(status), state: status.State, urgent: !s.Status.Active(),
		send: func(ctx context.Context, row pipeline.Report, mine, unsure bool) (made, error) {
			id, err := b.showDeployment(ctx, run.Repository, d, status, row.ExternalID, mine, unsure)
			if pipeline.KindOf(err) == pipeline.Forbidden { // whatever else is shown does not wait for this right
				b.Logger.Warn("GitHub refuses deployments", "pipeline", run.Pipeline, "execution", run.ID, "stage", s.Name, "error", err)
				return made{id: refusedDeployment}, nil
			}
			return made{id: id}, err
		},
	}
}

func (b *Bot) showDeployment(ctx context.Context, r pipeline.Repository, d githubapp.Deployment, status githubapp.DeploymentStatus, id int64, mine, unsure bool) (int64, error) {
	var err error
	if !mine || id <= 0 {
		id = 0
	}
	if id == 0 && unsure {
		if id, _, err = b.Forge.FindDeployment(ctx, r, d); err != nil {
			return 0, err
		}
	}
	if id == 0 {
		if id, err = b.Forge.CreateDeployment(ctx, r, d); err != nil {
			return 0, err
		}
	}
	return id, b.Forge.CreateDeploymentStatus(ctx, r, id, status)
}

// deploymentState is how a stage stands in GitHub's words for deployments.
func deploymentState(status pipeline.StageStatus) string {
	switch status {
	case pipeline.StageSucceeded:
		return "success"
	case pipeline.StageFailed:
		return "failure"
	case pipeline.StageInProgress, pipeline.StageStopping:
		return "in_progress"
	}
	return "error" // stopped
}
