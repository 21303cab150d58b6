package githubapp

import (
	"context"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Account is somebody on GitHub; zero when GitHub no longer knows who it was.
type Account struct {
	pipeline.Actor
	Bot bool // an app or other machine
	// Suspended says that the account may do nothing now. It is known of accounts that
	// were looked up with App.Account only.
	Suspended bool
}

func newAccount(id int64, login, kind string) Account {
	return Account{
		Actor: pipeline.Actor{ID: id, Login: login},
		Bot:   kind == "Bot" || strings.HasSuffix(login, "[bot]"),
	}
}

func accountOf(u *github.User) Account {
	return newAccount(u.GetID(), u.GetLogin(), u.GetType())
}

// Account looks up who has a login now, with the rights of a repository's
// installation. Kind NotFound if nobody has it.
func (a *App) Account(ctx context.Context, r pipeline.Repository, login string) (Account, error) {
	if !loginPattern.MatchString(login) {
		return Account{}, pipeline.Errorf(pipeline.Invalid, "%q is not a login of GitHub", login)
	}
	var found Account
	err := a.do(ctx, call{r, "account of " + login, "metadata: read"}, func(ctx context.Context, client *github.Client) error {
		u, _, err := client.Users.Get(ctx, login)
		if err != nil {
			return err
		}
		if found = accountOf(u); found.ID <= 0 || !strings.EqualFold(found.Login, login) {
			return pipeline.Errorf(pipeline.NotFound, "GitHub answered with another account")
		}
		found.Bot = found.Bot || u.GetType() != "User"
		found.Suspended = u.SuspendedAt != nil
		return nil
	})
	return found, err
}
