package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// newLogsCommand makes `penstock logs`.
func newLogsCommand() *cobra.Command {
	var r remote
	var follow bool
	cmd := &cobra.Command{
		Use:   "logs RUN [ACTION]",
		Short: "Print what the actions of a run have printed",
		Long: `Print what the actions of a run have printed: of each the newest attempt, or of one
action, named ACTION or STAGE/ACTION. With -f it goes on until the run, or that
action, has ended; actions that run at the same time are shown one after the other.

-o json prints each line as a JSON object.`,
		Args: func(c *cobra.Command, args []string) error {
			return oneRun(c, args[:min(len(args), max(1, len(args)-1))])
		},
		RunE: func(c *cobra.Command, args []string) error {
			client, err := r.open()
			if err != nil {
				return err
			}
			run, err := r.run(c.Context(), client, args[0])
			if err != nil {
				return err
			}
			l := &logReader{client: client, follow: follow, seen: map[string]bool{}, json: r.output == "json", out: c.OutOrStdout(), note: c.ErrOrStderr()}
			if len(args) > 1 {
				l.action = args[1]
			}
			colour := isTerminal(l.out) && os.Getenv("NO_COLOR") == ""
			l.screen = newScreen(l.out, colour)
			return l.run(c.Context(), run)
		},
	}
	r.command(cmd)
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on as long as there is something to come")
	return cmd
}

// logReader prints the logs of a run.
type logReader struct {
	client *client
	action string // only this one; empty: all
	follow bool
	json   bool
	seen   map[string]bool // attempts
	out    io.Writer
	note   io.Writer
	screen *screen
}

// shown is an attempt whose log is shown.
type shown struct {
	name    actionName
	attempt api.Action
}

// run prints the logs that there are, and with follow those that come.
func (l *logReader) run(ctx context.Context, run api.Run) error {
	newest, names := l.newest(run)
	if len(newest) == 0 && l.action != "" && (!l.follow || ended(run)) {
		return fmt.Errorf("%s has no log of %q; there is %s", runTitle(run), l.action, strings.Join(names, ", "))
	}
	tag := ""
	for {
		for _, a := range newest {
			if l.seen[a.attempt.ID] {
				continue
			}
			l.seen[a.attempt.ID] = true
			if err := l.attempt(ctx, run.ID, a); err != nil {
				return err
			}
		}
		if !l.follow || ended(run) || l.over(newest) {
			return nil
		}
		next := run
		err := patiently(ctx, l.tell, func() (err error) {
			next, tag, err = l.client.changed(ctx, run.ID, tag)
			return err
		})
		if err != nil {
			return err
		}
		if next.ID != "" {
			run = next
			newest, _ = l.newest(run)
		}
	}
}

func ended(run api.Run) bool { return run.Status != "InProgress" && run.Status != "Stopping" }

// over reports whether the one action that is followed has ended.
func (l *logReader) over(newest []shown) bool {
	for _, a := range newest {
		if a.attempt.Status == "InProgress" {
			return false
		}
	}
	return l.action != "" && len(newest) > 0
}

// newest are the newest attempts of the actions that are asked for, and the names of
// all.
func (l *logReader) newest(run api.Run) (list []shown, names []string) {
	for _, s := range run.Stages {
		var attempts []api.Action
		for _, c := range s.Conditions {
			attempts = append(attempts, c.Rules...)
		}
		attempts = append(attempts, s.Actions...)
		place := map[string]int{}
		for _, a := range attempts {
			name := actionName{s.Name, a.Name}
			if a.Gate != nil {
				continue
			}
			if _, known := place[a.Name]; !known {
				names = append(names, onScreen(name.String()))
			}
			if l.action != "" && l.action != a.Name && l.action != name.String() {
				continue
			}
			i, known := place[a.Name]
			if !known {
				i = len(list)
				list = append(list, shown{})
			}
			place[a.Name], list[i] = i, shown{name, a}
		}
	}
	return list, names
}

func (l *logReader) tell(text string) { fmt.Fprintln(l.note, "==", text) }

// attempt prints the log of one attempt. A stream that breaks off is taken up where
// it was.
func (l *logReader) attempt(ctx context.Context, run string, a shown) error {
	next, over := 1, false
	for !over {
		err := patiently(ctx, l.tell, func() (err error) {
			next, over, err = l.lines(ctx, escaped("/runs/{}/logs/{}?from=", run, a.attempt.ID), a, next)
			return err
		})
		if gone := new(api.Problem); errors.As(err, &gone) && gone.Status == http.StatusNotFound && l.action == "" {
			l.tell(onScreen(a.name.String()) + ": " + gone.Detail)
			return nil
		}
		if err != nil {
			return err
		}
		over = over || !l.follow
	}
	return nil
}

// maxLogLine is how long a line of the answer may be, in bytes.
const maxLogLine = 4 << 20

// lines prints lines from the one with number next on, and returns the number after
// the last.
func (l *logReader) lines(ctx context.Context, path string, a shown, next int) (int, bool, error) {
	path += fmt.Sprint(next)
	if l.follow {
		path += "&follow=true"
	}
	r, err := l.client.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return next, false, err
	}
	answer, err := l.client.send(r)
	if err != nil {
		return next, false, err
	}
	defer answer.Body.Close()
	in := bufio.NewScanner(answer.Body)
	in.Buffer(nil, maxLogLine)
	for in.Scan() {
		if len(in.Bytes()) == 0 {
			continue // it only says that it goes on
		}
		var line api.LogLine
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			return next, false, fmt.Errorf("the server's answer cannot be read: %w", err)
		}
		if line.End != "" {
			return next, true, nil
		}
		next = line.Number + 1
		l.line(a, line)
	}
	if ctx.Err() != nil {
		return next, false, &exitError{exitInterrupted, nil}
	}
	if l.follow { // cut off before its end
		return next, false, &outOfReach{errors.New("the connection to the server was lost")}
	}
	return next, true, in.Err()
}

// line prints one line.
func (l *logReader) line(a shown, line api.LogLine) {
	switch {
	case l.json:
		_ = newJSON(l.out).Encode(struct {
			Stage  string `json:"stage"`
			Action string `json:"action"`
			api.LogLine
		}{a.name.stage, a.name.action, line}) // who does not listen any more is noticed when the program ends
	case l.action != "":
		l.screen.line(l.screen.visible(line.Text))
	default:
		name := actionName{onScreen(a.name.stage), onScreen(a.name.action)}
		l.screen.log(name, pipeline.LogLine{Stream: pipeline.Stream(line.Stream), Text: line.Text})
	}
}
