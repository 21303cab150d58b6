package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// settleTime is longer than GitHub usually takes to say what somebody may do.
const settleTime = 400 * time.Millisecond

// newLogin is what lets people and programs in; nil if the settings have no login.
func newLogin(config configs.Config, db *storage.DB, forge *githubapp.App) (*web.Login, error) {
	if !config.GitHub.Login() {
		return nil, nil
	}
	secret := config.GitHub.ClientSecret.Reveal()
	oauth, err := githubapp.NewOAuth(githubapp.OAuthOptions{
		ClientID: config.GitHub.ClientID, ClientSecret: secret, APIURL: config.GitHub.APIURL,
		Callback: config.URL + web.CallbackPath, UserAgent: "penstock/" + version,
	})
	if err != nil {
		return nil, err
	}
	// A key of its own out of a secret that there is anyway: logins under way outlive
	// a restart.
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("penstock: logins under way"))
	login := &web.Login{
		GitHub: oauth, Sessions: db, Tokens: db, Rights: forgeRights{db, forge},
		URL: config.URL, Key: mac.Sum(nil), Settle: settleTime,
	}
	if config.Slack.MatchByEmail {
		login.Emails = db
	}
	return login, nil
}

// forgeRights are what GitHub says that somebody may do in a repository that the
// app reaches.
type forgeRights struct {
	db    *storage.DB
	forge *githubapp.App
}

func (f forgeRights) Permission(ctx context.Context, host string, repositoryID int64, who pipeline.Actor) (pipeline.Permission, error) {
	r, suspended, err := f.db.Repository(ctx, host, repositoryID)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound, suspended:
		return pipeline.PermissionNone, nil
	case err != nil:
		return pipeline.PermissionNone, err
	}
	// Looking at pages never takes a call from a vote.
	permission, err := f.forge.Permission(githubapp.WithClass(ctx, githubapp.Start), r, who)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound: // the account is gone, or its login is another's by now
		return pipeline.PermissionNone, nil
	case err != nil:
		return pipeline.PermissionNone, err
	}
	return permission, nil
}
