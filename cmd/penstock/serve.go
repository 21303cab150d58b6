package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// newServeCommand makes `penstock serve`: the server.
func newServeCommand(registry *provider.Registry) *cobra.Command {
	var file, level string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server: take webhooks, run pipelines, report and ask on GitHub.

Settings come from the configuration file, then the environment (PENSTOCK_...).
What is missing or wrong is said, one sentence each, before anything starts.
SIGTERM and Ctrl-C end it within ten seconds; running builds go on and are taken
up again by the next start. SIGHUP has it read the configuration again: the app's
private key, webhook secrets and allow count at once, the rest from the next start.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var logLevel slog.Level
			if err := logLevel.UnmarshalText([]byte(level)); err != nil {
				return &exitError{exitUsage, fmt.Errorf("--log-level %s: write debug, info, warn or error", level)}
			}
			logger := slog.New(slog.NewJSONHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: logLevel}))
			config, warnings, err := configs.Load(file, os.Environ())
			for _, warning := range warnings {
				logger.Warn(warning.Message, "setting", warning.Setting)
			}
			var problems configs.Problems
			if errors.As(err, &problems) {
				return &exitError{exitUsage, fmt.Errorf("the settings are not complete:\n%w", problems)}
			}
			if err != nil {
				return err
			}
			sandbox := sandboxRequired
			if config.Host.Unsandboxed {
				sandbox = sandboxOff
			}
			s, err := newServer(c.Context(), config, sandbox, registry, func() (configs.Config, error) {
				config, _, err := configs.Load(file, os.Environ())
				return config, err
			}, logger)
			if c.Context().Err() != nil { // told to end before it had begun
				return s.close()
			}
			if err != nil {
				return err
			}
			logger.Info("serving", "address", s.address(), "url", config.URL, "version", version,
				"sandbox", !config.Host.Unsandboxed)
			if !config.GitHub.Login() {
				logger.Warn("there is no login: runs and logs are shown to everything on this machine, also to jobs, which share its network; " +
					"set PENSTOCK_GITHUB_CLIENT_ID and PENSTOCK_GITHUB_CLIENT_SECRET_FILE (docs/login.md)")
			}
			if inContainer() {
				logger.Warn("running builds end when this container does; under systemd they would outlive a restart")
			}
			return s.run(c.Context())
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration `FILE` (default "+configs.DefaultPath+" if it is there)")
	cmd.Flags().StringVar(&level, "log-level", "info", "least `LEVEL` to log: debug, info, warn or error")
	return cmd
}

// inContainer reports whether we are the first process of a container: when we
// end, everything that we have started ends too.
func inContainer() bool { return os.Getpid() == 1 }
