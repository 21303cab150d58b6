package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func newRestoreCommand() *cobra.Command {
	var b beside
	var dry bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a data folder out of a backup, and say what the server will do with it",
		Long: `Make a data folder out of a backup and say what the server will do when it is
started there: work that is open, builds that cannot go on, gates that wait, and from
when on GitHub's list of deliveries will be read.

The folder must be empty or not there. Every chain of decisions is verified. With
--dry-run nothing is left behind.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := b.folder()
			if err != nil {
				return err
			}
			if err := restore(c.Context(), c.OutOrStdout(), args[0], dir, dry); err != nil {
				return fmt.Errorf("restore: %w", err)
			}
			return nil
		},
	}
	b.flags(cmd, false)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be so")
	return cmd
}

// restore unpacks a backup beside the data folder, looks at it, and moves it into
// its place.
func restore(ctx context.Context, out io.Writer, path, dir string, dry bool) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if list, err := os.ReadDir(dir); !dry && err == nil && len(list) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	partial, err := os.MkdirTemp(filepath.Dir(dir), ".penstock-restore-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	about, err := unpackBackup(ctx, path, partial)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "A backup of %s by Penstock %s.\n", about.At.Format(time.RFC3339), about.Version)
	if err := foretell(ctx, out, partial); err != nil {
		return err
	}
	if dry {
		fmt.Fprintln(out, "Nothing was restored: this was a dry run.")
		return nil
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(partial, dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "Restored to %s. Start the server when the old one is surely gone: two that work for one app would both answer.\n", dir)
	return syncFolder(filepath.Dir(dir))
}

// unpackBackup unpacks a backup into an empty folder. What is none, is cut off or
// climbs out of the folder is refused.
func unpackBackup(ctx context.Context, path, dir string) (about manifest, err error) {
	file, err := os.Open(path)
	if err != nil {
		return about, err
	}
	defer file.Close()
	unpacked, err := zstd.NewReader(file)
	if err != nil {
		return about, fmt.Errorf("%s: not a backup: %w", path, err)
	}
	defer unpacked.Close()
	archive := tar.NewReader(unpacked)
	seen := map[string]bool{}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		switch {
		case err != nil:
			return about, fmt.Errorf("%s: not a whole backup: %w", path, err)
		case ctx.Err() != nil:
			return about, ctx.Err()
		case header.Typeflag != tar.TypeReg || !inBackup(header.Name) || seen[header.Name]:
			return about, fmt.Errorf("%s: %q does not belong into a backup", path, header.Name)
		case len(seen) == 0 && header.Name != backupManifest:
			return about, fmt.Errorf("%s: not a backup of Penstock", path)
		}
		seen[header.Name] = true
		if header.Name == backupManifest {
			if err := json.NewDecoder(io.LimitReader(archive, 1<<16)).Decode(&about); err != nil || about.V != 1 {
				return about, fmt.Errorf("%s: a backup of a form that this Penstock does not know", path)
			}
			continue
		}
		if err := unpackFile(archive, filepath.Join(dir, filepath.FromSlash(header.Name))); err != nil {
			return about, err
		}
	}
	if !seen[backupDatabase] {
		return about, fmt.Errorf("%s: there is no database in it", path)
	}
	return about, nil
}

func unpackFile(from io.Reader, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Sync(), file.Close())
}

// foretell verifies a data folder and says what a server will do there.
func foretell(ctx context.Context, out io.Writer, dir string) error {
	db, err := storage.OpenBeside(ctx, storage.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer db.Close()
	lanes, err := db.Lanes(ctx)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if _, _, err := db.VerifyEvents(ctx, l.StateKey); err != nil {
			return fmt.Errorf("what was decided does not hold together: %w", err)
		}
	}
	fmt.Fprintf(out, "%d lanes, every chain of decisions holds. At its start the server will\n", len(lanes))
	for _, kind := range []struct {
		kind pipeline.OrderKind
		what string
	}{
		{pipeline.HandleDelivery, "handle %d deliveries that were stored"},
		{pipeline.StartAction, "start %d actions"},
		{pipeline.StopAction, "stop %d actions"},
	} {
		orders, err := db.OpenOrders(ctx, kind.kind)
		if err != nil {
			return err
		}
		if len(orders) > 0 {
			fmt.Fprintf(out, "  - "+kind.what+"\n", len(orders))
		}
	}
	if err := foretellRuns(ctx, out, db); err != nil {
		return err
	}
	last, err := db.LastDeliveryAt(ctx)
	if err != nil {
		return err
	}
	if last.IsZero() {
		fmt.Fprintln(out, "  - wait for its first delivery")
		return nil
	}
	fmt.Fprintf(out, "  - read GitHub's list of deliveries from %s on (it keeps three days) and do what is missing:\n", last.UTC().Format(time.RFC3339))
	fmt.Fprintln(out, "    pushes, comments and votes since then count anew, also where the lost server had done its part")
	return nil
}

func foretellRuns(ctx context.Context, out io.Writer, db *storage.DB) error {
	lost, gates := 0, 0
	for _, status := range []pipeline.ExecutionStatus{pipeline.ExecutionInProgress, pipeline.ExecutionStopping} {
		runs, err := db.Executions(ctx, pipeline.ExecutionFilter{Status: status, Limit: 10_000})
		if err != nil {
			return err
		}
		for _, run := range runs {
			gates += len(run.Gates())
			for _, stage := range run.Stages {
				for _, a := range stage.Actions {
					if a.Status != pipeline.ActionInProgress || a.Approval != nil || len(a.Handle) == 0 {
						continue
					}
					lost++
					fmt.Fprintf(out, "  - end %s #%d %s/%s of %s: its job ran on the machine that was lost; retry it\n",
						onScreen(run.Pipeline), run.Number, onScreen(stage.Name), onScreen(a.Name), onScreen(run.Repository.FullName()))
				}
			}
		}
	}
	fmt.Fprintf(out, "  - keep %d gates open; %d builds are lost\n", gates, lost)
	return nil
}
