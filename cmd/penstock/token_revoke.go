package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/storage"
)

func newTokenRevokeCommand() *cobra.Command {
	var b beside
	var user string
	cmd := &cobra.Command{
		Use:   "revoke ID | --user LOGIN",
		Short: "End a token, or all tokens and sessions of an account",
		Long: `End a token, or with --user all tokens of an account and its sessions on the pages. It
counts at once, and for good.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if (len(args) == 1) == (user != "") {
				return &exitError{exitUsage, errors.New("name one token by its id (`penstock token list`), or an account with --user")}
			}
			db, err := b.open(c.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			if user != "" {
				return revokeAll(c, db, user)
			}
			revoked, err := db.RevokeToken(c.Context(), args[0], time.Now())
			switch {
			case err != nil:
				return err
			case !revoked:
				return &exitError{exitFailed, fmt.Errorf("there is no token %s that is still valid", onScreen(args[0]))}
			}
			fmt.Fprintf(c.OutOrStdout(), "Revoked %s.\n", args[0])
			return nil
		},
	}
	b.flags(cmd, false)
	cmd.Flags().StringVar(&user, "user", "", "all of the account with this `LOGIN`, as it was when the tokens were made or the sessions began")
	return cmd
}

// revokeAll ends what an account has. GitHub is not asked: somebody who has left may
// not be there any more. A login may have meant several accounts over time; all are
// meant.
func revokeAll(c *cobra.Command, db *storage.DB, login string) error {
	ctx := c.Context()
	accounts, err := db.Accounts(ctx, strings.TrimPrefix(login, "@"))
	if err != nil {
		return err
	}
	if len(accounts) == 0 {
		return &exitError{exitFailed, fmt.Errorf("nobody with the login %s has a token or a session here", onScreen(login))}
	}
	tokens := 0
	for _, a := range accounts {
		n, err := db.RevokeTokens(ctx, a.Host, a.ID, time.Now())
		if err == nil {
			err = db.EndSessions(ctx, a.Host, a.ID)
		}
		if err != nil {
			return err
		}
		tokens += n
	}
	fmt.Fprintf(c.OutOrStdout(), "Revoked %d tokens of %s and ended their sessions.\n", tokens, onScreen(login))
	return nil
}
