package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/configs"
)

// newSetupCommand makes `penstock setup`.
func newSetupCommand() *cobra.Command {
	var wish setupWish
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Create the GitHub App and write the configuration",
		Long: `Create the GitHub App and write the configuration: a page shows what the app may do
and why, and leads to GitHub, where one click makes it: a private app, with exactly
these permissions and events:

` + needsTable() + `
The configuration and the app's secrets are written to the folder --dir, each file
for its owner only. As root, they get the owner of the folder: the server's user.

The page is at this machine only. From a server without a browser, reach it
through ssh -L (the line to copy is printed); or write it to a file with --page,
open that anywhere, and paste the address that GitHub leads to.`,
		Example: `  penstock setup --url https://penstock.example.com --org acme
  penstock setup --url https://penstock.example.com --org acme --github https://github.example.com
  penstock setup --poll 30s --dir ~/penstock --data ~/penstock/data    # nobody can reach this server`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			plan, err := wish.plan()
			if err != nil {
				return &exitError{exitUsage, err}
			}
			return plan.run(c.Context(), c.InOrStdin(), c.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&wish.url, "url", "", "public `URL` of this server; required, unless with --poll")
	f.StringVar(&wish.organization, "org", "", "`ORGANIZATION` that the app belongs to (default: the person who makes it)")
	f.StringVar(&wish.name, "name", "", "`NAME` of the app, which signs its comments (default: penstock and the organization or host)")
	f.StringVar(&wish.github, "github", "https://github.com", "`URL` of the GitHub: an Enterprise Server's, or https://SUB.ghe.com")
	f.StringSliceVar(&wish.allow, "allow", nil, "`OWNER` or owner/repository the server works for (default: the app's owner)")
	f.StringVar(&wish.dir, "dir", filepath.Dir(configs.DefaultPath), "`FOLDER` for the configuration and the app's secrets")
	f.StringVar(&wish.data, "data", "/var/lib/penstock", "data `FOLDER` of the server")
	f.DurationVar(&wish.poll, "poll", 0, "`how often` to read from GitHub what happened, for a server that GitHub cannot reach: 30s")
	f.StringVar(&wish.listen, "listen", "127.0.0.1:0", "`ADDRESS` of the page, on this machine")
	f.StringVar(&wish.page, "page", "", "write the page to this `FILE` instead")
	f.BoolVar(&wish.force, "force", false, "replace a configuration that is there: its settings are kept as config.yml.old, its secrets are not kept")
	return cmd
}

// needsTable lists what the app is asked to be given, with reasons.
func needsTable() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, n := range githubapp.Needs() {
		fmt.Fprintf(w, "  %s: %s\t%s\n", n.Permission, n.Level, n.Reason)
	}
	for _, l := range githubapp.Listens() {
		fmt.Fprintf(w, "  event %s\t%s\n", l.Event, l.Reason)
	}
	w.Flush()
	return text.String()
}

// convertTime is how long making the app out of its code may take.
const convertTime = 30 * time.Second

// setupPlan is a set-up that can begin.
type setupPlan struct {
	setupWish
	site     githubapp.Site
	manifest githubapp.Manifest // without Redirect
	files    *setupFiles
	made     githubapp.NewApp
}

// run makes the app and the configuration. Files are reserved before GitHub is
// asked for anything, and written before anything is said to be done.
func (p *setupPlan) run(ctx context.Context, in io.Reader, out io.Writer) error {
	var err error
	if p.files, err = reserveFiles(p.dir, setupNames, p.force); err != nil {
		return err
	}
	defer p.files.abandon()
	if _, err := githubapp.Reach(ctx, githubapp.Options{APIURL: p.site.APIURL(), UserAgent: "penstock/" + version}); err != nil {
		return fmt.Errorf("nothing is done yet, because it could not be ended: %w; look at the network and the proxy (HTTPS_PROXY)", err)
	}
	if p.page != "" {
		err = p.byFile(ctx, in, out)
	} else {
		err = p.bySite(ctx, out)
	}
	if err != nil {
		return err
	}
	p.tell(out)
	return nil
}

// errUnwritten is in the chain of errors that come after GitHub has given out what
// it gives out once.
var errUnwritten = errors.New("its configuration cannot be written")

// finish takes up the code that the browser brought. Once GitHub has answered,
// what it said is on disk before this returns.
func (p *setupPlan) finish(ctx context.Context, code string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), convertTime)
	defer cancel()
	made, err := p.site.Convert(ctx, code)
	if err != nil {
		return err
	}
	p.made = made
	if err := p.files.write(p.contents(made)); err != nil {
		return fmt.Errorf("the app %s exists, and %w: %w\n"+
			"Delete the app on %s and begin again, or make a private key, a client secret and a webhook secret there and write the files by hand",
			made.Slug, errUnwritten, err, p.settingsPage())
	}
	return nil
}

// settingsPage is where the app is changed.
func (p *setupPlan) settingsPage() string { return p.site.SettingsPage(p.organization, p.made.Slug) }

func (p *setupPlan) tell(out io.Writer) {
	fmt.Fprintf(out, "\nThe app %s exists: %s\nWritten, for their owner only:\n", p.made.Slug, p.settingsPage())
	for _, name := range setupNames {
		fmt.Fprintf(out, "  %s\n", filepath.Join(p.dir, name))
	}
	config := ""
	if file := filepath.Join(p.dir, setupNames[0]); file != configs.DefaultPath {
		config = " --config " + file
	}
	fmt.Fprintf(out, "\nInstall it on the repositories:\n  %s/installations/new\n", p.made.Page)
	fmt.Fprintf(out, "Then, as the user that owns these files:\n  penstock serve%s      # or: systemctl enable --now penstock\n  penstock doctor%s\n", config, config)
	_, _, err := configs.Load(filepath.Join(p.dir, setupNames[0]), os.Environ())
	var problems configs.Problems
	if errors.As(err, &problems) {
		fmt.Fprintf(out, "\nBefore that, these settings have to be mended:\n%v\n", problems)
	}
}
