package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/web/api"
)

// waiter waits for the end of a run and tells on the way how far it is.
type waiter struct {
	client *client
	out    io.Writer // for what happens meanwhile
	told   map[string]string
}

// waits adds --wait to a command.
func waits(cmd *cobra.Command, wait *bool) {
	cmd.Flags().BoolVar(wait, "wait", false, "wait for the end of the run, and exit as it ended (the codes: penstock --help)")
}

// ended waits until the run has ended. Restarts of the server are outwaited.
func (w *waiter) ended(ctx context.Context, run api.Run) (api.Run, error) {
	tag := ""
	for {
		w.progress(run)
		if run.Status != "InProgress" && run.Status != "Stopping" {
			return run, nil
		}
		next := run
		err := patiently(ctx, w.note, func() (err error) {
			next, tag, err = w.client.changed(ctx, run.ID, tag)
			return err
		})
		if err != nil {
			return run, err
		}
		if next.ID != "" {
			run = next
		}
	}
}

func (w *waiter) note(text string) { fmt.Fprintln(w.out, "==", text) }

// changed returns a run that is not what the tag stands for, as soon as there is
// one, and its tag; or after a while a run without an id. An empty tag stands for
// nothing.
func (c *client) changed(ctx context.Context, id, tag string) (run api.Run, now string, err error) {
	r, err := c.request(ctx, http.MethodGet, escaped("/runs/{}?wait=30", id), nil)
	if err != nil {
		return run, tag, err
	}
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	answer, err := c.send(r)
	if err != nil {
		return run, tag, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotModified {
		return run, tag, nil
	}
	return run, answer.Header.Get("ETag"), decode(answer.Body, &run)
}

// progress tells what is new of a run.
func (w *waiter) progress(run api.Run) {
	say := func(what, state string) {
		if w.told[what] != state {
			w.told[what] = state
			fmt.Fprintf(w.out, "== %s: %s\n", onScreen(what), state)
		}
	}
	for _, s := range run.Stages {
		if s.Status != "NotReached" {
			say(s.Name, s.Status)
		}
	}
	for _, g := range run.Gates {
		say(g.Name, "waits for approval, "+standing(g))
	}
}

// standing says how far a gate is.
func standing(g api.Gate) string {
	if len(g.Requirements) == 1 {
		one := g.Requirements[0]
		return fmt.Sprintf("%d of %d", max(0, one.Needed-one.Missing), one.Needed) // several owners may be missing where each needs one
	}
	met := 0
	for _, one := range g.Requirements {
		if one.Missing == 0 {
			met++
		}
	}
	return fmt.Sprintf("%d of %d requirements met", met, len(g.Requirements))
}

// finish prints the run, after its end if somebody waits for it, and ends the
// program as the run has ended.
func (r *remote) finish(c *cobra.Command, client *client, run api.Run, wait bool) error {
	if wait {
		w := &waiter{client: client, out: c.ErrOrStderr(), told: map[string]string{}}
		var err error
		if run, err = w.ended(c.Context(), run); err != nil {
			return err
		}
	}
	err := r.print(c.OutOrStdout(), run, func(out io.Writer) error {
		_, err := fmt.Fprintf(out, "%s: %s\n%s\n", runTitle(run), runState(run), run.URL)
		return err
	})
	if err != nil || !wait {
		return err
	}
	return endOf(run)
}

// endOf is the exit code that tells how a run has ended; it has been told in words.
func endOf(run api.Run) error {
	switch {
	case run.Status == "Succeeded":
		return nil
	case run.Status != "Failed":
		return &exitError{code: exitStopped}
	case run.FailureType == "Rejected":
		return &exitError{code: exitRejected}
	case run.FailureType == "Expired":
		return &exitError{code: exitExpired}
	}
	return &exitError{code: exitFailed}
}

// runTitle names a run for people.
func runTitle(run api.Run) string {
	return fmt.Sprintf("%s/%s#%d", onScreen(run.Repository.Name), onScreen(run.Pipeline), run.Number)
}

// runState says in a line how a run stands.
func runState(run api.Run) string {
	if len(run.Gates) > 0 {
		var names []string
		for _, g := range run.Gates {
			names = append(names, onScreen(g.Name))
		}
		return "waits for approval of " + strings.Join(names, ", ")
	}
	state := run.Status
	if run.FailureType != "" {
		state += " (" + run.FailureType + ")"
	}
	if run.Reason != "" {
		state += ": " + onScreen(run.Reason)
	}
	return state
}
