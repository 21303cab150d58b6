package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

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
	if err := client.write(c.Context(), c.ErrOrStderr(), http.MethodPost, escaped("/runs/{}/"+verb, run.ID), body, &run); err != nil {
		return err
	}
	return r.finish(c, client, run, wait)
}

func newStopCommand() *cobra.Command {
	var r remote
	var in api.Stop
	var wait bool
	cmd := &cobra.Command{
		Use:   "stop RUN",
		Short: "Stop a run, after its running actions or at once",
		Long: `Stop a run: the actions that run come to their end, and nothing after them starts.
With --abandon they are ended too.`,
		Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error { return r.act(c, args[0], "stop", in, wait) },
	}
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
		Use:   "retry RUN",
		Short: "Run the failed actions of a run again, or the whole stage",
		Long: `Run the failed actions of a run's stage again, in the same run and with the same
commit, or with --all every action of the stage. A gate that was rejected or has
expired asks again; old votes do not count.`,
		Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			if all {
				in.Mode = "ALL_ACTIONS"
			}
			return r.act(c, args[0], "retry", in, wait)
		},
	}
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().StringVar(&in.Stage, "stage", "", "`NAME` of the stage (default: the one that failed)")
	cmd.Flags().BoolVar(&all, "all", false, "every action of the stage, not only those that failed")
	return cmd
}

func newOverrideCommand() *cobra.Command {
	var r remote
	var in api.Override
	var success, wait bool
	cmd := &cobra.Command{
		Use:   "override RUN STAGE --reason WHY",
		Short: "Let a run pass a condition of a stage that has failed",
		Long: `Let a run pass the condition before a stage's entry, or with --on-success the one
after its success, which has failed or still is evaluated. It is noted who did and why.`,
		Args: twoWords("a run and a stage"),
		RunE: func(c *cobra.Command, args []string) error {
			in.Stage, in.Condition = args[1], "BEFORE_ENTRY"
			if success {
				in.Condition = "ON_SUCCESS"
			}
			return r.act(c, args[0], "override", in, wait)
		},
	}
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().BoolVar(&success, "on-success", false, "the condition after the stage's success")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see; needed")
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
