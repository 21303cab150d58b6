package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

// commitName is what is taken for a commit. The number of a run that has as many
// digits is written with #.
var commitName = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// newWhyCommand makes `penstock why`.
func newWhyCommand() *cobra.Command {
	var r remote
	var changes bool
	cmd := &cobra.Command{
		Use:     "why RUN | COMMIT",
		Example: "  penstock why 'acme/shop#142'\n  penstock why 4f2c9d1 --repo acme/shop\n  penstock why --changes",
		Args: func(c *cobra.Command, args []string) error {
			if changes && len(args) == 0 {
				return nil
			}
			return oneRun(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			client, err := r.open()
			if err != nil {
				return err
			}
			if changes || commitName.MatchString(strings.ToLower(args[0])) {
				sha := ""
				if len(args) > 0 {
					sha = args[0]
				}
				return r.judged(c, client, strings.ToLower(sha))
			}
			run, err := r.run(c.Context(), client, args[0])
			if err != nil {
				return err
			}
			var answer api.Why
			if err := client.get(c.Context(), escaped("/runs/{}/why", run.ID), &answer); err != nil {
				return err
			}
			return r.print(c.OutOrStdout(), answer, func(out io.Writer) error { return whyText(out, answer) })
		},
	}
	sameWords(cmd, command.Why, "For a commit (7 digits of its id or more) it says how its push or pull request was judged: "+
		"what it started, or why nothing. --changes lists the newest of the repository with their judgements.")
	r.command(cmd)
	cmd.Flags().BoolVar(&changes, "changes", false, "the newest pushes and pull requests, and how they were judged")
	return cmd
}

// whyText explains for people.
func whyText(out io.Writer, answer api.Why) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", runTitle(answer.Run), shortState(answer.Run))
	for _, l := range answer.Lines {
		fmt.Fprintf(&b, "- %s\n", onScreen(strings.TrimRight(l.Text, ".")))
		if l.Move != "" {
			fmt.Fprintf(&b, "  %s\n", onScreen(l.Move))
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// judged lists how changes were judged.
func (r *remote) judged(c *cobra.Command, client *client, sha string) error {
	name, err := r.repository(c.Context())
	if err != nil {
		return err
	}
	owner, repo, _ := strings.Cut(name, "/")
	query := url.Values{"limit": {"20"}}
	if sha != "" {
		query.Set("sha", sha)
	}
	var answer api.Judgements
	if err := client.get(c.Context(), escaped("/repositories/{}/{}/judgements?", owner, repo)+query.Encode(), &answer); err != nil {
		return err
	}
	if len(answer.Judgements) == 0 && sha != "" && answer.Next == "" {
		return errors.New("GitHub has told of no push or pull request with " + sha + " in the last 14 days: is the app installed there, and does its webhook arrive? penstock doctor looks")
	}
	return r.print(c.OutOrStdout(), answer, func(out io.Writer) error {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "RECEIVED\tCHANGE\tCOMMIT\tSTATUS\tJUDGEMENT")
		for _, j := range answer.Judgements {
			change := strings.TrimPrefix(strings.TrimPrefix(j.Ref, "refs/heads/"), "refs/")
			if j.PullRequest != 0 {
				change = fmt.Sprintf("pull request #%d %s", j.PullRequest, j.Action)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", j.ReceivedAt.Format(time.RFC3339), onScreen(change), onScreen(j.SHA[:min(7, len(j.SHA))]), j.Status, onScreen(j.Note))
		}
		return w.Flush()
	})
}
