package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// stickyRow is the name of the row of the comment that a pull request has once.
const stickyRow = "sticky"

// stickyAgain is when a comment is looked at again that another hand is changing.
const stickyAgain = 250 * time.Millisecond

// sticky is the one comment about all runs of the pull request that a run belongs
// to; nil if there is none to show. Every comment that is made calls people, so it
// is made when a run first waits for somebody or fails, and only edited after that.
func (b *Bot) sticky(ctx context.Context, run *pipeline.Execution) (*item, error) {
	number := run.Lane.PullNumber()
	if number == 0 {
		return nil, nil
	}
	if len(run.Gates()) == 0 && run.Status != pipeline.ExecutionFailed {
		made, err := b.stickyMade(ctx, run, number)
		if err != nil || !made {
			return nil, err
		}
	}
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: run.Repository.Host, RepositoryID: run.Repository.ID, Lane: run.Lane})
	if err != nil {
		return nil, err
	}
	var views []report.Run
	var states []string
	for _, e := range newestOfEach(runs) {
		definition, err := b.Store.Definition(ctx, e.Repository.ID, e.Definition)
		if err != nil && pipeline.KindOf(err) != pipeline.NotFound {
			return nil, err
		}
		views = append(views, report.Run{Execution: e, Pipeline: definition, Paused: b.Paused()})
		states = append(states, fmt.Sprint(e.ID, e.Status, len(e.Gates())))
	}
	body := b.texts.Sticky(views)
	one := b.commentItem(run, number, stickyRow, report.StickyMarker, body)
	one.state, one.urgent = strings.Join(states, " "), false
	one.anew = func(ctx context.Context) (*item, error) { return b.sticky(ctx, run) }
	return &one, nil
}

// stickyMade reports whether a pull request has the comment.
func (b *Bot) stickyMade(ctx context.Context, run *pipeline.Execution, number int) (bool, error) {
	rows, err := b.Store.Reports(ctx, run.Repository.Host, run.Repository.ID, pullSubject(number))
	return slices.ContainsFunc(rows, func(row pipeline.Report) bool { return row.Key.Name == stickyRow }), err
}

// newestOfEach returns the newest run of each pipeline, by the pipelines' names.
func newestOfEach(runs []*pipeline.Execution) []*pipeline.Execution {
	newest := map[string]*pipeline.Execution{}
	for _, e := range runs {
		if have := newest[e.Pipeline]; have == nil || e.Position > have.Position || e.Position == have.Position && e.Number > have.Number {
			newest[e.Pipeline] = e
		}
	}
	var list []*pipeline.Execution
	for _, e := range newest {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *pipeline.Execution) int { return cmp.Compare(a.Pipeline, b.Pipeline) })
	return list
}
