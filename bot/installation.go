package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// installation keeps the list of repositories that the app reaches. Old tokens
// are dropped whatever happened: they lack what is new or reach what is gone.
func (b *Bot) installation(ctx context.Context, e githubapp.Installation) (outcome, error) {
	id, host := e.Origin.Installation, b.Forge.Host()
	b.Forge.Forget(id)
	b.met.Clear()
	var err error
	switch e.Action {
	case "created":
		err = b.remember(ctx, e.Repositories)
	case "deleted":
		err = b.Store.RemoveInstallation(ctx, host, id)
	case "suspend", "unsuspend":
		err = b.Store.SuspendInstallation(ctx, host, id, e.Action == "suspend")
	case "new_permissions_accepted":
	default:
		return ignored("Penstock has no use for an installation that is %s", e.Action), nil
	}
	b.again.addRefused()
	return done("installation of %s: %s", e.Account.Login, e.Action), err
}

func (b *Bot) installationRepositories(ctx context.Context, e githubapp.InstallationRepositories) (outcome, error) {
	b.Forge.Forget(e.Origin.Installation)
	b.met.Clear()
	for _, r := range e.Removed {
		if err := b.Store.RemoveRepository(ctx, r.Host, r.ID); err != nil {
			return outcome{}, err
		}
	}
	b.again.addRefused()
	return done("installation of %s: %d repositories added, %d removed", e.Account.Login, len(e.Added), len(e.Removed)),
		b.remember(ctx, e.Added)
}

// meet remembers a repository that was installed before anybody listened, or that
// has another name or owner now.
func (b *Bot) meet(ctx context.Context, r pipeline.Repository) error {
	b.Forge.Learn(r)
	if _, known := b.met.Load(r); known {
		return nil
	}
	if err := b.Store.SaveRepository(ctx, r, false); err != nil {
		return err
	}
	b.met.Store(r, true)
	return nil
}

func (b *Bot) remember(ctx context.Context, repositories []pipeline.Repository) error {
	for _, r := range repositories {
		if !b.Allows(r.Owner, r.Name) {
			continue
		}
		if err := b.Store.SaveRepository(ctx, r, false); err != nil {
			return err
		}
		b.Forge.Learn(r)
	}
	return nil
}
