package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

func newApproveCommand() *cobra.Command {
	return newDecideCommand(command.Approve,
		"  penstock approve 'acme/shop#142' production --reason 'numbers are fine'\n  penstock approve 'acme/shop#142' --wait")
}

func newRejectCommand() *cobra.Command {
	return newDecideCommand(command.Reject, "  penstock reject 'acme/shop#142' --reason 'not on a Friday'")
}

func newDecideCommand(verb command.Verb, example string) *cobra.Command {
	var r remote
	var in api.Decision
	var wait bool
	cmd := &cobra.Command{
		Use: string(verb) + " RUN [GATE]", Example: example, Args: runAndGate,
		RunE: func(c *cobra.Command, args []string) error {
			if verb == command.Reject && in.Reason == "" {
				return &exitError{exitUsage, errors.New("--reason is missing: say why, people will read it")}
			}
			if len(args) > 1 {
				in.Gate = args[1]
			}
			return r.act(c, args[0], string(verb), in, wait)
		},
	}
	sameWords(cmd, verb, "Your vote counts as a comment of yours would.")
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see")
	cmd.Flags().StringVar(&in.SHA, "sha", "", "count only if the gate is about this `COMMIT`, or one that begins so")
	return cmd
}

func newUnapproveCommand() *cobra.Command {
	var r remote
	var in api.Withdrawal
	cmd := &cobra.Command{
		Use: "unapprove RUN [GATE]", Args: runAndGate,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				in.Gate = args[1]
			}
			return r.act(c, args[0], "unapprove", in, false)
		},
	}
	return r.command(sameWords(cmd, command.Unapprove, ""))
}

// runAndGate checks that a run is named, and perhaps a gate.
func runAndGate(c *cobra.Command, args []string) error {
	if len(args) != 1 && len(args) != 2 {
		return &exitError{exitUsage, fmt.Errorf("name a run, and the gate if several are open\nSee '%s --help'", c.CommandPath())}
	}
	return nil
}
