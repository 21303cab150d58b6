package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

func newDisableCommand() *cobra.Command {
	return newTransitionCommand(command.Disable, "disable STAGE --reason WHY")
}

func newEnableCommand() *cobra.Command { return newTransitionCommand(command.Enable, "enable STAGE") }

func newTransitionCommand(verb command.Verb, use string) *cobra.Command {
	var r remote
	in := api.SetTransition{Enabled: verb == command.Enable}
	cmd := &cobra.Command{
		Use: use,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &exitError{exitUsage, fmt.Errorf("name one stage\nSee '%s --help'", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if !in.Enabled && in.Reason == "" {
				return &exitError{exitUsage, errors.New("--reason is missing: say why, people will read it")}
			}
			in.Stage = args[0]
			client, base, err := r.ofPipeline(c)
			if err != nil {
				return err
			}
			var answer api.Transitions
			if err := client.write(c.Context(), c.ErrOrStderr(), http.MethodPut, base+"/transitions", in, &answer); err != nil {
				return err
			}
			return r.print(c.OutOrStdout(), answer, func(out io.Writer) error { return transitionTable(out, answer) })
		},
	}
	sameWords(cmd, verb, "The pipeline is --pipeline, or the only one that has run lately.")
	r.command(cmd)
	cmd.Flags().StringVar(&in.Lane, "lane", "", "only for this `LANE`: branch:NAME, tag:NAME or pull:NUMBER (default: every lane)")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see")
	return cmd
}

// transitionTable shows doors for people.
func transitionTable(out io.Writer, answer api.Transitions) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STAGE\tLANE\tTRANSITION\tBY\tSINCE\tREASON")
	for _, t := range answer.Transitions {
		state := "disabled"
		if t.Enabled {
			state = "enabled"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", onScreen(t.Stage), cmp.Or(onScreen(t.Lane), "every"), state, cmp.Or(onScreen(t.By), "-"), t.At.Format(time.RFC3339), onScreen(t.Reason))
	}
	return w.Flush()
}
