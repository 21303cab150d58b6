package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// newAuditCommand makes `penstock audit`.
func newAuditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List, verify and export what was decided",
		Long: `Every decision is an event in a chain of its lane: each carries a hash of the one
before, so that nothing can be changed, put in or taken out without notice. Decisions
are never pruned.

What a chain alone cannot show is that its end was cut off, or that all of it was
written anew. Heads that were kept elsewhere show that: export them now and then, and
verify against them.`,
	}
	cmd.AddCommand(newAuditListCommand(), newAuditVerifyCommand(), newAuditExportCommand())
	return cmd
}

// auditLine is an event with its place, for people and as one line of an export.
type auditLine struct {
	Repository string `json:"repository"` // owner/name as far as it is known; for people
	pipeline.StateKey
	pipeline.Event
}

// auditBook is the database as the audit verbs read it.
type auditBook struct {
	db    *storage.DB
	names map[string]string // owner/name by host and id
}

func (b *beside) book(ctx context.Context) (*auditBook, error) {
	db, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	book := &auditBook{db: db, names: map[string]string{}}
	repositories, err := db.Repositories(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	for _, r := range repositories {
		book.names[r.Host+" "+strconv.FormatInt(r.ID, 10)] = r.FullName()
	}
	return book, nil
}

// repository is the name of a lane's repository, or its number.
func (b *auditBook) repository(key pipeline.StateKey) string {
	id := strconv.FormatInt(key.RepositoryID, 10)
	if name := b.names[key.Host+" "+id]; name != "" {
		return name
	}
	return key.Host + "/" + id
}

// laneFilter picks lanes.
type laneFilter struct{ repository, pipeline, lane string }

func (f *laneFilter) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.repository, "repository", "", "only of this repository: `OWNER/NAME`")
	cmd.Flags().StringVar(&f.pipeline, "pipeline", "", "only of the pipeline `NAME`")
	cmd.Flags().StringVar(&f.lane, "lane", "", "only of this `LANE`: branch:NAME, tag:NAME or pull:NUMBER")
}

// lanes returns those that the filter picks.
func (b *auditBook) lanes(ctx context.Context, f laneFilter) ([]storage.LaneHead, error) {
	if f.lane != "" {
		if _, err := pipeline.ParseLane(f.lane); err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("--lane: %w", err)}
		}
	}
	all, err := b.db.Lanes(ctx)
	var picked []storage.LaneHead
	for _, l := range all {
		if (f.repository == "" || strings.EqualFold(f.repository, b.repository(l.StateKey))) &&
			(f.pipeline == "" || f.pipeline == l.Pipeline) && (f.lane == "" || f.lane == l.Lane.String()) {
			picked = append(picked, l)
		}
	}
	return picked, err
}

// events gives the events of a lane to use, in order.
func (b *auditBook) events(ctx context.Context, key pipeline.StateKey, use func(pipeline.Event) error) error {
	for after := int64(0); ; {
		events, err := b.db.Events(ctx, key, after)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			if err := use(e); err != nil {
				return err
			}
			after = e.Seq
		}
	}
}

// laneName is a lane for people.
func (b *auditBook) laneName(key pipeline.StateKey) string {
	return fmt.Sprintf("%s %s %s", b.repository(key), key.Pipeline, key.Lane)
}
