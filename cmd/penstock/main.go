// Command penstock is the one binary: the server, and what people run on their
// own machines. It joins the rooms with plain constructor calls and decides
// nothing itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)       // a second Ctrl-C ends the program at once
	cobra.EnableCommandSorting = false // verbs stand in the order of use
	registry, err := provider.NewRegistry(standard.Providers()...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "penstock:", err)
		os.Exit(exitFailed)
	}
	os.Exit(execute(ctx, newRootCommand(registry), os.Stderr))
}

// execute runs the command line and answers the exit code.
func execute(ctx context.Context, root *cobra.Command, stderr interface{ Write([]byte) (int, error) }) int {
	err := root.ExecuteContext(ctx)
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintln(stderr, "penstock:", exit.err)
		}
		return exit.code
	}
	fmt.Fprintln(stderr, "penstock:", err)
	return exitFailed
}

func newRootCommand(registry *provider.Registry) *cobra.Command {
	root := &cobra.Command{
		Use:   "penstock",
		Short: "Continuous delivery that lives where the change lives",
		Long: `Penstock runs the pipeline of a repository: from a push or a pull request,
through stages and gates, to production. People approve where they talk.

Exit codes: 0 success; 1 failed or could not; 2 invalid file or usage;
3 rejected; 4 expired; 5 stopped, superseded or cancelled; 130 interrupted.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &exitError{exitUsage, fmt.Errorf("%w\nSee '%s --help'", err, c.CommandPath())}
	})
	addVerbs(root, registry)
	return root
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), "penstock", version) },
	}
}
