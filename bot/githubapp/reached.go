package githubapp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Reached lists the repositories that an installation reaches, at most 1,000.
func (a *App) Reached(ctx context.Context, installation int64) ([]pipeline.Repository, error) {
	var list []pipeline.Repository
	client := a.installation(installation).client
	for page := 1; page <= maxPages; page++ {
		got, answer, err := client.Apps.ListRepos(ctx, &github.ListOptions{Page: page, PerPage: 100})
		if err != nil {
			return nil, a.explain(fmt.Sprintf("repositories of installation %d", installation), "metadata: read", err)
		}
		for _, r := range got.Repositories {
			list = append(list, pipeline.Repository{
				Host: a.host, ID: r.GetID(), Owner: r.GetOwner().GetLogin(), Name: r.GetName(), DefaultBranch: r.GetDefaultBranch(),
				Installation: installation, CloneURL: r.GetCloneURL(), WebURL: r.GetHTMLURL(),
			})
		}
		if answer.NextPage == 0 {
			break
		}
	}
	return list, nil
}

// Branch reads where a branch stands, and whether rules protect it. Kind NotFound
// means that there is no such branch.
func (a *App) Branch(ctx context.Context, r pipeline.Repository, name string) (sha string, protected bool, err error) {
	if err := checkRef("refs/heads/" + name); err != nil {
		return "", false, err
	}
	err = a.do(ctx, call{r, "branch " + name, "contents: read"}, func(ctx context.Context, client *github.Client) error {
		// go-github's own method hides what GitHub answers.
		request, err := client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/branches/%s", r.Owner, r.Name, url.PathEscape(name)), nil)
		if err != nil {
			return err
		}
		var branch github.Branch
		if _, err := client.Do(ctx, request, &branch); err != nil {
			return err
		}
		sha, protected = branch.GetCommit().GetSHA(), branch.GetProtected()
		return checkSHA(sha)
	})
	return sha, protected, err
}

// ownersPlaces are where GitHub looks for code owners; the first that is there
// counts.
var ownersPlaces = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// CodeOwners reads the file of a commit that says who owns which paths. Kind
// NotFound means that it has none.
func (a *App) CodeOwners(ctx context.Context, r pipeline.Repository, sha string) (File, error) {
	if err := checkSHA(sha); err != nil {
		return File{}, err
	}
	var file File
	err := a.do(ctx, call{r, "code owners", "contents: read"}, func(ctx context.Context, client *github.Client) error {
		for _, place := range ownersPlaces {
			entry, _, err := contents{client, r, sha}.get(ctx, place)
			if statusOf(err) == http.StatusNotFound {
				continue
			}
			if err == nil {
				file, err = read(place, entry)
			}
			return err
		}
		return pipeline.Errorf(pipeline.NotFound, "the commit has no CODEOWNERS")
	})
	return file, err
}

// pageOf is the path of a page of a list.
func pageOf(path string, page int) string { return fmt.Sprintf("%s?per_page=100&page=%d", path, page) }
