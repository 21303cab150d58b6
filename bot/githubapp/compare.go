package githubapp

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxCommits is how many commits of a comparison are read.
const maxCommits = 250

// Comparison is what lies between two commits.
type Comparison struct {
	// Commits are those that head has and base has not, newest first, at most 250 of
	// them; Total counts all.
	Commits []ComparedCommit
	Total   int
	// Behind counts the commits that base has and head has not: whoever goes from base
	// to head takes them back.
	Behind int
	// Files are the paths that differ, by their old and new names and without repeats:
	// those that head has changed, and those that are taken back. Nil means that they
	// are too many to be known.
	Files []string
	// URL is GitHub's page of the difference.
	URL string
}

// ComparedCommit is a commit of a comparison. GitHub tells accounts by the e-mail
// addresses that git wrote down, which anybody may write: they are claims.
type ComparedCommit struct {
	SHA         string
	Message     string // all of it
	Author      Account
	AuthorName  string // as git has it
	AuthorEmail string
	Committer   Account // zero, as Author is: GitHub knows no account of that address
	Parents     int     // 2 and more: a merge
}

// Compare reads what lies between two commits. Kind NotFound: a commit is gone,
// which happens to what was force-pushed away, or they have nothing in common.
func (a *App) Compare(ctx context.Context, r pipeline.Repository, base, head string) (Comparison, error) {
	for _, sha := range []string{base, head} {
		if err := checkSHA(sha); err != nil {
			return Comparison{}, err
		}
	}
	var all Comparison
	what := fmt.Sprintf("comparison of %s and %s", pipeline.ShortSHA(base), pipeline.ShortSHA(head))
	err := a.do(ctx, call{r, what, "contents: read"}, func(ctx context.Context, client *github.Client) (err error) {
		all, err = comparing{client, r, base, head}.read(ctx)
		return err
	})
	return all, err
}

// comparing asks for the pages of one comparison.
type comparing struct {
	client     *github.Client
	repository pipeline.Repository
	base, head string
}

func (c comparing) read(ctx context.Context) (Comparison, error) {
	first, err := c.page(ctx, 1) // the oldest commits, and the files
	if err != nil {
		return Comparison{}, err
	}
	all := Comparison{Total: first.GetTotalCommits(), Behind: first.GetBehindBy(), URL: first.GetHTMLURL()}
	last := max(1, (all.Total+comparedPage-1)/comparedPage)
	for n := last; n >= 1 && len(all.Commits) < maxCommits; n-- {
		page := first
		if n > 1 {
			if page, err = c.page(ctx, n); err != nil {
				return Comparison{}, err
			}
		}
		for _, commit := range slices.Backward(page.Commits) {
			all.Commits = append(all.Commits, comparedOf(commit))
		}
	}
	all.Commits = all.Commits[:min(len(all.Commits), maxCommits)]
	all.Files = paths(first.Files, maxCompared)
	if all.Behind > 0 && all.Files != nil {
		back, err := comparing{c.client, c.repository, c.head, c.base}.page(ctx, 1)
		if err != nil {
			return Comparison{}, err
		}
		all.Files = both(all.Files, paths(back.Files, maxCompared))
	}
	slices.Sort(all.Files)
	all.Files = slices.Compact(all.Files)
	return all, nil
}

func (c comparing) page(ctx context.Context, n int) (*github.CommitsComparison, error) {
	page, _, err := c.client.Repositories.CompareCommits(ctx, c.repository.Owner, c.repository.Name, c.base, c.head,
		&github.ListOptions{Page: n, PerPage: comparedPage})
	return page, err
}

// both joins two lists of paths; what is not known makes the whole unknown.
func both(a, b []string) []string {
	if a == nil || b == nil {
		return nil
	}
	return append(a, b...)
}

func comparedOf(c *github.RepositoryCommit) ComparedCommit {
	author := c.GetCommit().GetAuthor()
	return ComparedCommit{
		SHA: c.GetSHA(), Message: c.GetCommit().GetMessage(),
		Author: accountOf(c.GetAuthor()), AuthorName: author.GetName(), AuthorEmail: author.GetEmail(),
		Committer: accountOf(c.GetCommitter()), Parents: len(c.Parents),
	}
}
