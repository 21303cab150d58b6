package main

import (
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

func newRollbackCommand() *cobra.Command {
	var r remote
	var in api.RollbackTo
	var wait bool
	cmd := &cobra.Command{
		Use:     "rollback RUN STAGE",
		Example: "  penstock rollback 'acme/shop#41' Production --reason 'checkout is broken' --wait",
		Args:    twoWords("the run to go back to, and a stage"),
		RunE: func(c *cobra.Command, args []string) error {
			client, err := r.open()
			if err != nil {
				return err
			}
			run, err := r.run(c.Context(), client, args[0])
			if err != nil {
				return err
			}
			owner, repo, _ := strings.Cut(run.Repository.Name, "/")
			in.Stage, in.Target = args[1], run.Number
			path := escaped("/repositories/{}/{}/pipelines/{}/rollback", owner, repo, run.Pipeline)
			if err := client.write(c.Context(), c.ErrOrStderr(), http.MethodPost, path, in, &run); err != nil {
				return err
			}
			return r.finish(c, client, run, wait)
		},
	}
	sameWords(cmd, command.Rollback, "RUN is the earlier one; today's rules of the environment hold. penstock enable opens the transition.")
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().StringVar(&in.Reason, "reason", "", "`sentence` that people see")
	return cmd
}
