package githubapp

import (
	"context"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxBehind is how many commits a commit may be behind the head of its branch, and
// comparedPage how many of them are read at once.
const maxBehind, comparedPage = 1000, 100

// Contains reports whether a branch that stands at head has stood at a commit, or
// could have: it is head, or one of its first parents. A commit that GitHub merely
// has, such as one of a fork, is not, and neither is one that came in with a merge:
// what a branch may have, nobody has given to that. Kind NotFound means that GitHub
// does not have it at all; Invalid, that it is more than 1000 commits old.
func (a *App) Contains(ctx context.Context, r pipeline.Repository, head, sha string) (bool, error) {
	for _, id := range []string{head, sha} {
		if err := checkSHA(id); err != nil {
			return false, err
		}
	}
	if head == sha {
		return true, nil
	}
	contained, tooOld := false, false
	err := a.do(ctx, call{r, "whether " + pipeline.ShortSHA(head) + " contains " + pipeline.ShortSHA(sha), "contents: read"},
		func(ctx context.Context, client *github.Client) error {
			before := map[string]string{} // the first parents of what lies between them
			for page := 1; ; page++ {
				answer, _, err := client.Repositories.CompareCommits(ctx, r.Owner, r.Name, sha, head, &github.ListOptions{Page: page, PerPage: comparedPage})
				if err != nil {
					return err
				}
				if answer.GetStatus() != "ahead" {
					return nil
				}
				if tooOld = answer.GetTotalCommits() > maxBehind; tooOld {
					return nil
				}
				for _, c := range answer.Commits {
					if len(c.Parents) > 0 {
						before[c.GetSHA()] = c.Parents[0].GetSHA()
					}
				}
				if page*comparedPage >= answer.GetTotalCommits() {
					break
				}
			}
			at := head
			for range len(before) {
				if at = before[at]; at == sha {
					contained = true
				}
			}
			return nil
		})
	if tooOld {
		return false, pipeline.Errorf(pipeline.Invalid, "%s is more than %d commits behind; push it to a branch of its own and start that", pipeline.ShortSHA(sha), maxBehind)
	}
	return contained, err
}
