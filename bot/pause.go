package bot

import (
	"context"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// mostHeld is how many unfinished runs are shown anew when a pause begins or ends.
const mostHeld = 1000

// ShowPause tells whether the server is to start nothing, and has the runs that
// this concerns say so.
func (b *Bot) ShowPause(ctx context.Context, p pipeline.Pause) error {
	b.pause.Store(&p)
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Status: pipeline.ExecutionInProgress, Limit: mostHeld})
	if err != nil {
		return fmt.Errorf("showing the pause: %w", err)
	}
	for _, run := range runs {
		b.again.add(run.Repository.ID, run.ID)
	}
	return nil
}

// Paused is the sentence that says that the server starts nothing at the moment;
// empty if it does.
func (b *Bot) Paused() string {
	p := b.pause.Load()
	switch {
	case p == nil || !p.Paused:
		return ""
	case p.Reason == "":
		return "Penstock is paused"
	}
	return "Penstock is paused: " + p.Reason
}
