package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// newDoctorCommand makes `penstock doctor`.
func newDoctorCommand(catalog definition.Catalog) *cobra.Command {
	var file, output string
	var offline bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything that the server needs, and say how to mend it",
		Long: `Check everything that the server needs, and say how to mend it. Run it on the
server's machine, as the server's user (sudo -u penstock penstock doctor), while
the server runs or before its first start. It changes nothing; it has GitHub
deliver its newest ping once more, to see whether it arrives.

Checks: settings, login, secrets, git, sandbox, disk, database, server, github, clock,
credentials, permissions, events, installations, webhook, url, delivery; where there is
an app in Slack, slack, slack-clock, slack-scopes, slack-socket and for each of its
channels slack-channel; repositories, and for each of them, at most ` + fmt.Sprint(mostRepositories) + `, pipeline,
protection, codeowners.

-o json prints {"version", "failed", "warnings", "checks": [{"check", "repository",
"state", "says", "mend"}]}; state is ok, warning, failed or skipped; repository and
mend are left out where there is none. Fields may be added, none will change.

Exit codes: 0 nothing has failed; 1 something has; 2 the settings cannot be used
(what can be checked without them is).`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "table" && output != "json" {
				return &exitError{exitUsage, fmt.Errorf("-o %s: write table or json", output)}
			}
			d := newDoctor(file, os.Environ(), catalog)
			d.offline = offline
			d.examine(c.Context())
			report := d.report()
			var err error
			if output == "json" {
				err = printJSON(c.OutOrStdout(), report)
			} else {
				err = report.print(c.OutOrStdout())
			}
			switch {
			case err != nil:
				return err
			case c.Context().Err() != nil:
				return &exitError{exitInterrupted, nil}
			case len(d.problems) > 0:
				return &exitError{exitUsage, nil}
			case report.Failed > 0:
				return &exitError{exitFailed, nil}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration `FILE` of the server (default "+configs.DefaultPath+" if it is there)")
	cmd.Flags().StringVarP(&output, "output", "o", "table", "`format` of the output: table or json")
	cmd.Flags().BoolVar(&offline, "offline", false, "ask nothing of GitHub or Slack, nor of the public URL")
	return cmd
}

// doctor looks at one thing after the other and notes what it finds.
type doctor struct {
	config   configs.Config
	problems configs.Problems
	warnings []configs.Warning
	catalog  definition.Catalog
	offline  bool

	now      func() time.Time
	patience time.Duration // for a delivery to arrive
	every    time.Duration // how often is looked whether it has
	most     int           // repositories to look at

	forge    *githubapp.App // nil: GitHub cannot be asked
	app      githubapp.Registered
	running  bool // a server answers here
	hooked   bool // deliveries go to this server's address
	findings []finding
}

func newDoctor(file string, environ []string, catalog definition.Catalog) *doctor {
	d := &doctor{catalog: catalog, now: time.Now, patience: 30 * time.Second, every: time.Second, most: mostRepositories}
	var err error
	d.config, d.warnings, err = configs.Load(file, environ)
	if !errors.As(err, &d.problems) && err != nil {
		d.problems = configs.Problems{err.Error()}
	}
	_, wrong := vaultSecrets(d.config)
	_, more := vaultConnections(d.config)
	d.problems = append(d.problems, append(wrong, more...)...)
	return d
}

// examine runs all checks, what the others build on first.
func (d *doctor) examine(ctx context.Context) {
	d.settings()
	d.login()
	d.secrets(ctx)
	d.git(ctx)
	d.sandbox(ctx)
	d.disk()
	d.database(ctx)
	d.server(ctx)
	d.github(ctx)
	d.credentials(ctx)
	installed := d.installations(ctx)
	d.webhook(ctx)
	d.url(ctx)
	d.delivery(ctx)
	d.slack(ctx)
	d.repositories(ctx, installed)
}
