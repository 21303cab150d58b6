package githubapp

import (
	"context"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Head reads where a branch stands now. Kind NotFound means that there is no
// such branch.
func (a *App) Head(ctx context.Context, r pipeline.Repository, branch string) (string, error) {
	return a.Ref(ctx, r, "refs/heads/"+branch)
}

// Ref reads what a full ref (refs/heads/main, refs/tags/v1) points at now: for an
// annotated tag the tag itself, as in a push.
func (a *App) Ref(ctx context.Context, r pipeline.Repository, ref string) (string, error) {
	if err := checkRef(ref); err != nil {
		return "", err
	}
	sha := ""
	err := a.do(ctx, call{r, ref, "contents: read"}, func(ctx context.Context, client *github.Client) error {
		answer, _, err := client.Git.GetRef(ctx, r.Owner, r.Name, ref)
		if err != nil {
			return err
		}
		sha = answer.GetObject().GetSHA()
		if answer.GetRef() != ref || checkSHA(sha) != nil {
			return pipeline.Errorf(pipeline.Internal, "GitHub answered with ref %q at %q", answer.GetRef(), sha)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return sha, nil
}

// checkRef refuses what git would not take as a ref either.
func checkRef(ref string) error {
	bad := !strings.HasPrefix(ref, "refs/") || len(ref) > 1000 || strings.ContainsAny(ref, " ~^:?*[\\\x7f")
	for part := range strings.SplitSeq(ref, "/") {
		bad = bad || part == "" || strings.HasPrefix(part, ".")
	}
	if bad || strings.Contains(ref, "..") || strings.ContainsFunc(ref, func(c rune) bool { return c < ' ' }) {
		return pipeline.Errorf(pipeline.Invalid, "%q is not a ref", ref)
	}
	return nil
}
