package bot

import (
	"context"

	"github.com/penstock-cd/penstock/pipeline"
)

// BringVote is how every door brings a vote to its gate.
func (b *Bot) BringVote(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, vote pipeline.Vote, key string) (counted bool, why string, err error) {
	v, err := b.vote(ctx, run, gate, vote, key)
	return v.counted, v.why, err
}
