package githubapp

import (
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Account is somebody on GitHub; zero when GitHub no longer knows who it was.
type Account struct {
	pipeline.Actor
	Bot bool // an app or other machine
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
