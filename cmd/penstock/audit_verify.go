package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func newAuditVerifyCommand() *cobra.Command {
	var b beside
	var heads, file string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Recompute every chain, and compare it with heads that were kept",
		Long: `Recompute the chain of every lane from its beginning and say which event was
changed, removed or put in. With --heads the chains must also go through the heads of
an earlier ` + "`penstock audit export --heads`" + `. With --file an export is verified instead
of the database.

Exit code 1 if anything does not fit.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if heads != "" && file != "" {
				return &exitError{exitUsage, errors.New("--heads is compared with the database, not with --file")}
			}
			var v verification
			var err error
			if file != "" {
				err = v.file(file)
			} else {
				err = v.database(c.Context(), &b, heads)
			}
			if err != nil {
				return err
			}
			return v.tell(c.OutOrStdout(), b.output)
		},
	}
	b.flags(cmd, true)
	cmd.Flags().StringVar(&heads, "heads", "", "`FILE` with heads that were exported earlier")
	cmd.Flags().StringVar(&file, "file", "", "verify this export: `FILE`")
	return cmd
}

// verification is what was found out.
type verification struct {
	Lanes  int      `json:"lanes"`
	Events int64    `json:"events"`
	Heads  int      `json:"heads"` // compared
	Broken []string `json:"broken"`
}

func (v *verification) broken(what string, err error) {
	v.Broken = append(v.Broken, fmt.Sprintf("%s: %v", what, err))
}

func (v *verification) database(ctx context.Context, b *beside, heads string) error {
	var kept []storage.LaneHead
	if heads != "" {
		err := readExport(heads, func(l exportLine) {
			if l.Kind == "head" {
				kept = append(kept, l.LaneHead)
			}
		})
		if err != nil {
			return err
		}
	}
	book, err := b.book(ctx)
	if err != nil {
		return err
	}
	defer book.db.Close()
	lanes, err := book.db.Lanes(ctx)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		v.Lanes++
		last, _, err := book.db.VerifyEvents(ctx, l.StateKey)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			v.broken(book.laneName(l.StateKey), err)
		}
		v.Events += last
	}
	for _, head := range kept {
		v.Heads++
		if err := book.db.VerifyHead(ctx, head); err != nil {
			v.broken(book.laneName(head.StateKey), err)
		}
	}
	return nil
}

// file verifies an export, in which each lane's events stand together in order.
func (v *verification) file(name string) error {
	chains := map[pipeline.StateKey]*storage.Chain{}
	bad := map[pipeline.StateKey]bool{}
	err := readExport(name, func(l exportLine) {
		chain := chains[l.StateKey]
		if chain == nil {
			chain = storage.NewChain(l.StateKey)
			chains[l.StateKey] = chain
			v.Lanes++
		}
		lane := fmt.Sprintf("%s/%d %s %s", l.Host, l.RepositoryID, l.Pipeline, l.Lane)
		seq, hash := chain.Head()
		switch {
		case bad[l.StateKey]:
			return // said already
		case l.Kind == "head" && (l.Seq != seq || l.Hash != hash):
			v.broken(lane, fmt.Errorf("its events end at %d and do not lead to its head, event %d", seq, l.Seq))
			bad[l.StateKey] = true
		case l.Kind == "head":
			v.Heads++
		default:
			v.Events++
			if _, err := chain.Verify(storage.Record{Doc: []byte(l.Doc), Hash: l.Hash}); err != nil {
				v.broken(lane, err)
				bad[l.StateKey] = true
			}
		}
	})
	if err == nil && len(chains) > v.Heads+len(bad) {
		v.broken(name, errors.New("lanes are there without their heads: the export was cut off, or only events were kept"))
	}
	return err
}

// readExport reads an export line by line.
func readExport(name string, use func(exportLine)) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	n := 0
	for lines.Scan() {
		n++
		var l exportLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil || l.Kind != "event" && l.Kind != "head" {
			return &exitError{exitUsage, fmt.Errorf("%s:%d: not a line of `penstock audit export`", name, n)}
		}
		use(l)
	}
	if n == 0 && lines.Err() == nil {
		return &exitError{exitUsage, fmt.Errorf("%s: empty, not an export", name)}
	}
	return lines.Err()
}

func (v *verification) tell(out io.Writer, format string) error {
	failed := error(nil)
	if len(v.Broken) > 0 {
		failed = &exitError{code: exitFailed}
	}
	if format == "json" {
		if v.Broken == nil {
			v.Broken = []string{}
		}
		return errors.Join(printJSON(out, v), failed)
	}
	for _, b := range v.Broken {
		fmt.Fprintln(out, "BROKEN", onScreen(b))
	}
	fmt.Fprintf(out, "%d lanes, %d events, %d heads compared: ", v.Lanes, v.Events, v.Heads)
	if failed != nil {
		fmt.Fprintf(out, "%d broken\n", len(v.Broken))
		return failed
	}
	fmt.Fprintln(out, "every chain holds")
	return nil
}
