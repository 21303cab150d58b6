package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
)

// tokenLine is a token as it is printed.
type tokenLine struct {
	ID           string           `json:"id"`
	User         string           `json:"user"`
	UserID       int64            `json:"userId"`
	Scopes       []pipeline.Scope `json:"scopes"`
	Repositories []string         `json:"repositories"` // none: no limit
	State        string           `json:"state"`        // valid, expired or revoked
	CreatedBy    string           `json:"createdBy"`
	CreatedAt    time.Time        `json:"createdAt"`
	ExpiresAt    time.Time        `json:"expiresAt"`
	RevokedAt    time.Time        `json:"revokedAt,omitzero"`
	UsedAt       time.Time        `json:"usedAt,omitzero"`
}

func lineOf(t pipeline.Token, names map[int64]string, now time.Time) tokenLine {
	l := tokenLine{
		ID: t.ID, User: t.Who.Login, UserID: t.Who.ID, Scopes: t.Scopes, Repositories: []string{}, State: "valid", CreatedBy: t.CreatedBy,
		CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt, UsedAt: t.UsedAt,
	}
	for _, id := range t.Repositories {
		l.Repositories = append(l.Repositories, cmp.Or(names[id], strconv.FormatInt(id, 10)))
	}
	switch {
	case !t.RevokedAt.IsZero():
		l.State = "revoked"
	case !t.Valid(now):
		l.State = "expired"
	}
	return l
}

func newTokenListCommand() *cobra.Command {
	var b beside
	var all bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List tokens: whose they are, what for, and when they were used",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			db, err := b.open(c.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			tokens, err := db.Tokens(c.Context())
			if err != nil {
				return err
			}
			repositories, err := db.Repositories(c.Context())
			if err != nil {
				return err
			}
			names := map[int64]string{}
			for _, r := range repositories {
				names[r.ID] = r.FullName()
			}
			lines := []tokenLine{}
			for _, t := range tokens {
				if l := lineOf(t, names, time.Now()); all || l.State == "valid" {
					lines = append(lines, l)
				}
			}
			if b.output == "json" {
				return printJSON(c.OutOrStdout(), lines)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tUSER\tSCOPES\tREPOSITORIES\tSTATE\tEXPIRES\tUSED\tMADE BY")
			for _, l := range lines {
				fmt.Fprintln(w, l.row())
			}
			return w.Flush()
		},
	}
	b.flags(cmd, true)
	cmd.Flags().BoolVar(&all, "all", false, "also those that have expired or were revoked")
	return cmd
}

func (l tokenLine) row() string {
	used := "never"
	if !l.UsedAt.IsZero() {
		used = l.UsedAt.UTC().Format(time.RFC3339)
	}
	return strings.Join([]string{
		l.ID, onScreen(l.User), words(l.Scopes), cmp.Or(onScreen(strings.Join(l.Repositories, ",")), "all"), l.State,
		l.ExpiresAt.UTC().Format(time.RFC3339), used, onScreen(l.CreatedBy),
	}, "\t")
}
