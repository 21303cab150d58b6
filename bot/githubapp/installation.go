package githubapp

import "github.com/google/go-github/v60/github"

// installation is everything that belongs to one installation of the app: one
// go-github client, its tokens, its limits, and answers that may still be true.
type installation struct {
	id     int64
	client *github.Client
	tokens *tokens
	limits *limits
}

func newInstallation(a *App, id int64, used *limits) *installation {
	i := &installation{
		id:     id,
		limits: used,
		tokens: newTokens(a, id),
	}
	i.client = a.newClient(&tokenTransport{app: a, tokens: i.tokens, next: &exchange{app: a, limits: i.limits, known: newAnswers()}})
	return i
}
