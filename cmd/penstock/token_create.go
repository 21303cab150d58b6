package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

const minTokenLife, maxTokenLife = time.Minute, 366 * 24 * time.Hour

// newToken is what `penstock token create` was told.
type newToken struct {
	beside
	user         string
	scopes       []string
	repositories []string
	life         time.Duration
}

func newTokenCreateCommand() *cobra.Command {
	n := &newToken{}
	cmd := &cobra.Command{
		Use:   "create --user LOGIN --scope read",
		Short: "Make a token, and print it once",
		Long: `Make a token that acts as an account of GitHub, and print it. It is shown this once:
what is stored is a hash.

Scopes: read sees runs, logs and deliveries as that account does; write includes read,
and does through the API what that account may do; metrics reads /metrics from any
machine, and nothing else.`,
		Example: "  penstock token create --user octocat --scope read --ttl 720h --repository acme/shop",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return n.run(c) },
	}
	n.flags(cmd, true)
	cmd.Flags().StringVar(&n.user, "user", "", "`LOGIN` of the account on GitHub")
	cmd.Flags().StringSliceVar(&n.scopes, "scope", nil, "`SCOPE`: read, write or metrics; several with commas")
	cmd.Flags().StringSliceVar(&n.repositories, "repository", nil, "only for this `OWNER/NAME`; may be repeated (default: what the account may do)")
	cmd.Flags().DurationVar(&n.life, "ttl", 30*24*time.Hour, "how long it is good, such as 720h; at most a year")
	return cmd
}

func (n *newToken) run(c *cobra.Command) error {
	scopes, err := scopesOf(n.scopes)
	switch {
	case err != nil:
		return err
	case n.user == "":
		return &exitError{exitUsage, errors.New("--user is missing: the login of the account on GitHub")}
	case n.life < minTokenLife || n.life > maxTokenLife:
		return &exitError{exitUsage, fmt.Errorf("--ttl %s: write a time from %s to %s", n.life, minTokenLife, maxTokenLife)}
	}
	ctx := c.Context()
	db, err := n.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	var repositories []pipeline.Repository
	for _, name := range n.repositories {
		r, err := installed(ctx, db, name)
		if err != nil {
			return err
		}
		repositories = append(repositories, r)
	}
	host, who, err := n.account(ctx, db, repositories)
	if err != nil {
		return err
	}
	now := time.Now()
	text, hash := pipeline.NewTokenText()
	token := pipeline.Token{
		ID: pipeline.NewID(now), Hash: hash, Host: host, Who: who, Scopes: scopes, CreatedBy: operator(), CreatedAt: now, ExpiresAt: now.Add(n.life),
	}
	for _, r := range repositories {
		token.Repositories = append(token.Repositories, r.ID)
	}
	if err := db.SaveToken(ctx, token); err != nil {
		return err
	}
	if n.output == "json" {
		return printJSON(c.OutOrStdout(), struct {
			tokenLine
			Token string `json:"token"`
		}{lineOf(token, namesOf(repositories), now), text})
	}
	fmt.Fprintln(c.OutOrStdout(), text)
	fmt.Fprintf(c.ErrOrStderr(), "Token %s acts as %s until %s. It is not shown again.\n", token.ID, who.Login, token.ExpiresAt.UTC().Format(time.RFC3339))
	return nil
}

// account asks GitHub who has the login, with the rights that the app has in one of
// the repositories, or in any.
func (n *newToken) account(ctx context.Context, db *storage.DB, repositories []pipeline.Repository) (host string, who pipeline.Actor, err error) {
	config, _, _ := configs.Load(n.config, os.Environ()) // what else is wrong does not matter here
	if config.GitHub.AppID == 0 || !config.GitHub.PrivateKey.IsSet() {
		return "", who, &exitError{exitUsage, errors.New("GitHub has to be asked who that is: the settings of the app (PENSTOCK_GITHUB_APP_ID, PENSTOCK_GITHUB_PRIVATE_KEY_FILE) are needed, as the server has them")}
	}
	forge, err := githubapp.New(githubapp.Options{
		AppID: config.GitHub.AppID, PrivateKey: []byte(config.GitHub.PrivateKey.Reveal()), APIURL: config.GitHub.APIURL, UserAgent: "penstock/" + version,
	})
	if err != nil {
		return "", who, err
	}
	defer forge.Close()
	if len(repositories) == 0 {
		all, err := db.Repositories(ctx)
		if err != nil {
			return "", who, err
		}
		for _, r := range all {
			if !r.Suspended && r.Host == forge.Host() {
				repositories = append(repositories, r.Repository)
			}
		}
	}
	if len(repositories) == 0 {
		return "", who, &exitError{exitFailed, errors.New("no repository is connected yet: install the app, and let the server hear of it")}
	}
	account, err := forge.Account(ctx, repositories[0], n.user)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		return "", who, &exitError{exitFailed, fmt.Errorf("%s has no account with the login %s", forge.Host(), n.user)}
	case pipeline.KindOf(err) == pipeline.Invalid:
		return "", who, &exitError{exitUsage, fmt.Errorf("--user %q is not a login of GitHub", n.user)}
	case err != nil:
		return "", who, err
	case account.Bot:
		return "", who, &exitError{exitFailed, fmt.Errorf("%s is not a person", account.Login)}
	}
	return forge.Host(), account.Actor, nil
}

func namesOf(repositories []pipeline.Repository) map[int64]string {
	names := map[int64]string{}
	for _, r := range repositories {
		names[r.ID] = r.FullName()
	}
	return names
}

// words joins scopes for people.
func words(scopes []pipeline.Scope) string {
	var list []string
	for _, s := range scopes {
		list = append(list, string(s))
	}
	return strings.Join(list, ",")
}
