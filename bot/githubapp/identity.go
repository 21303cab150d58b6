package githubapp

import (
	"context"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// Identity is who we are on this GitHub.
type Identity struct {
	ID       int64  // the app's
	Slug     string // its name in URLs
	BotLogin string // <slug>[bot], the author of what we write
	BotID    int64  // that author's user id; 0 until we have written something
}

// Ours reports whether the account is our own bot.
func (i Identity) Ours(a pipeline.Actor) bool {
	if i.BotID != 0 && a.ID != 0 {
		return a.ID == i.BotID
	}
	return i.BotLogin != "" && strings.EqualFold(a.Login, i.BotLogin)
}

// App tells who we are. GitHub is asked until it has answered once.
func (a *App) App(ctx context.Context) (Identity, error) {
	if known := a.whoami(); known.Slug != "" {
		return known, nil
	}
	return a.naming.do(ctx, struct{}{}, func(ctx context.Context) (Identity, error) {
		app, _, err := a.asApp.Apps.Get(ctx, "")
		if err != nil {
			return Identity{}, a.explainApp(err)
		}
		if app.GetID() != a.id || app.GetSlug() == "" {
			return Identity{}, pipeline.Errorf(pipeline.Invalid,
				"the private key is that of app %d, not of app %d", app.GetID(), a.id)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.identity.ID, a.identity.Slug = a.id, app.GetSlug()
		a.identity.BotLogin = app.GetSlug() + "[bot]"
		return a.identity, nil
	})
}

// explainApp is explain for calls signed with the key: a refusal concerns the
// app as a whole.
func (a *App) explainApp(err error) error {
	explained := a.explain("GitHub App", "", err)
	switch pipeline.KindOf(explained) {
	case pipeline.Forbidden, pipeline.NotFound:
		return &pipeline.Error{
			Kind:    pipeline.Forbidden,
			Message: a.unknownApp(err) + " (GitHub: " + textOf(err) + ")",
			Err:     installationError{explained},
		}
	}
	return explained
}

func (a *App) whoami() Identity {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.identity
}

// learn takes the author of what we just wrote for our bot.
func (a *App) learn(author *github.User) {
	if author.GetType() != "Bot" || author.GetID() == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.identity.BotID = author.GetID()
}
