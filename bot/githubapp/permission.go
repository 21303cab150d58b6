package githubapp

import (
	"context"
	"regexp"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

var loginPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$`)

// Permission looks up what somebody may do in a repository. The roles maintain
// and triage count as write and read. GitHub is asked by login, and the answer
// counts only if it is about the account of that id: a login that was renamed,
// and perhaps taken by somebody else, is kind NotFound, as is an account that
// GitHub does not know. Without an error, PermissionNone is a certain no.
func (a *App) Permission(ctx context.Context, r pipeline.Repository, who pipeline.Actor) (pipeline.Permission, error) {
	if who.ID <= 0 || !loginPattern.MatchString(who.Login) {
		return pipeline.PermissionNone, pipeline.Errorf(pipeline.Invalid, "%q (%d) is not an account", who.Login, who.ID)
	}
	permission := pipeline.PermissionNone
	err := a.do(ctx, call{r, "permission of " + who.Login, "metadata: read"},
		func(ctx context.Context, client *github.Client) error {
			level, _, err := client.Repositories.GetPermissionLevel(ctx, r.Owner, r.Name, who.Login)
			if err != nil {
				return err
			}
			if id := level.GetUser().GetID(); id != who.ID {
				return pipeline.Errorf(pipeline.NotFound,
					"the login now belongs to account %d, not to %d who acted: their permission is unknown", id, who.ID)
			}
			permission, err = permissionOf(level.GetPermission())
			return err
		})
	return permission, err
}

func permissionOf(word string) (pipeline.Permission, error) {
	switch word {
	case "admin":
		return pipeline.PermissionAdmin, nil
	case "write", "maintain":
		return pipeline.PermissionWrite, nil
	case "read", "triage":
		return pipeline.PermissionRead, nil
	case "none":
		return pipeline.PermissionNone, nil
	}
	return pipeline.PermissionNone, pipeline.Errorf(pipeline.Internal, "GitHub answered with an unknown permission %q", word)
}
