package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// newRunsCommand makes `penstock runs`.
func newRunsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "runs", Short: "List and show runs of a server"}
	cmd.AddCommand(newRunsListCommand(), newRunsShowCommand())
	return cmd
}

func newRunsListCommand() *cobra.Command {
	var r remote
	var lane, branch, sha, status string
	var gates, all bool
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List runs, the newest first",
		Long: `List runs, the newest first: those of --repo, or of the repository that this folder
is a clone of, or else of all repositories that you may read.`,
		Example: "  penstock runs list --repo acme/shop --branch main\n  penstock runs list --all --waiting",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := r.open()
			if err != nil {
				return err
			}
			query := url.Values{}
			switch name, err := r.repository(c.Context()); {
			case all && r.repo != "":
				return &exitError{exitUsage, errors.New("--repo names one repository, and --all asks for all")}
			case all:
			case err == nil:
				query.Set("repository", name)
			case r.repo != "":
				return err
			}
			if branch != "" {
				if lane != "" {
					return &exitError{exitUsage, errors.New("--branch is short for --lane branch:NAME: give one of them")}
				}
				lane = "branch:" + branch
			}
			for name, value := range map[string]string{"pipeline": r.pipeline, "lane": lane, "sha": sha, "status": status} {
				if value != "" {
					query.Set(name, value)
				}
			}
			if gates {
				query.Set("waiting", "gates")
			}
			query.Set("limit", strconv.Itoa(limit))
			var answer api.Runs
			if err := client.get(c.Context(), "/runs?"+query.Encode(), &answer); err != nil {
				return err
			}
			return r.print(c.OutOrStdout(), answer, func(out io.Writer) error { return runTable(out, answer, time.Now()) })
		},
	}
	r.command(cmd)
	cmd.Flags().StringVar(&lane, "lane", "", "only of this `LANE`: branch:NAME, tag:NAME or pull:NUMBER")
	cmd.Flags().StringVar(&branch, "branch", "", "only of this branch's `NAME`")
	cmd.Flags().StringVar(&sha, "sha", "", "only of this commit; the whole `ID`")
	cmd.Flags().StringVar(&status, "status", "", "only with this `STATUS`: InProgress, Succeeded, Failed ...")
	cmd.Flags().BoolVar(&gates, "waiting", false, "only with a gate that waits for votes")
	cmd.Flags().BoolVar(&all, "all", false, "of all repositories that you may read")
	cmd.Flags().IntVar(&limit, "limit", 20, "how many at most, 1 to 200")
	_ = cmd.RegisterFlagCompletionFunc("status", cobra.FixedCompletions(
		[]string{"InProgress", "Stopping", "Stopped", "Succeeded", "Failed", "Superseded", "Cancelled"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// runTable lists runs for people.
func runTable(out io.Writer, list api.Runs, now time.Time) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tSTATE\tLANE\tCOMMIT\tBY\tBEGAN\tMESSAGE")
	for _, run := range list.Runs {
		fmt.Fprintln(w, strings.Join([]string{
			runTitle(run), shortState(run), onScreen(run.Lane), run.Commit.SHA[:min(7, len(run.Commit.SHA))],
			cmp.Or(onScreen(run.Trigger.By), "-"), now.Sub(run.CreatedAt).Round(time.Second).String() + " ago", cut(onScreen(run.Commit.Message), 60),
		}, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if list.Incomplete {
		fmt.Fprintln(out, "Some repositories are left out: GitHub could not be asked about them.")
	}
	return nil
}

// shortState is runState without the reason.
func shortState(run api.Run) string {
	run.Reason = ""
	return runState(run)
}

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func newRunsShowCommand() *cobra.Command {
	var r remote
	var wait bool
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show a run: its stages, actions and gates",
		Args:  oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			client, err := r.open()
			if err != nil {
				return err
			}
			run, err := r.run(c.Context(), client, args[0])
			if err == nil && wait {
				w := &waiter{client: client, out: c.ErrOrStderr(), told: map[string]string{}}
				run, err = w.ended(c.Context(), run)
			}
			if err != nil {
				return err
			}
			err = r.print(c.OutOrStdout(), run, func(out io.Writer) error { return showRun(out, run) })
			if err != nil || !wait {
				return err
			}
			return endOf(run)
		},
	}
	r.command(cmd)
	waits(cmd, &wait)
	return cmd
}

// oneRun checks that a run is named.
func oneRun(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &exitError{exitUsage, fmt.Errorf("name one run: %s\nSee '%s --help'", runNames, c.CommandPath())}
	}
	return nil
}

// showRun shows a run for people.
func showRun(out io.Writer, run api.Run) error {
	fmt.Fprintf(out, "%s  %s\n", runTitle(run), runState(run))
	fmt.Fprintf(out, "%s %s of %s by %s, %s\n", onScreen(run.Commit.SHA[:min(7, len(run.Commit.SHA))]), cut(onScreen(run.Commit.Message), 60), onScreen(run.Lane),
		cmp.Or(onScreen(run.Trigger.By), "nobody"), run.Trigger.Kind)
	fmt.Fprintf(out, "%s\n\n", run.URL)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STAGE\tACTION\tATTEMPT\tSTATUS\tTIME\tSUMMARY")
	for _, s := range run.Stages {
		fmt.Fprintf(w, "%s\t\t\t%s\t%s\t%s\n", onScreen(s.Name), s.Status, took(s.StartedAt, s.EndedAt), onScreen(s.Reason))
		if s.Gate != nil {
			fmt.Fprintf(w, "\t%s\t\t%s\t%s\t%s\n", onScreen("gate "+s.Gate.Name), s.Gate.Status, took(s.Gate.OpenedAt, s.Gate.DecidedAt), gateLine(*s.Gate))
		}
		for _, c := range s.Conditions {
			if c.Block == string(pipeline.BlockWhen) { // the stage says it as its reason
				continue
			}
			fmt.Fprintf(w, "\t%s\t\t%s\t\t%s\n", c.Block, c.Status, onScreen(c.Reason))
			actionRows(w, c.Rules)
		}
		actionRows(w, s.Actions)
	}
	return w.Flush()
}

func actionRows(w io.Writer, actions []api.Action) {
	for _, a := range actions {
		summary := onScreen(a.Summary)
		switch {
		case a.Gate != nil:
			summary = gateLine(*a.Gate)
		case strings.EqualFold(summary, a.Status): // says no more than the status
			summary = ""
		}
		fmt.Fprintf(w, "\t%s\t%d\t%s\t%s\t%s\n", onScreen(a.Name), a.Attempt, a.Status, took(a.StartedAt, a.EndedAt), summary)
	}
}

// gateLine says how the votes stand.
func gateLine(g api.Gate) string {
	var votes []string
	for _, v := range g.Votes {
		vote := strings.ToLower(v.Verdict) + " by " + onScreen(v.By)
		switch {
		case !v.Withdrawn.IsZero():
			vote += " (taken back)"
		case v.Refusal != "":
			vote += " (does not count: " + onScreen(v.Refusal) + ")"
		}
		votes = append(votes, vote)
	}
	if g.Status == "Pending" {
		return strings.Join(slices.Concat([]string{standing(g)}, votes), ", ")
	}
	if g.Overridden != nil {
		votes = append(votes, "overridden by "+onScreen(g.Overridden.By)+": "+onScreen(g.Overridden.Reason))
	}
	return strings.Join(votes, ", ")
}
