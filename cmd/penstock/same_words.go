package main

import (
	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
)

// sameWords describes a verb in the words of the same command in a comment. more is
// what there is to say besides on the command line.
func sameWords(cmd *cobra.Command, verb command.Verb, more string) *cobra.Command {
	spec := verb.Spec()
	cmd.Short = spec.Does
	cmd.Long = command.Fold(spec.Does+". "+spec.More+" "+more, 85)
	return cmd
}
