package emulator

import "fmt"

// Fork copies a repository to a person's account and answers the copy. No app
// installed on the parent's owner reaches it.
func (g *GitHub) Fork(fullName, as string) (Repository, error) {
	r, u, err := g.actorIn(fullName, as, RoleRead)
	if err != nil {
		return Repository{}, err
	}
	fork, err := g.fork(r, u)
	if err != nil {
		return Repository{}, fmt.Errorf("fork of %s: %w", fullName, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.repositoryView(fork), nil
}

// fork takes the lock itself.
func (g *GitHub) fork(r *repository, u *user) (*repository, error) {
	g.mu.Lock()
	fork, err := g.newRepository(u, NewRepository{
		Name: r.name, Description: r.description, Private: r.private, DefaultBranch: r.defaultBranch,
	})
	if err == nil {
		fork.parent = r
	}
	g.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if _, err := g.git.run(g.ctx, fork.dir, nil, "fetch", "--quiet", "--no-write-fetch-head", r.dir,
		"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.touch()
	return fork, nil
}
