package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// mostStanding is how many runs /status tells of.
const mostStanding = 10

// status is /status: the newest run of each pipeline, and every other that has not
// ended, in a line each.
func (c *asking) status(ctx context.Context) (answer, error) {
	newest := map[string]bool{}
	for _, run := range c.thread.newest(func(*pipeline.Execution) bool { return true }) {
		newest[run.ID] = true
	}
	var standing []report.Explained
	for _, run := range c.thread.runs {
		if len(standing) == mostStanding || !newest[run.ID] && run.Status.Ended() {
			continue
		}
		s, err := explain.Look(ctx, c.Store, run)
		if err != nil {
			return answer{}, err
		}
		s.Paused, s.Form = c.Paused(), c.cmd.Form
		standing = append(standing, report.Explained{Execution: s.Run, Lines: explain.Why(s)})
	}
	if len(standing) == 0 {
		return c.confused(c.texts.NoRun(c.asked), "no run")
	}
	return answer{githubapp.ReactionRocket, c.texts.Standing(c.asked, standing), "told"}, nil
}
