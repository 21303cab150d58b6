package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/web/api"
)

func newApproveCommand() *cobra.Command {
	return newDecideCommand("approve", "Approve an open gate of a run", `Approve an open gate of a run: an environment, or STAGE/ACTION. While one gate is
open it need not be named. Your vote counts as a comment of yours would.`,
		"  penstock approve 'acme/shop#142' production --reason 'numbers are fine'\n  penstock approve 'acme/shop#142' --wait")
}

func newRejectCommand() *cobra.Command {
	return newDecideCommand("reject", "Reject an open gate of a run, which then fails", `Reject an open gate of a run: an environment, or STAGE/ACTION. While one gate is open
it need not be named. The run fails, with your --reason; a retry asks again.`,
		"  penstock reject 'acme/shop#142' --reason 'not on a Friday'")
}

func newDecideCommand(verb, short, long, example string) *cobra.Command {
	var r remote
	var in api.Decision
	var wait bool
	cmd := &cobra.Command{
		Use: verb + " RUN [GATE]", Short: short, Long: long, Example: example,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return &exitError{exitUsage, fmt.Errorf("name a run, and the gate if several are open\nSee '%s --help'", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if verb == "reject" && in.Reason == "" {
				return &exitError{exitUsage, errors.New("--reason is missing: say why, people will read it")}
			}
			if len(args) > 1 {
				in.Gate = args[1]
			}
			return r.act(c, args[0], verb, in, wait)
		},
	}
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see")
	cmd.Flags().StringVar(&in.SHA, "sha", "", "count only if the gate is about this `COMMIT`, or one that begins so")
	return cmd
}
