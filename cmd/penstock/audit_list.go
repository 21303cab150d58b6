package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
)

func newAuditListCommand() *cobra.Command {
	var b beside
	var filter laneFilter
	var run string
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List decisions, the oldest first",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			book, err := b.book(c.Context())
			if err != nil {
				return err
			}
			defer book.db.Close()
			lanes, err := book.lanes(c.Context(), filter)
			if err != nil {
				return err
			}
			from := time.Now().Add(-since)
			lines := []auditLine{}
			for _, l := range lanes {
				if run == "" && l.UpdatedAt.Before(from) {
					continue
				}
				err := book.events(c.Context(), l.StateKey, func(e pipeline.Event) error {
					if run == e.Execution && run != "" || run == "" && !e.At.Before(from) {
						lines = append(lines, auditLine{book.repository(l.StateKey), l.StateKey, e})
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			slices.SortStableFunc(lines, func(a, b auditLine) int { return a.At.Compare(b.At) })
			if b.output == "json" {
				encoder := newJSON(c.OutOrStdout())
				for _, l := range lines {
					if err := encoder.Encode(l); err != nil {
						return err
					}
				}
				return nil
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "TIME\tREPOSITORY\tPIPELINE\tLANE\tEVENT\tWHERE\tBY\tDETAIL")
			for _, l := range lines {
				fmt.Fprintln(w, l.row())
			}
			return w.Flush()
		},
	}
	b.flags(cmd, true)
	filter.flags(cmd)
	cmd.Flags().StringVar(&run, "run", "", "only of the run with this `ID`, whenever it was")
	cmd.Flags().DurationVar(&since, "since", 24*time.Hour, "how far back")
	return cmd
}

func (l auditLine) row() string {
	where := strings.Trim(l.Stage+"/"+l.Action, "/")
	return strings.Join([]string{
		l.At.UTC().Format(time.RFC3339), l.Repository, onScreen(l.Pipeline), onScreen(l.Lane.String()), string(l.Kind),
		cmp.Or(onScreen(where), "-"), cmp.Or(onScreen(l.By.Login), "-"), onScreen(l.Detail),
	}, "\t")
}

// onScreen makes text of other people safe for a terminal and for one row of a
// table.
func onScreen(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, s)
}
