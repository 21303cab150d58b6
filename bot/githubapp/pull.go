package githubapp

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// PullRequest is a pull request as we use it, whether asked for or told by a
// webhook.
type PullRequest struct {
	ID      int64
	Number  int
	State   string // open, closed
	Draft   bool
	Labels  []string
	Merged  bool
	Title   string
	URL     string // its page
	Author  Account
	HeadSHA string
	HeadRef string
	// HeadRepositoryID is 0 when that repository is gone.
	HeadRepositoryID int64
	BaseSHA          string
	BaseRef          string
	BaseRepositoryID int64
	// MergeCommitSHA is the commit on the base branch, once Merged. Before, GitHub
	// shows a trial merge here.
	MergeCommitSHA string
	MergedBy       Account // zero in lists
	CreatedAt      time.Time
	UpdatedAt      time.Time
	ClosedAt       time.Time
	MergedAt       time.Time
}

// Fork reports whether the head comes from another repository than the base, or
// from one that is gone.
func (p PullRequest) Fork() bool { return p.HeadRepositoryID != p.BaseRepositoryID }

// PullRequest reads a pull request.
func (a *App) PullRequest(ctx context.Context, r pipeline.Repository, number int) (PullRequest, error) {
	var read PullRequest
	err := a.do(ctx, call{r, fmt.Sprintf("pull request #%d", number), "pull requests: read"},
		func(ctx context.Context, client *github.Client) error {
			p, _, err := client.PullRequests.Get(ctx, r.Owner, r.Name, number)
			if err != nil {
				return err
			}
			read = pullRequestOf(p)
			return nil
		})
	return read, err
}

// PullsOfCommit lists the merged pull requests that brought a commit into this
// repository, by merge, squash or rebase, at most 100. Which branch each was
// merged into is its BaseRef. Open ones are not listed.
func (a *App) PullsOfCommit(ctx context.Context, r pipeline.Repository, sha string) ([]PullRequest, error) {
	if err := checkSHA(sha); err != nil {
		return nil, err
	}
	var merged []PullRequest
	err := a.do(ctx, call{r, "pull requests of " + pipeline.ShortSHA(sha), "pull requests: read"},
		func(ctx context.Context, client *github.Client) error {
			list, _, err := client.PullRequests.ListPullRequestsWithCommit(ctx, r.Owner, r.Name, sha,
				&github.ListOptions{PerPage: 100})
			if err != nil {
				return err
			}
			for _, p := range list {
				if pull := pullRequestOf(p); pull.Merged && pull.BaseRepositoryID == r.ID {
					merged = append(merged, pull)
				}
			}
			return nil
		})
	return merged, err
}

func pullRequestOf(p *github.PullRequest) PullRequest {
	return PullRequest{
		ID: p.GetID(), Number: p.GetNumber(), State: p.GetState(), Draft: p.GetDraft(),
		Merged: p.GetMerged() || p.MergedAt != nil, Title: p.GetTitle(), URL: p.GetHTMLURL(),
		Author:  accountOf(p.GetUser()),
		HeadSHA: p.GetHead().GetSHA(), HeadRef: p.GetHead().GetRef(), HeadRepositoryID: p.GetHead().GetRepo().GetID(),
		BaseSHA: p.GetBase().GetSHA(), BaseRef: p.GetBase().GetRef(), BaseRepositoryID: p.GetBase().GetRepo().GetID(),
		MergeCommitSHA: p.GetMergeCommitSHA(), MergedBy: accountOf(p.GetMergedBy()),
		CreatedAt: p.GetCreatedAt().Time, UpdatedAt: p.GetUpdatedAt().Time, ClosedAt: p.GetClosedAt().Time, MergedAt: p.GetMergedAt().Time,
		Labels: labelsOf(p.Labels),
	}
}

func labelsOf(labels []*github.Label) []string {
	var names []string
	for _, l := range labels {
		names = append(names, l.GetName())
	}
	return names
}
