package githubapp

import (
	"context"
	"fmt"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Status is a commit status. GitHub keeps at most 1,000 per commit and context.
type Status struct {
	Context     string // its name; letter case does not count
	State       string // pending, success, failure, error
	Description string // cut at 140 characters
	TargetURL   string
}

// CreateStatus sets a status of a commit; the newest of its context counts.
func (a *App) CreateStatus(ctx context.Context, r pipeline.Repository, sha string, s Status) error {
	if err := checkSHA(sha); err != nil {
		return err
	}
	return a.do(ctx, call{r, fmt.Sprintf("status %q", s.Context), "statuses: write"},
		func(ctx context.Context, client *github.Client) error {
			_, _, err := client.Repositories.CreateStatus(ctx, r.Owner, r.Name, sha, &github.RepoStatus{
				Context:     github.String(s.Context),
				State:       github.String(s.State),
				Description: optional(clipRunes(s.Description, maxDescription)),
				TargetURL:   optional(s.TargetURL),
			})
			return err
		})
}
