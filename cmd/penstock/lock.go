package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

func newLockCommand() *cobra.Command {
	var in api.SetLock
	cmd := newSetLockCommand(command.Lock, "lock ENVIRONMENT --reason WHY", &in)
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see; needed")
	return cmd
}

func newUnlockCommand() *cobra.Command {
	return newSetLockCommand(command.Unlock, "unlock ENVIRONMENT", &api.SetLock{})
}

func newSetLockCommand(verb command.Verb, use string, in *api.SetLock) *cobra.Command {
	var r remote
	in.Locked = verb == command.Lock
	cmd := &cobra.Command{
		Use: use,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &exitError{exitUsage, fmt.Errorf("name one environment\nSee '%s --help'", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if in.Locked && in.Reason == "" {
				return &exitError{exitUsage, errors.New("--reason is missing: say why, people will read it")}
			}
			client, err := r.open()
			if err != nil {
				return err
			}
			name, err := r.repository(c.Context())
			if err != nil {
				return err
			}
			owner, repo, _ := strings.Cut(name, "/")
			path := escaped("/repositories/{}/{}/environments/{}/lock", owner, repo, args[0])
			var answer api.Environments
			if err := client.write(c.Context(), c.ErrOrStderr(), http.MethodPut, path, in, &answer); err != nil {
				return err
			}
			return r.print(c.OutOrStdout(), answer, func(out io.Writer) error { return environmentTable(out, answer) })
		},
	}
	return r.command(sameWords(cmd, verb, ""))
}

// environmentTable shows environments and their locks for people.
func environmentTable(out io.Writer, answer api.Environments) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ENVIRONMENT\tLOCK\tBY\tSINCE\tREASON")
	for _, e := range answer.Environments {
		state, since := "open", "-"
		if e.Locked {
			state = "locked"
		}
		if !e.At.IsZero() {
			since = e.At.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", onScreen(e.Name), state, cmp.Or(onScreen(e.By), "-"), since, onScreen(e.Reason))
	}
	return w.Flush()
}
