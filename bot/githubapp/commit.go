package githubapp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Commit reads what a push would have said about a commit.
func (a *App) Commit(ctx context.Context, r pipeline.Repository, sha string) (Commit, error) {
	if err := checkSHA(sha); err != nil {
		return Commit{}, err
	}
	return a.commit(ctx, r, sha)
}

// CommitAt reads the commit that a full ref (refs/tags/v1) leads to: for an
// annotated tag the commit behind it. Kind NotFound means that there is no such ref.
func (a *App) CommitAt(ctx context.Context, r pipeline.Repository, ref string) (Commit, error) {
	if err := checkRef(ref); err != nil {
		return Commit{}, err
	}
	if _, err := a.Ref(ctx, r, ref); err != nil { // of a ref that is not there GitHub says no more than "no commit"
		return Commit{}, err
	}
	c, err := a.commit(ctx, r, strings.TrimPrefix(ref, "refs/"))
	if err == nil && checkSHA(c.SHA) != nil {
		return Commit{}, pipeline.Errorf(pipeline.Internal, "GitHub answered with a commit %q of %s", c.SHA, ref)
	}
	return c, err
}

// commit reads a commit by what GitHub takes for one.
func (a *App) commit(ctx context.Context, r pipeline.Repository, name string) (Commit, error) {
	var read Commit
	what := name
	if checkSHA(name) == nil {
		what = pipeline.ShortSHA(name)
	}
	err := a.do(ctx, call{r, "commit " + what, "contents: read"}, func(ctx context.Context, client *github.Client) error {
		request, err := client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/commits/%s", r.Owner, r.Name, url.PathEscape(name)), nil)
		if err != nil {
			return err
		}
		c := &github.RepositoryCommit{}
		if _, err := client.Do(ctx, request, c); err != nil {
			return err
		}
		author := c.GetCommit().GetAuthor()
		read = Commit{
			SHA: c.GetSHA(), Message: c.GetCommit().GetMessage(), AuthorName: author.GetName(), AuthorEmail: author.GetEmail(),
			AuthorLogin: c.GetAuthor().GetLogin(), URL: c.GetHTMLURL(),
		}
		return nil
	})
	return read, err
}
