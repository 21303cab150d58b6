package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/engine"
	"github.com/penstock-cd/penstock/storage"
)

// maxReason is how long a reason may be, in bytes; it stands in statuses.
const maxReason = 200

// newPauseCommand makes `penstock pause`.
func newPauseCommand() *cobra.Command {
	var b beside
	var reason string
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Start no action until `penstock resume`",
		Long: `Start no action until ` + "`penstock resume`" + `: webhooks are still taken and stored, runs
begin and wait, gates stay open and votes count, and actions that run already come
to their end. Checks and pages say that Penstock is paused, and why.

Run it on the server's machine, as the server's user or root, while the server runs
(it notices within a second) or before its next start. A pause outlives restarts.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if reason = strings.TrimSpace(reason); len(reason) > maxReason || strings.ContainsFunc(reason, func(r rune) bool { return r < ' ' }) {
				return &exitError{exitUsage, fmt.Errorf("--reason: one line of at most %d bytes", maxReason)}
			}
			return b.setPause(c, pipeline.Pause{Paused: true, By: operator(), Reason: reason, At: time.Now()})
		},
	}
	b.flags(cmd, false)
	cmd.Flags().StringVar(&reason, "reason", "", "`sentence` that people see on checks and pages")
	return cmd
}

// newResumeCommand makes `penstock resume`.
func newResumeCommand() *cobra.Command {
	var b beside
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Start what `penstock pause` has held back, and go on",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return b.setPause(c, pipeline.Pause{By: operator(), At: time.Now()})
		},
	}
	b.flags(cmd, false)
	return cmd
}

// setPause tells the server, and the person what was so before.
func (b *beside) setPause(c *cobra.Command, to pipeline.Pause) error {
	db, err := b.open(c.Context())
	if err != nil {
		return err
	}
	defer db.Close()
	before, err := db.Pause(c.Context())
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	if !before.Paused && !to.Paused {
		fmt.Fprintln(out, "Penstock is not paused.")
		return nil
	}
	if err := db.SetPause(c.Context(), to); err != nil {
		return err
	}
	if to.Paused {
		fmt.Fprintln(out, "Paused: no action starts until `penstock resume`.")
		return nil
	}
	fmt.Fprintf(out, "Going on after %s.\n", time.Since(before.At).Round(time.Second))
	return nil
}

// pauseEvery is how often the server looks whether it was told to pause: one row.
const pauseEvery = time.Second

// pauseWatch does what the operator's last word was.
type pauseWatch struct {
	db     *storage.DB
	engine *engine.Engine
	app    *bot.Bot
	logger *slog.Logger
	now    pipeline.Pause
}

// look does what was said since it last looked.
func (w *pauseWatch) look(ctx context.Context) error {
	said, err := w.db.Pause(ctx)
	if err != nil || said == w.now {
		return err
	}
	if said.Paused {
		w.engine.Pause()
		w.logger.Warn("paused", "by", said.By, "reason", said.Reason, "since", said.At)
	} else {
		if err := w.engine.Resume(ctx); err != nil {
			return err
		}
		w.logger.Info("going on", "by", said.By)
	}
	if err := w.app.ShowPause(ctx, said); err != nil {
		return err
	}
	w.now = said
	return nil
}

// Run looks until ctx ends.
func (w *pauseWatch) Run(ctx context.Context) error {
	tick := time.NewTicker(pauseEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.logger.Error("pause cannot be looked up", "error", err)
		}
	}
}
