package emulator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// NewRepository describes a repository to add.
type NewRepository struct {
	Owner, Name   string
	Description   string
	Private       bool
	DefaultBranch string // main when empty
	// Files, when given, become the first commit on the default branch. It
	// sends no webhooks.
	Files map[string]string
}

// Repository is what the outside knows of a repository.
type Repository struct {
	ID            int64
	Owner, Name   string
	FullName      string
	Private       bool
	DefaultBranch string
	CloneURL      string
	HTMLURL       string
	// Dir is the bare repository on disk, for looking only.
	Dir string
	// ParentID is the repository this one was forked from, or 0.
	ParentID int64
}

type repository struct {
	id            int64
	owner         *user
	name          string
	description   string
	private       bool
	defaultBranch string
	parent        *repository
	createdAt     time.Time
	updatedAt     time.Time
	pushedAt      time.Time
	roles         map[int64]Role
	pulls         []*pullRequest  // pull request n is pulls[n-1]
	groups        []mergeGroup    // in the merge queue
	protected     map[string]bool // branches with rules

	dir     string
	refs    refStore
	objects *objects
	pushing sync.Mutex // one push or merge at a time; taken before GitHub.mu
}

func (r *repository) fullName() string { return r.owner.Login + "/" + r.name }

// Protect puts a rule on a branch, or takes it away. The emulator shows that there
// is one, and enforces nothing.
func (g *GitHub) Protect(fullName, branch string, protected bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repositoryByName(fullName)
	if r == nil {
		return fmt.Errorf("no repository %q", fullName)
	}
	if r.protected == nil {
		r.protected = map[string]bool{}
	}
	r.protected[branch] = protected
	g.touch()
	return nil
}

// AddRepository creates a repository and its bare git repository. No role is
// given to anybody but the owner.
func (g *GitHub) AddRepository(n NewRepository) (Repository, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	owner := g.userByLogin(n.Owner)
	if owner == nil {
		return Repository{}, fmt.Errorf("no user or organization %q", n.Owner)
	}
	r, err := g.newRepository(owner, n)
	if err != nil {
		return Repository{}, err
	}
	if len(n.Files) > 0 {
		if _, err := g.writeCommit(g.ctx, r, commitDraft{
			ref: "refs/heads/" + r.defaultBranch, committer: owner.User, message: "Initial commit", files: n.Files,
		}); err != nil {
			return Repository{}, err
		}
		r.pushedAt = g.now()
	}
	g.touch()
	return g.repositoryView(r), nil
}

func (g *GitHub) newRepository(owner *user, n NewRepository) (*repository, error) {
	if n.Name == "" || strings.ContainsAny(n.Name, "/ ") || strings.HasSuffix(n.Name, ".git") {
		return nil, fmt.Errorf("repository name %q is not usable", n.Name)
	}
	if g.repositoryNamed(owner.Login+"/"+n.Name) != nil {
		return nil, fmt.Errorf("repository %s/%s exists", owner.Login, n.Name)
	}
	if n.DefaultBranch == "" {
		n.DefaultBranch = "main"
	}
	now := g.now()
	r := &repository{
		id: g.nextID(), owner: owner, name: n.Name, description: n.Description, private: n.Private,
		defaultBranch: n.DefaultBranch, createdAt: now, updatedAt: now, pushedAt: now, roles: map[int64]Role{},
	}
	r.dir = filepath.Join(g.options.Dir, fmt.Sprintf("%d.git", r.id))
	r.refs = refStore{dir: r.dir}
	r.objects = &objects{git: g.git, dir: r.dir, ctx: g.ctx}
	if err := g.initBare(g.ctx, r); err != nil {
		return nil, err
	}
	g.repositories[r.id] = r
	return r, nil
}

func (g *GitHub) initBare(ctx context.Context, r *repository) error {
	if _, err := g.git.run(ctx, g.options.Dir, nil, "init", "--quiet", "--bare", "--template=",
		"--initial-branch="+r.defaultBranch, r.dir); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, "config"), []byte(bareConfig), 0o644)
}

// SetPrivate hides a repository from those without a role in it, or shows it.
func (g *GitHub) SetPrivate(fullName string, private bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repositoryByName(fullName)
	if r == nil {
		return fmt.Errorf("no repository %q", fullName)
	}
	r.private = private
	g.touch()
	return nil
}

// SetRole gives a person a role in a repository; RoleNone takes it away.
func (g *GitHub) SetRole(fullName, login string, role Role) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, u := g.repositoryByName(fullName), g.userByLogin(login)
	if r == nil || u == nil || role.rank() < 0 {
		return fmt.Errorf("no repository %q, no user %q or no role %q", fullName, login, role)
	}
	r.roles[u.ID] = role
	if role == RoleNone {
		delete(r.roles, u.ID)
	}
	g.touch()
	return nil
}

// DeleteRepository removes a repository. Pull requests that came from it stay,
// with head.repo null.
func (g *GitHub) DeleteRepository(fullName string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repositoryByName(fullName)
	if r == nil {
		return fmt.Errorf("no repository %q", fullName)
	}
	delete(g.repositories, r.id)
	for _, i := range g.installations {
		i.selected = slices.DeleteFunc(i.selected, func(id int64) bool { return id == r.id })
	}
	for _, other := range g.repositories {
		for _, p := range other.pulls {
			if p.head == r {
				p.head = nil
			}
		}
	}
	r.objects.close()
	g.touch()
	return os.RemoveAll(r.dir)
}

// Repository answers what is known of "owner/name".
func (g *GitHub) Repository(fullName string) (Repository, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repositoryByName(fullName)
	if r == nil {
		return Repository{}, false
	}
	return g.repositoryView(r), true
}

func (g *GitHub) repositoryView(r *repository) Repository {
	v := Repository{
		ID: r.id, Owner: r.owner.Login, Name: r.name, FullName: r.fullName(), Private: r.private,
		DefaultBranch: r.defaultBranch, Dir: r.dir,
		CloneURL: g.page("%s.git", r.fullName()), HTMLURL: g.page("%s", r.fullName()),
	}
	if r.parent != nil {
		v.ParentID = r.parent.id
	}
	return v
}

// repositoryByName finds a repository, by a name that it had before too.
func (g *GitHub) repositoryByName(fullName string) *repository {
	if r := g.repositoryNamed(fullName); r != nil {
		return r
	}
	return g.repositories[g.moved[strings.ToLower(fullName)]]
}

// repositoryNamed finds the repository that has this name now.
func (g *GitHub) repositoryNamed(fullName string) *repository {
	for _, r := range g.repositories {
		if sameName(r.fullName(), fullName) {
			return r
		}
	}
	return nil
}

// allRepositories lists the repositories, oldest first.
func (g *GitHub) allRepositories() []*repository {
	list := make([]*repository, 0, len(g.repositories))
	for _, r := range g.repositories {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *repository) int { return int(a.id - b.id) })
	return list
}

// resolve finds the commit behind a branch, tag, ref or SHA, full or short.
func (r *repository) resolve(name string) (*commit, error) {
	if isSHA(name) {
		return r.objects.commit(name)
	}
	for _, full := range []string{"refs/heads/" + name, "refs/tags/" + name, "refs/" + name, name} {
		if _, ok := r.refs.get(full); ok {
			return r.objects.commit(full)
		}
	}
	if name == "HEAD" {
		return r.objects.commit("refs/heads/" + r.defaultBranch)
	}
	if len(name) >= 4 && strings.Trim(name, "0123456789abcdef") == "" {
		return r.objects.commit(name)
	}
	return nil, errMissing
}

// branch answers the tip of a branch.
func (r *repository) branch(name string) (string, bool) { return r.refs.get("refs/heads/" + name) }
