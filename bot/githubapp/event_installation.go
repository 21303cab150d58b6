package githubapp

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Installation is a change of where the app is installed: created, deleted,
// suspend, unsuspend, new_permissions_accepted.
type Installation struct {
	Origin
	AppID   int64
	Account Account // where it is installed
	// Repositories are those it reaches; with created and deleted only.
	Repositories []pipeline.Repository
}

// InstallationRepositories is a change of what an installation reaches: added,
// removed.
type InstallationRepositories struct {
	Origin
	AppID   int64
	Account Account
	Added   []pipeline.Repository
	Removed []pipeline.Repository
}

func (w *wireEvent) installation(o Origin) (any, string) {
	e := Installation{Origin: o, Repositories: w.repositories(w.Repositories)}
	if w.Installation != nil {
		e.AppID, e.Account = w.Installation.AppID, w.Installation.Account.account()
	}
	if o.Installation <= 0 {
		return e, "no installation"
	}
	return e, ""
}

func (w *wireEvent) installationRepositories(o Origin) (any, string) {
	e := InstallationRepositories{Origin: o, Added: w.repositories(w.RepositoriesAdded), Removed: w.repositories(w.RepositoriesRemoved)}
	if w.Installation != nil {
		e.AppID, e.Account = w.Installation.AppID, w.Installation.Account.account()
	}
	if o.Installation <= 0 {
		return e, "no installation"
	}
	return e, ""
}

// repositories reads the short form: id and names, on the host of the
// installation's page.
func (w *wireEvent) repositories(list []wireShortRepository) []pipeline.Repository {
	var all []pipeline.Repository
	for _, r := range list {
		owner, name, ok := strings.Cut(r.FullName, "/")
		if !ok || r.ID <= 0 || w.Installation == nil {
			continue
		}
		all = append(all, pipeline.Repository{
			Host: hostOf(w.Installation.HTMLURL), ID: r.ID, Owner: owner, Name: name, Installation: w.Installation.ID,
		})
	}
	return all
}
