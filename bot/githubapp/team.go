package githubapp

import (
	"context"
	"fmt"
	"net/http"
	"regexp"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// needsMembers is the permission for teams.
const needsMembers = "members: read, of the organization"

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,254}$`)

// TeamMember reports whether somebody is an active member of a team of the
// repository's owner, or of a team inside it; whoever is only invited is not. GitHub
// is asked by login and answers without an id, so the login is looked up first: one
// that was renamed, and perhaps taken by somebody else, is kind NotFound, as is a
// team that is not there or not for this app to see. Without an error, false is a
// certain no.
func (a *App) TeamMember(ctx context.Context, r pipeline.Repository, slug string, who pipeline.Actor) (bool, error) {
	if err := checkSlug(slug); err != nil {
		return false, err
	}
	if who.ID <= 0 {
		return false, pipeline.Errorf(pipeline.Invalid, "%q (%d) is not an account", who.Login, who.ID)
	}
	now, err := a.Account(ctx, r, who.Login)
	if err != nil {
		return false, err
	}
	what := fmt.Sprintf("membership of %s in team %s", who.Login, slug)
	if now.ID != who.ID {
		return false, pipeline.Errorf(pipeline.NotFound, "%s: %s: the login now belongs to account %d, not to %d who acted", r.FullName(), what, now.ID, who.ID)
	}
	active := false
	err = a.do(ctx, call{r, what, needsMembers}, func(ctx context.Context, client *github.Client) error {
		m, _, err := client.Teams.GetTeamMembershipBySlug(ctx, r.Owner, slug, who.Login)
		if statusOf(err) == http.StatusNotFound { // it says that of a team that is not there, too
			_, _, err := teamPage(ctx, client, r, slug, &github.ListOptions{PerPage: 1})
			return err
		}
		if err != nil {
			return err
		}
		active = m.GetState() == "active" && !now.Suspended
		return nil
	})
	return active, err
}

// TeamMembers lists the active members of a team of the repository's owner and of
// the teams inside it, at most 1,000. Kind NotFound: there is no such team, or not
// for this app to see.
func (a *App) TeamMembers(ctx context.Context, r pipeline.Repository, slug string) ([]Account, error) {
	if err := checkSlug(slug); err != nil {
		return nil, err
	}
	var list []Account
	err := a.do(ctx, call{r, "members of team " + slug, needsMembers}, func(ctx context.Context, client *github.Client) error {
		options := &github.ListOptions{PerPage: 100}
		for range maxPages {
			members, answer, err := teamPage(ctx, client, r, slug, options)
			if err != nil {
				return err
			}
			for _, m := range members {
				list = append(list, accountOf(m))
			}
			if options.Page = answer.NextPage; options.Page == 0 {
				break
			}
		}
		return nil
	})
	return list, err
}

// teamPage reads some members of a team. The error says what is missing.
func teamPage(ctx context.Context, client *github.Client, r pipeline.Repository, slug string, page *github.ListOptions) ([]*github.User, *github.Response, error) {
	members, answer, err := client.Teams.ListTeamMembersBySlug(ctx, r.Owner, slug, &github.TeamListTeamMembersOptions{ListOptions: *page})
	if statusOf(err) == http.StatusNotFound {
		err = pipeline.Errorf(pipeline.NotFound, "%s has no team %s that this app can see: write a team as in the address of its page, and grant the app %s", r.Owner, slug, needsMembers)
	}
	return members, answer, err
}

func checkSlug(slug string) error {
	if !slugPattern.MatchString(slug) {
		return pipeline.Errorf(pipeline.Invalid, "%q is not a team: write its name as in the address of its page, such as site-reliability", slug)
	}
	return nil
}
