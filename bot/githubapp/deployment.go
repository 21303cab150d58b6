package githubapp

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Deployment is a commit on its way into an environment, as GitHub shows it.
type Deployment struct {
	SHA         string
	Environment string // GitHub makes one of that name if there is none
	Description string // cut at 140 characters
	// Key is ours: what FindDeployment finds it by. It may not be empty.
	Key string
	// Transient says that the environment goes away again.
	Transient bool
}

// DeploymentStatus is what has become of a deployment.
type DeploymentStatus struct {
	State          string // queued, in_progress, success, failure, error, inactive
	Description    string // cut at 140 characters
	LogURL         string // where it can be watched
	EnvironmentURL string // where the environment is to be seen
}

// deploymentPayload is what we give a deployment on its way.
type deploymentPayload struct {
	Key string `json:"penstock"`
}

// CreateDeployment shows a deployment of a commit and returns its id. GitHub is told
// to merge nothing and to ask for no statuses of its own: what has to be green before,
// the pipeline says.
func (a *App) CreateDeployment(ctx context.Context, r pipeline.Repository, d Deployment) (int64, error) {
	if err := d.check(); err != nil {
		return 0, err
	}
	var id int64
	err := a.do(ctx, call{r, "deployment to " + d.Environment, "deployments: write"},
		func(ctx context.Context, client *github.Client) error {
			made, _, err := client.Repositories.CreateDeployment(ctx, r.Owner, r.Name, &github.DeploymentRequest{
				Ref: github.String(d.SHA), Environment: github.String(d.Environment),
				Description: optional(clipRunes(d.Description, maxDescription)), Payload: deploymentPayload{d.Key},
				AutoMerge: github.Bool(false), RequiredContexts: &[]string{}, TransientEnvironment: github.Bool(d.Transient),
			})
			if err != nil {
				return err
			}
			a.learn(made.GetCreator())
			id = made.GetID()
			return nil
		})
	return id, err
}

// FindDeployment looks for the deployment that we made with that commit, environment
// and key: the way back to one whose creation was never answered. The newest counts.
// Others may copy a key; theirs do not count.
func (a *App) FindDeployment(ctx context.Context, r pipeline.Repository, d Deployment) (id int64, found bool, err error) {
	if err := d.check(); err != nil {
		return 0, false, err
	}
	us, err := a.App(ctx)
	if err != nil {
		return 0, false, err
	}
	err = a.do(ctx, call{r, "look for the deployment to " + d.Environment, "deployments: read"},
		func(ctx context.Context, client *github.Client) error {
			options := &github.DeploymentsListOptions{SHA: d.SHA, Environment: d.Environment, ListOptions: github.ListOptions{PerPage: 100}}
			for range maxPages {
				list, answer, err := client.Repositories.ListDeployments(ctx, r.Owner, r.Name, options)
				if err != nil {
					return err
				}
				for _, made := range list { // newest first
					var payload deploymentPayload // others' may have any form
					if json.Unmarshal(made.Payload, &payload) == nil && payload.Key == d.Key && us.Ours(accountOf(made.GetCreator()).Actor) {
						id = made.GetID()
						return nil
					}
				}
				if options.Page = answer.NextPage; options.Page == 0 {
					break
				}
			}
			return nil
		})
	return id, err == nil && id != 0, err
}

// CreateDeploymentStatus says what has become of a deployment. When it is a success,
// GitHub shows earlier ones of the environment as inactive, but for production.
func (a *App) CreateDeploymentStatus(ctx context.Context, r pipeline.Repository, id int64, s DeploymentStatus) error {
	return a.do(ctx, call{r, fmt.Sprintf("status %s of deployment %d", s.State, id), "deployments: write"},
		func(ctx context.Context, client *github.Client) error {
			_, _, err := client.Repositories.CreateDeploymentStatus(ctx, r.Owner, r.Name, id, &github.DeploymentStatusRequest{
				State: github.String(s.State), Description: optional(clipRunes(s.Description, maxDescription)),
				LogURL: optional(s.LogURL), EnvironmentURL: optional(s.EnvironmentURL),
			})
			return err
		})
}

func (d Deployment) check() error {
	if d.Environment == "" || d.Key == "" {
		return pipeline.Errorf(pipeline.Invalid, "a deployment needs an environment and a key")
	}
	return checkSHA(d.SHA)
}
