package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline/provider"
)

// demoTime is how long the whole story may take.
const demoTime = 30 * time.Second

// newDemoCommand makes `penstock demo`: a small GitHub and Penstock in one
// process, to try everything without an account.
func newDemoCommand(registry *provider.Registry) *cobra.Command {
	var once, verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try Penstock with a small GitHub on this machine",
		Long: `Try Penstock with a small GitHub on this machine: nothing to set up, nothing
left behind. It prints the pages to look at and the git push to try, and stays
until Ctrl-C.

With --once it does what a user would: clones, pushes a branch, opens a pull
request, approves, merges, approves the run on main, and shows what GitHub shows.`,
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
	house, err := newDemoHouse(ctx, registry, log)
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
	fmt.Fprintf(out, `Penstock and a small GitHub are running on this machine.

  The repository    %s/octo-org/shop
  Runs and logs     %s/

Push a branch and open a pull request (any user name, the token as password):

  git clone http://octocat:%s@%s/octo-org/shop.git %s/shop
  cd %s/shop
  git switch -c louder && echo "HELLO from the shop!" > greeting.txt
  git -c user.name=octocat -c user.email=octocat@example.com commit -am "Say it louder"
  git push -u origin louder

Then open %s/octo-org/shop, press "Open a pull request", watch the
checks, comment /approve, merge, and approve once more for main. The command line
shows it, too:

  PENSTOCK_SERVER=%s penstock runs list --all

Ctrl-C ends it and removes everything.
`, h.github.URL(), h.server.config.URL, h.octocat.Token, h.github.URL()[len("http://"):], h.dir, h.dir, h.github.URL(), h.server.config.URL)
}
