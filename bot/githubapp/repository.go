package githubapp

import (
	"context"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// RepositoryNow reads a repository as it is now, by its id: its name may have
// changed. pushedAt is when GitHub last took a push to any of its refs.
func (a *App) RepositoryNow(ctx context.Context, r pipeline.Repository) (now pipeline.Repository, pushedAt time.Time, err error) {
	err = a.do(ctx, call{r, "the repository", "metadata: read"}, func(ctx context.Context, client *github.Client) error {
		answer, _, err := client.Repositories.GetByID(ctx, r.ID)
		if err != nil {
			return err
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
