package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// exportLine is one line of an export: an event, or the head of a lane.
type exportLine struct {
	Kind string `json:"kind"` // event or head
	storage.LaneHead
	Doc string `json:"doc,omitempty"` // of an event: what was hashed, byte for byte
}

func newAuditExportCommand() *cobra.Command {
	var b beside
	var filter laneFilter
	var headsOnly bool
	var to string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write decisions, or the heads of their chains, as lines of JSON",
		Long: `Write all decisions as lines of JSON, with the heads of their chains: an export can
be verified without the database (penstock audit verify --file).

With --heads, only the heads are written, which are few: kept where the server's
machine cannot write, they prove later that nothing was changed or cut off
(penstock audit verify --heads).`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			book, err := b.book(c.Context())
			if err != nil {
				return err
			}
			defer book.db.Close()
			lanes, err := book.lanes(c.Context(), filter)
			if err != nil {
				return err
			}
			var out io.Writer = c.OutOrStdout()
			if to != "" {
				file, e := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if e != nil {
					return e
				}
				defer func() {
					if e := file.Close(); err == nil {
						err = e
					}
				}()
				out = file
			}
			lines := bufio.NewWriter(out)
			for _, l := range lanes {
				if err := book.export(c.Context(), lines, l, headsOnly); err != nil {
					return err
				}
			}
			return lines.Flush()
		},
	}
	b.flags(cmd, false)
	filter.flags(cmd)
	cmd.Flags().BoolVar(&headsOnly, "heads", false, "only the heads of the chains")
	cmd.Flags().StringVar(&to, "to", "", "a new `FILE` to write to (default: standard output)")
	return cmd
}

// export writes a lane: its events, and then the head that they lead to.
func (b *auditBook) export(ctx context.Context, out io.Writer, lane storage.LaneHead, headsOnly bool) error {
	encoder := newJSON(out)
	encoder.SetEscapeHTML(false)
	for after := int64(0); !headsOnly && after < lane.Seq; {
		records, err := b.db.Records(ctx, lane.StateKey, after)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return fmt.Errorf("%s: the chain ends at event %d, the lane's last is %d", b.laneName(lane.StateKey), after, lane.Seq)
		}
		for _, r := range records {
			if after == lane.Seq {
				break // came while we were writing
			}
			after++
			var event pipeline.Event
			if err := json.Unmarshal(r.Doc, &event); err != nil {
				return fmt.Errorf("%s: event %d: %w", b.laneName(lane.StateKey), after, err)
			}
			line := exportLine{Kind: "event", Doc: string(r.Doc), LaneHead: storage.LaneHead{StateKey: lane.StateKey, Seq: event.Seq, Hash: r.Hash, UpdatedAt: event.At}}
			if err := encoder.Encode(line); err != nil {
				return err
			}
		}
	}
	return encoder.Encode(exportLine{Kind: "head", LaneHead: lane})
}
