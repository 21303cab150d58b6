package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// newTokenCommand makes `penstock token`.
func newTokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke API tokens",
		Long: `API tokens let programs act as an account of GitHub: at each call GitHub is asked
what that account may do, and a token can only take away from it. They are good while
the login is configured (docs/login.md).

Run these on the server's machine, as the server's user or root, while the server runs
or not. Programs send a token in a header, never in an address:

  curl -H "Authorization: Bearer $PENSTOCK_TOKEN" https://penstock.example.com/`,
	}
	cmd.AddCommand(newTokenCreateCommand(), newTokenListCommand(), newTokenRevokeCommand())
	return cmd
}

// scopesOf reads the words of --scope.
func scopesOf(words []string) ([]pipeline.Scope, error) {
	var scopes []pipeline.Scope
	for _, word := range words {
		found := false
		for _, s := range pipeline.Scopes() {
			found = found || word == string(s)
		}
		if !found {
			return nil, &exitError{exitUsage, fmt.Errorf("--scope %s: write read, write or metrics, or several with commas between them", word)}
		}
		scopes = append(scopes, pipeline.Scope(word))
	}
	if len(scopes) == 0 {
		return nil, &exitError{exitUsage, errors.New("--scope is missing: read, write or metrics")}
	}
	return scopes, nil
}

// installed is the repository of a name that the app reaches.
func installed(ctx context.Context, db *storage.DB, fullName string) (pipeline.Repository, error) {
	all, err := db.Repositories(ctx)
	if err != nil {
		return pipeline.Repository{}, err
	}
	for _, r := range all {
		if !r.Suspended && strings.EqualFold(r.FullName(), fullName) {
			return r.Repository, nil
		}
	}
	return pipeline.Repository{}, &exitError{exitFailed, fmt.Errorf("%s is not connected: the app is not installed there, or the server has not heard of it yet", fullName)}
}
