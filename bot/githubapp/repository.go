package githubapp

import (
	"context"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// RepositoryNow reads a repository as it is now: its name and default branch may
// have changed. pushedAt is when GitHub last took a push to any of its refs. Kind
// NotFound also when its name belongs to another one now.
func (a *App) RepositoryNow(ctx context.Context, r pipeline.Repository) (now pipeline.Repository, pushedAt time.Time, err error) {
	err = a.do(ctx, call{r, "the repository", "metadata: read"}, func(ctx context.Context, client *github.Client) error {
		answer, _, err := client.Repositories.Get(ctx, r.Owner, r.Name) // an old name is redirected
		switch {
		case err != nil:
			return err
		case answer.GetID() != r.ID:
			return pipeline.Errorf(pipeline.NotFound, "another repository has this name now")
		}
		now = r
		now.Owner, now.Name = answer.GetOwner().GetLogin(), answer.GetName()
		now.DefaultBranch, now.CloneURL, now.WebURL = answer.GetDefaultBranch(), answer.GetCloneURL(), answer.GetHTMLURL()
		pushedAt = answer.GetPushedAt().Time
		return checkRepository(now)
	})
	return now, pushedAt, err
}

// OpenPulls lists the open pull requests, at most 1,000, the newest changes
// first.
func (a *App) OpenPulls(ctx context.Context, r pipeline.Repository) ([]PullRequest, error) {
	var open []PullRequest
	err := a.do(ctx, call{r, "open pull requests", "pull requests: read"}, func(ctx context.Context, client *github.Client) error {
		options := &github.PullRequestListOptions{
			State: "open", Sort: "updated", Direction: "desc", ListOptions: github.ListOptions{PerPage: 100},
		}
		for range 10 {
			list, answer, err := client.PullRequests.List(ctx, r.Owner, r.Name, options)
			if err != nil {
				return err
			}
			for _, p := range list {
				open = append(open, pullRequestOf(p))
			}
			if answer.NextPage == 0 {
				break
			}
			options.Page = answer.NextPage
		}
		return nil
	})
	return open, err
}
