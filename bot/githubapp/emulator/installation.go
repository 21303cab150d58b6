package emulator

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Installation is an app installed on an account.
type Installation struct {
	ID, AppID int64
	Account   string
	// Selected lists the repositories of a selection; nil means all.
	Selected []string
}

type installation struct {
	id        int64
	app       *app
	account   *user
	all       bool
	selected  []int64 // repository ids, when not all
	granted   Permissions
	suspended bool
	createdAt time.Time
	updatedAt time.Time
	deleted   bool
}

func (i *installation) reaches(r *repository) bool {
	return !i.deleted && r.owner == i.account && (i.all || slices.Contains(i.selected, r.id))
}

// Install puts an app on an account: on all its repositories, present and
// future, or on those named. It sends installation created.
func (g *GitHub) Install(appID int64, owner string, fullNames ...string) (Installation, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, account := g.apps[appID], g.userByLogin(owner)
	if a == nil || account == nil {
		return Installation{}, fmt.Errorf("no app %d or no account %q", appID, owner)
	}
	if g.installationOn(a, account) != nil {
		return Installation{}, fmt.Errorf("%s is installed on %s", a.slug, owner)
	}
	if a.private && account != a.owner {
		return Installation{}, fmt.Errorf("%s is private: it can only be installed on %s", a.slug, a.owner.Login)
	}
	selected, err := g.ownRepositories(account, fullNames)
	if err != nil {
		return Installation{}, err
	}
	i := &installation{
		id: g.nextID(), app: a, account: account, all: len(fullNames) == 0, granted: maps.Clone(a.permissions), createdAt: g.now(), updatedAt: g.now(),
	}
	for _, r := range selected {
		i.selected = append(i.selected, r.id)
	}
	g.installations[i.id] = i
	g.sendInstallation(i, "created", g.repositoriesOf(i))
	g.touch()
	return g.installationView(i), nil
}

// Suspend lets an installation's app in no longer, or again. It sends no webhook.
func (g *GitHub) Suspend(id int64, suspended bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.installations[id]
	if i == nil {
		return fmt.Errorf("no installation %d", id)
	}
	i.suspended, i.updatedAt = suspended, g.now()
	for text, t := range g.tokens {
		if t.installation == i {
			delete(g.tokens, text)
		}
	}
	g.touch()
	return nil
}

// Uninstall removes an installation; its tokens die. It sends installation
// deleted.
func (g *GitHub) Uninstall(id int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.installations[id]
	if i == nil {
		return fmt.Errorf("no installation %d", id)
	}
	repositories := g.repositoriesOf(i)
	i.deleted = true
	delete(g.installations, id)
	for text, t := range g.tokens {
		if t.installation == i {
			delete(g.tokens, text)
		}
	}
	g.sendInstallation(i, "deleted", repositories)
	g.touch()
	return nil
}

// AddToInstallation selects more repositories. It sends installation_repositories
// added.
func (g *GitHub) AddToInstallation(id int64, fullNames ...string) error {
	return g.changeSelection(id, "added", fullNames)
}

// RemoveFromInstallation takes repositories away. It sends
// installation_repositories removed.
func (g *GitHub) RemoveFromInstallation(id int64, fullNames ...string) error {
	return g.changeSelection(id, "removed", fullNames)
}

func (g *GitHub) changeSelection(id int64, action string, fullNames []string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.installations[id]
	if i == nil || i.all {
		return fmt.Errorf("no installation %d with selected repositories", id)
	}
	list, err := g.ownRepositories(i.account, fullNames)
	if err != nil {
		return err
	}
	for _, r := range list {
		i.selected = slices.DeleteFunc(i.selected, func(id int64) bool { return id == r.id })
		if action == "added" {
			i.selected = append(i.selected, r.id)
		}
	}
	i.updatedAt = g.now()
	g.sendSelection(i, action, list)
	g.touch()
	return nil
}

func (g *GitHub) ownRepositories(account *user, fullNames []string) ([]*repository, error) {
	var list []*repository
	for _, name := range fullNames {
		r := g.repositoryByName(name)
		if r == nil || r.owner != account {
			return nil, fmt.Errorf("%s has no repository %q", account.Login, name)
		}
		list = append(list, r)
	}
	return list, nil
}

// repositoriesOf lists what an installation reaches, oldest first.
func (g *GitHub) repositoriesOf(i *installation) []*repository {
	return slices.DeleteFunc(g.allRepositories(), func(r *repository) bool { return !i.reaches(r) })
}

func (g *GitHub) installationOn(a *app, account *user) *installation {
	for _, i := range g.installations {
		if i.app == a && i.account == account {
			return i
		}
	}
	return nil
}

// installationsFor lists the installations that reach a repository, oldest first.
func (g *GitHub) installationsFor(r *repository) []*installation {
	var list []*installation
	for _, i := range g.installations {
		if i.reaches(r) {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b *installation) int { return int(a.id - b.id) })
	return list
}

func (g *GitHub) installationView(i *installation) Installation {
	v := Installation{ID: i.id, AppID: i.app.id, Account: i.account.Login}
	if !i.all {
		v.Selected = []string{}
		for _, r := range g.repositoriesOf(i) {
			v.Selected = append(v.Selected, r.fullName())
		}
	}
	return v
}
