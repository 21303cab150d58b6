package bot

import (
	"context"

	"github.com/penstock-cd/penstock/pipeline"
)

// withDefaultBranch is the repository with its default branch, which GitHub does not
// tell when the app is installed: only with the first push.
func (b *Bot) withDefaultBranch(ctx context.Context, r pipeline.Repository) (pipeline.Repository, error) {
	if r.DefaultBranch != "" {
		return r, nil
	}
	now, _, err := b.Forge.RepositoryNow(ctx, r)
	return now, err
}
