package main

import (
	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline/provider"
)

// addVerbs gives the root its verbs, in the groups and in the order in which
// `penstock --help` shows them: by what somebody wants to do.
func addVerbs(root *cobra.Command, registry *provider.Registry) {
	groups := []struct {
		title string
		verbs []*cobra.Command
	}{
		{"Pipelines, in a repository, without a server:", []*cobra.Command{
			newDemoCommand(registry), newInitCommand(registry), newValidateCommand(registry), newPlanCommand(registry),
			newRunCommand(registry), newSchemaCommand(registry), newReferenceCommand(registry),
		}},
		{"Runs, through a server (PENSTOCK_SERVER, PENSTOCK_TOKEN):", []*cobra.Command{
			newRunsCommand(), newWhyCommand(), newLogsCommand(), newArtifactsCommand(),
			newApproveCommand(), newRejectCommand(), newUnapproveCommand(), newOverrideCommand(),
			newLockCommand(), newUnlockCommand(), newDisableCommand(), newEnableCommand(),
			newStartCommand(), newStopCommand(), newRetryCommand(), newRollbackCommand(),
		}},
		{"The server, on its machine:", []*cobra.Command{
			newSetupCommand(), newDoctorCommand(registry), newServeCommand(registry), newStatusCommand(), newPauseCommand(), newResumeCommand(),
			newTokenCommand(), newAuditCommand(), newBackupCommand(), newRestoreCommand(),
		}},
	}
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, verb := range g.verbs {
			verb.GroupID = g.title
			root.AddCommand(verb)
		}
	}
	root.AddCommand(newVersionCommand())
}
