package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// serverStatus is what `penstock status -o json` prints.
type serverStatus struct {
	Pause      pipeline.Pause                         `json:"pause"`
	Executions map[pipeline.ExecutionStatus]int       `json:"executions"`
	Gates      int                                    `json:"gates_open"`
	Orders     map[pipeline.OrderKind]storage.Waiting `json:"orders_due"`
	Dead       int                                    `json:"orders_dead"`
	Reports    storage.Waiting                        `json:"reports_waiting"`
	Disk       float64                                `json:"disk_free_ratio"`
}

// newStatusCommand makes `penstock status`.
func newStatusCommand() *cobra.Command {
	var b beside
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what the server has to do: runs, gates, waiting work",
		Long: `Say what the server has to do, read from its database: whether it is paused, runs
that have not ended, open gates, work that waits, work that was given up, reports
that GitHub does not show yet. Whether the server runs is told by /readyz.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			status, err := b.status(c)
			if err != nil {
				return err
			}
			if b.output == "json" {
				return printJSON(c.OutOrStdout(), status)
			}
			return status.print(c.OutOrStdout(), time.Now())
		},
	}
	b.flags(cmd, true)
	return cmd
}

func (b *beside) status(c *cobra.Command) (s serverStatus, err error) {
	dir, err := b.folder()
	if err != nil {
		return s, err
	}
	db, err := b.open(c.Context())
	if err != nil {
		return s, err
	}
	defer db.Close()
	backlog, err := db.Backlog(c.Context())
	if err != nil {
		return s, err
	}
	s = serverStatus{Executions: backlog.Executions, Orders: backlog.Orders, Dead: backlog.Dead, Reports: backlog.Reports}
	if s.Pause, err = db.Pause(c.Context()); err != nil {
		return s, err
	}
	waiting, err := db.Executions(c.Context(), pipeline.ExecutionFilter{OpenGates: true, Limit: mostLookedAt})
	if err != nil {
		return s, err
	}
	for _, run := range waiting {
		s.Gates += len(run.Gates())
	}
	disk, err := storage.DiskOf(dir)
	s.Disk = disk.FreeShare()
	return s, err
}

func (s serverStatus) print(out io.Writer, now time.Time) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	since := func(waits storage.Waiting) string {
		if waits.Count == 0 {
			return "none"
		}
		return fmt.Sprintf("%d, the oldest since %s", waits.Count, now.Sub(waits.Oldest).Round(time.Second))
	}
	paused := "no"
	if s.Pause.Paused {
		paused = fmt.Sprintf("since %s, by %s", s.Pause.At.Format(time.RFC3339), s.Pause.By)
		if s.Pause.Reason != "" {
			paused += ": " + s.Pause.Reason
		}
	}
	fmt.Fprintf(w, "paused\t%s\n", paused)
	fmt.Fprintf(w, "runs going on\t%d\n", s.Executions[pipeline.ExecutionInProgress]+s.Executions[pipeline.ExecutionStopping])
	fmt.Fprintf(w, "open gates\t%d\n", s.Gates)
	kinds := make([]pipeline.OrderKind, 0, len(s.Orders))
	for kind := range s.Orders {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		fmt.Fprintf(w, "waiting: %s\t%s\n", kind, since(s.Orders[kind]))
	}
	fmt.Fprintf(w, "not shown on GitHub yet\t%s\n", since(s.Reports))
	fmt.Fprintf(w, "given up\t%d\n", s.Dead)
	fmt.Fprintf(w, "disk\t%.0f %% free\n", s.Disk*100)
	return w.Flush()
}
