package report

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// StickyMarker is the hidden line by which the comment about the runs of a pull
// request is found again.
const StickyMarker = "<!-- penstock:sticky -->"

// maxStickyRuns is how many pipelines the comment lists.
const maxStickyRuns = 50

// stickyView is what the template is filled with. Its strings are as somebody wrote
// them.
type stickyView struct {
	Marker string
	Rows   []stickyRow
	More   int
	Gates  []stickyGate
}

type stickyRow struct {
	Pipeline, Number, RunURL string
	State, Stage             string
	SHA, CommitURL           string
	Earlier                  bool // not of the commit that the newest run has
}

type stickyGate struct {
	Name, Pipeline, Number string
	Missing                int
	Approve, Reject        string
}

// Sticky is the comment that a pull request has once, and that is edited in place:
// where the newest run of each pipeline stands, and what waits for somebody. It
// begins with StickyMarker.
func (r *Renderer) Sticky(runs []Run) string {
	v := stickyView{Marker: StickyMarker}
	head := ""
	var newest *pipeline.Execution
	for _, run := range runs {
		if newest == nil || run.Execution.CreatedAt.After(newest.CreatedAt) {
			newest, head = run.Execution, run.Execution.Revision.SHA
		}
	}
	for _, run := range runs {
		e := run.Execution
		if len(v.Rows) == maxStickyRuns {
			v.More++
			continue
		}
		row := stickyRow{
			Pipeline: e.Pipeline, Number: number(e), RunURL: r.RunURL(e.ID), State: line(r.stands(run), maxWords),
			SHA: e.Revision.ShortSHA(), CommitURL: commitURL(e), Earlier: e.Revision.SHA != head,
		}
		if s := e.Current(); s != nil {
			row.Stage = s.Name
		}
		v.Rows = append(v.Rows, row)
		for _, g := range e.Gates() {
			v.Gates = append(v.Gates, stickyGate{
				Name: g.Name, Pipeline: e.Pipeline, Number: number(e), Missing: policy.Decide(g).Missing,
				Approve: r.form + "approve " + g.Name + " " + pipeline.ShortSHA(g.SHA), Reject: r.form + "reject " + g.Name + " " + pipeline.ShortSHA(g.SHA) + " <reason>",
			})
		}
	}
	return cutLines(r.execute("sticky.tmpl", v), maxComment, "The rest is on "+link("the pages", r.base+"/runs")+".")
}

// stands says in a line how a run stands, as its commit status does.
func (r *Renderer) stands(run Run) string {
	_, words := summarize(run)
	if s := run.Execution.Current(); run.heldBack(s) {
		words = s.Name + " is held back: " + run.Paused
	}
	return strings.TrimSpace(rollbackWords(run.Execution) + words)
}
