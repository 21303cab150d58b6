package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

// act finds the run of the first argument, asks the server to do something to it,
// and prints it as it is then.
func (r *remote) act(c *cobra.Command, name, verb string, body any, wait bool) error {
	client, err := r.open()
	if err != nil {
		return err
	}
	run, err := r.run(c.Context(), client, name)
	if err != nil {
		return err
	}
	var now api.Run // not over the old one: what an answer leaves out would stay
	if err := client.write(c.Context(), c.ErrOrStderr(), http.MethodPost, escaped("/runs/{}/"+verb, run.ID), body, &now); err != nil {
		return err
	}
	return r.finish(c, client, now, wait)
}

func newStopCommand() *cobra.Command {
	var r remote
	var in api.Stop
	var wait bool
	cmd := &cobra.Command{
		Use:  "stop RUN",
		Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error { return r.act(c, args[0], "stop", in, wait) },
	}
	sameWords(cmd, command.Stop, "")
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().BoolVar(&in.Abandon, "abandon", false, "end the actions that run, too")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see")
	return cmd
}

func newRetryCommand() *cobra.Command {
	var r remote
	var in api.Retry
	var all, wait bool
	cmd := &cobra.Command{
		Use:  "retry RUN",
		Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			if all {
				in.Mode = "ALL_ACTIONS"
			}
			return r.act(c, args[0], "retry", in, wait)
		},
	}
	sameWords(cmd, command.Retry, "")
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().StringVar(&in.Stage, "stage", "", "`NAME` of the stage (default: the one that failed)")
	cmd.Flags().BoolVar(&all, "all", false, "every action of the stage, not only those that failed")
	return cmd
}

// twoWords checks that there are two arguments.
func twoWords(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 2 {
			return &exitError{exitUsage, fmt.Errorf("name %s\nSee '%s --help'", what, c.CommandPath())}
		}
		return nil
	}
}
