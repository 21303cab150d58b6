package githubapp

import (
	"context"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Contains reports whether a commit is head or one that came before it. A commit
// that GitHub merely has, such as one of a fork, is not. Kind NotFound means that
// GitHub does not have it at all.
func (a *App) Contains(ctx context.Context, r pipeline.Repository, head, sha string) (bool, error) {
	for _, id := range []string{head, sha} {
		if err := checkSHA(id); err != nil {
			return false, err
		}
	}
	if head == sha {
		return true, nil
	}
	status := ""
	err := a.do(ctx, call{r, "whether " + pipeline.ShortSHA(head) + " contains " + pipeline.ShortSHA(sha), "contents: read"},
		func(ctx context.Context, client *github.Client) error {
			answer, _, err := client.Repositories.CompareCommits(ctx, r.Owner, r.Name, sha, head, &github.ListOptions{PerPage: 1})
			status = answer.GetStatus()
			return err
		})
	return status == "ahead" || status == "identical", err
}
