package githubapp

import (
	"context"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Commit reads what a push would have said about a commit.
func (a *App) Commit(ctx context.Context, r pipeline.Repository, sha string) (Commit, error) {
	if err := checkSHA(sha); err != nil {
		return Commit{}, err
	}
	var read Commit
	err := a.do(ctx, call{r, "commit " + pipeline.ShortSHA(sha), "contents: read"}, func(ctx context.Context, client *github.Client) error {
		c, _, err := client.Repositories.GetCommit(ctx, r.Owner, r.Name, sha, nil)
		if err != nil {
			return err
		}
		author := c.GetCommit().GetAuthor()
		read = Commit{
			SHA: sha, Message: c.GetCommit().GetMessage(), AuthorName: author.GetName(), AuthorEmail: author.GetEmail(),
			AuthorLogin: c.GetAuthor().GetLogin(), URL: c.GetHTMLURL(),
		}
		return nil
	})
	return read, err
}
