package githubapp

import (
	"context"
	"fmt"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxCompared is how many files GitHub tells of a comparison, and maxPullFiles of a
// pull request. Where there are as many, there may be more.
const maxCompared, maxPullFiles = 300, 3000

// ChangedFiles lists the paths that differ between what two commits have in common
// and the later one, by their old and new names. Nil means that they are too many
// to be known. Kind NotFound: a commit is gone, or they have nothing in common.
func (a *App) ChangedFiles(ctx context.Context, r pipeline.Repository, before, after string) ([]string, error) {
	if err := checkSHA(before); err != nil {
		return nil, err
	}
	if err := checkSHA(after); err != nil {
		return nil, err
	}
	var names []string
	err := a.do(ctx, call{r, fmt.Sprintf("comparison of %s and %s", pipeline.ShortSHA(before), pipeline.ShortSHA(after)), "contents: read"},
		func(ctx context.Context, client *github.Client) error {
			compared, _, err := client.Repositories.CompareCommits(ctx, r.Owner, r.Name, before, after, &github.ListOptions{PerPage: 1})
			if err != nil {
				return err
			}
			names = paths(compared.Files, maxCompared)
			return nil
		})
	return names, err
}

// PullFiles lists the paths that a pull request changes, by their old and new
// names. Nil means that they are too many to be known.
func (a *App) PullFiles(ctx context.Context, r pipeline.Repository, number int) ([]string, error) {
	var names []string
	err := a.do(ctx, call{r, fmt.Sprintf("files of pull request #%d", number), "pull requests: read"},
		func(ctx context.Context, client *github.Client) error {
			var files []*github.CommitFile
			for page := 1; page != 0; {
				more, answer, err := client.PullRequests.ListFiles(ctx, r.Owner, r.Name, number, &github.ListOptions{PerPage: 100, Page: page})
				if err != nil {
					return err
				}
				files, page = append(files, more...), answer.NextPage
			}
			names = paths(files, maxPullFiles)
			return nil
		})
	return names, err
}

func paths(files []*github.CommitFile, limit int) []string {
	if len(files) >= limit {
		return nil
	}
	names := []string{}
	for _, f := range files {
		names = append(names, f.GetFilename())
		if old := f.GetPreviousFilename(); old != "" {
			names = append(names, old)
		}
	}
	return names
}
