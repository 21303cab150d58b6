package bot

import (
	"context"
	"errors"

	"github.com/penstock-cd/penstock/pipeline"
)

// errTaken means that another hand is showing the same thing.
var errTaken = errors.New("another hand is at it")

// sendShared shows what runs show together: as it is by now, whoever asks, so that
// what was rendered earlier never replaces what was rendered later.
func (r *Reporter) sendShared(ctx context.Context, run *pipeline.Execution, d difference) error {
	r.mu.Lock()
	taken := r.taken[d.key]
	r.taken[d.key] = true
	r.mu.Unlock()
	if taken {
		return errTaken
	}
	defer func() {
		r.mu.Lock()
		delete(r.taken, d.key)
		r.mu.Unlock()
	}()
	now, err := d.anew(ctx)
	if err != nil || now == nil {
		return err
	}
	todo, err := r.differing(ctx, run, []item{*now})
	if err != nil || len(todo) == 0 {
		return err
	}
	return r.send(ctx, run, todo[0])
}
