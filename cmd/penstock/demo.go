package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline/provider"
)

// demoTime is how long the whole story may take.
const demoTime = 30 * time.Second

// newDemoCommand makes `penstock demo`: a small GitHub, a small Slack and Penstock in
// one process, to try everything without an account.
func newDemoCommand(registry *provider.Registry) *cobra.Command {
	var once, verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try Penstock with a small GitHub and a small Slack on this machine",
		Long: `Try Penstock with a small GitHub and a small Slack on this machine: nothing to set up,
nothing left behind. It prints the pages to look at, the git push to try and a token for
the command line, and stays until Ctrl-C.

With --once it does what users would: clones, pushes a branch, opens a pull request,
merges it, approves staging by a comment and production in Slack, and shows what GitHub
shows. It ends with exit code 1 if anything of that does not come about in time.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return demo(c.Context(), registry, once, verbose, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "tell one whole story, check what GitHub shows, and exit")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show the server's log")
	return cmd
}

func demo(ctx context.Context, registry *provider.Registry, once, verbose bool, out, log io.Writer) (err error) {
	if !verbose {
		log = io.Discard
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // its terminal is closed
	defer stop()
	house, err := newDemoHouse(ctx, registry, !once, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, house.close()) }()
	if once {
		ctx, cancel := context.WithTimeoutCause(ctx, demoTime, fmt.Errorf("not within %s", demoTime))
		defer cancel()
		return house.tell(ctx, out)
	}
	house.welcome(out)
	select {
	case <-ctx.Done():
		return nil
	case err := <-house.ended:
		return err
	}
}

// welcome says what there is to see and to try.
func (h *demoHouse) welcome(out io.Writer) {
	github := h.github.URL()
	fmt.Fprintf(out, `Penstock, a small GitHub and a small Slack are running on this machine.

  All side by side  %[11]s/

  The repository    %[1]s/octo-org/shop
  Slack             %[9]s
  Runs and logs     %[2]s/    (sign in as octocat)

1. Push a branch:

  git clone http://octocat:%[3]s@%[4]s/octo-org/shop.git %[5]s/shop
  cd %[5]s/shop
  git switch -c louder && echo "HELLO from the shop!" > greeting.txt
  git -c user.name=octocat -c user.email=%[8]s commit -am "Say it louder"
  git push -u origin louder

2. Open %[1]s/octo-org/shop, press "Open a pull request", watch the
   checks, and merge. Now staging waits for somebody who has no hand in the change:
   comment /approve as octocat, see why that does not count, and comment it as hubot.

3. Production is asked in Slack, #%[10]s: press Approve as monalisa, whose accounts are
   not linked (/penstock link does that), and as hubot, whose are.

4. The same from the command line, in that clone:

  export PENSTOCK_SERVER=%[2]s PENSTOCK_TOKEN=%[6]s
  penstock start release
  penstock why 3
  PENSTOCK_TOKEN=%[7]s penstock approve 3

Change .penstock.yml, push, and see what happens. Ctrl-C ends it and removes everything.
`, github, h.server.config.URL, h.octocat.Token, strings.TrimPrefix(github, "http://"), h.dir, h.token, h.other, h.octocat.Email, h.slackPage(), demoChannel, h.page.origin())
}
