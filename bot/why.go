package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// why is /why: what the newest runs wait for, or why they ended.
func (c *asking) why(ctx context.Context) (answer, error) {
	var explained []report.Explained
	for _, run := range c.thread.newest(func(*pipeline.Execution) bool { return true }) {
		s, err := explain.Look(ctx, c.Store, run)
		if err != nil {
			return answer{}, err
		}
		s.Paused, s.Form = c.Paused(), c.cmd.Form
		explained = append(explained, report.Explained{Execution: s.Run, Lines: explain.Why(s)})
	}
	if len(explained) == 0 {
		return c.confused(c.texts.NoRun(c.asked), "no run")
	}
	return answer{githubapp.ReactionRocket, c.texts.Why(c.asked, explained), "explained"}, nil
}
