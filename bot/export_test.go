package bot

import (
	"context"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// BringVote is how every door brings a vote to its gate.
func (b *Bot) BringVote(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, vote pipeline.Vote, key string) (counted bool, why string, err error) {
	v, err := b.vote(ctx, run, gate, vote, key)
	return v.counted, v.why, err
}

// Threads finds the pull requests in which the gates of a run are announced, in one
// look.
func (b *Bot) Threads(ctx context.Context, run *pipeline.Execution) (numbers []int, err error) {
	brought := b.broughtBy(ctx, run)
	for _, gate := range run.AllGates() {
		n, err := b.threadIn(ctx, run, gate, brought)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// PutOff is how long a run waits that channels hold up.
func PutOff(now func() time.Time) func(run string, held map[string]time.Duration, asks bool) time.Duration {
	m := New(Options{Now: now}).NewMessenger()
	return func(run string, held map[string]time.Duration, asks bool) time.Duration {
		return m.putOff(run, 1, held, asks)
	}
}
