package bot

import (
	"context"

	"github.com/penstock-cd/penstock/pipeline"
)

// lock is /lock and /unlock.
func (c *asking) lock(ctx context.Context, locked bool) (answer, error) {
	note := c.cmd.Name + " is unlocked"
	if locked {
		note = c.cmd.Name + " is locked"
	}
	return c.done(c.setLock(ctx, c.event.Repository, c.onceKey(), pipeline.LockEnvironment{
		Environment: c.cmd.Name, Locked: locked, By: c.by(), Reason: c.cmd.Reason,
	}), note)
}
