package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

func newOverrideCommand() *cobra.Command {
	var r remote
	var in api.Override
	var success, wait bool
	cmd := &cobra.Command{
		Use:     "override RUN (--gate GATE | STAGE) --reason WHY",
		Example: "  penstock override 'acme/shop#142' --gate production --reason 'the shop is down'\n  penstock override 'acme/shop#142' Production --reason 'the check itself is broken'",
		Args: func(c *cobra.Command, args []string) error {
			if in.Gate != "" {
				return oneRun(c, args)
			}
			return twoWords("a run, and the stage whose condition is meant; or a run and --gate")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case in.Reason == "":
				return &exitError{exitUsage, errors.New("--reason is missing: say why, people will read it")}
			case in.Gate != "" && success:
				return &exitError{exitUsage, errors.New("--on-success is about a condition, not about a gate")}
			case in.Gate == "":
				in.Stage, in.Condition = args[1], "BEFORE_ENTRY"
			}
			if success {
				in.Condition = "ON_SUCCESS"
			}
			return r.act(c, args[0], "override", in, wait)
		},
	}
	sameWords(cmd, command.Override, "With a STAGE instead of --gate the run passes the condition before the entry of that stage, "+
		"or with --on-success the one after it, which has failed or still is evaluated: that takes write access.")
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().StringVar(&in.Gate, "gate", "", "`NAME` of the open gate, or of the environment that is frozen")
	cmd.Flags().BoolVar(&success, "on-success", false, "the condition after the stage's success")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see; needed")
	return cmd
}
