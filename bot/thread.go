package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// thread is what the comments of a pull request are about: the runs of its own
// lane, and the runs of a branch whose gates are announced here because this
// pull request brought their commit.
type thread struct {
	repository pipeline.Repository
	pull       githubapp.PullRequest
	runs       []*pipeline.Execution      // newest first
	announced  map[string]pipeline.Report // gate comments by approval id
}

func pullSubject(number int) string { return fmt.Sprintf("pull/%d", number) }

// gateRow is the name of the row of a gate's comment.
func gateRow(approvalID string) string { return "gate:" + approvalID }

func (b *Bot) thread(ctx context.Context, r pipeline.Repository, number int) (*thread, error) {
	pull, err := b.Forge.PullRequest(ctx, r, number)
	if err != nil {
		return nil, err
	}
	t := &thread{repository: r, pull: pull, announced: map[string]pipeline.Report{}}
	filters := []pipeline.ExecutionFilter{{Lane: pipeline.PullLane(number)}}
	if pull.Merged && pull.MergeCommitSHA != "" {
		filters = append(filters, pipeline.ExecutionFilter{SHA: pull.MergeCommitSHA})
	}
	for _, filter := range filters {
		filter.Host, filter.RepositoryID = r.Host, r.ID
		runs, err := b.Store.Executions(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, run := range runs {
			t.add(run)
		}
	}
	rows, err := b.Store.Reports(ctx, r.Host, r.ID, pullSubject(number))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		id, isGate := strings.CutPrefix(row.Key.Name, "gate:")
		if !isGate || row.ExternalID == 0 {
			continue
		}
		t.announced[id] = row
		if t.has(row.Execution) {
			continue
		}
		run, _, err := b.Store.Execution(ctx, r.ID, row.Execution)
		if pipeline.KindOf(err) == pipeline.NotFound {
			continue // pruned since
		}
		if err != nil {
			return nil, err
		}
		t.add(run)
	}
	slices.SortStableFunc(t.runs, func(a, b *pipeline.Execution) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return t, nil
}

func (t *thread) has(id string) bool {
	return slices.ContainsFunc(t.runs, func(e *pipeline.Execution) bool { return e.ID == id })
}

// add takes a run in, unless it belongs to the lane of another pull request that
// happens to have the same commit.
func (t *thread) add(run *pipeline.Execution) {
	if n := run.Lane.PullNumber(); t.has(run.ID) || n != 0 && n != t.pull.Number {
		return
	}
	t.runs = append(t.runs, run)
}

// openGates lists the gates that a vote in this thread may mean.
func (t *thread) openGates() []command.Gate {
	var open []command.Gate
	for _, run := range t.runs {
		for _, g := range run.Gates() {
			open = append(open, command.Gate{ID: g.ID, Pipeline: run.Pipeline, Name: g.Name, SHA: g.SHA})
		}
	}
	return open
}

// gateNames lists every gate that a run of this thread has asked for, in all forms in
// which it can be named.
func (t *thread) gateNames() []string {
	var names []string
	for _, run := range t.runs {
		for _, g := range run.AllGates() {
			names = append(names, g.Name, run.Pipeline+":"+g.Name)
		}
	}
	return names
}

// decided is the newest gate here that has its answer: of that name, or else about
// the commit that the pull request has now, or has become. Nil: there is none.
func (t *thread) decided(named string) (*pipeline.Execution, *pipeline.Approval) {
	for _, run := range t.runs {
		for _, g := range slices.Backward(run.AllGates()) {
			meant := strings.EqualFold(named, g.Name) || strings.EqualFold(named, run.Pipeline+":"+g.Name) ||
				named == "" && (g.SHA == t.pull.HeadSHA || g.SHA == t.pull.MergeCommitSHA)
			if !meant {
				continue
			}
			switch g.Status {
			case pipeline.ApprovalApproved, pipeline.ApprovalRejected, pipeline.ApprovalExpired:
				return run, g
			}
		}
	}
	return nil, nil
}

func (t *thread) gate(id string) (*pipeline.Execution, *pipeline.Approval) {
	for _, run := range t.runs {
		for _, g := range run.AllGates() {
			if g.ID == id {
				return run, g
			}
		}
	}
	return nil, nil
}

// newest returns the newest run of each lane that fits, newest first. While the
// pull request is open those are the runs of its own lane; once it is merged,
// the runs of the commit it became come first.
func (t *thread) newest(fits func(*pipeline.Execution) bool) []*pipeline.Execution {
	var list []*pipeline.Execution
	seen := map[pipeline.StateKey]bool{}
	for _, run := range t.runs {
		if t.pull.Merged == (run.Lane.PullNumber() != 0) || seen[run.Key()] {
			continue
		}
		seen[run.Key()] = true
		if fits(run) {
			list = append(list, run)
		}
	}
	return list
}
