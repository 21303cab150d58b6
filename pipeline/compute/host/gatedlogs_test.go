package host_test

import (
	"context"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// gatedLogs cannot be written to until it is opened.
type gatedLogs struct {
	compute.Logs
	open  chan struct{}
	tried chan struct{}
}

func (g *gatedLogs) Append(ctx context.Context, repositoryID int64, attemptID string, offset int64, lines []pipeline.LogLine) error {
	select {
	case g.tried <- struct{}{}:
	default:
	}
	select {
	case <-g.open:
		return g.Logs.Append(ctx, repositoryID, attemptID, offset, lines)
	default:
		return pipeline.Errorf(pipeline.Unavailable, "the store of logs cannot be reached")
	}
}
