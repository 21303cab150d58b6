package emulator

import (
	"errors"
	"fmt"
	"strings"
)

// Change is a push made without a git client, like an edit in the browser.
type Change struct {
	Repository string // owner/name
	Branch     string // the default branch when empty; created when missing
	As         string // login of the person; the owner when empty
	Message    string
	Files      map[string]string // path to whole new content
	Delete     []string          // paths
	// From is where a new branch starts (branch, tag or SHA), the default branch
	// when empty. On a branch that exists it makes the push a forced one.
	From string
	// Author is who has written it, as git notes it down: "Name <address>". The
	// person who pushes when empty.
	Author string
}

// Push commits a change and answers its SHA. Everything a real push causes
// happens before it returns, only the webhooks are still on their way.
func (g *GitHub) Push(c Change) (string, error) {
	r, u, err := g.actorIn(c.Repository, c.As, RoleWrite)
	if err != nil {
		return "", err
	}
	if c.Branch == "" {
		c.Branch = r.defaultBranch
	}
	if c.Message == "" {
		c.Message = "Change " + c.Branch
	}
	r.pushing.Lock()
	defer r.pushing.Unlock()
	before, exists := r.branch(c.Branch)
	parent := before
	if !exists || c.From != "" {
		from := c.From
		if from == "" {
			from = r.defaultBranch
		}
		start, err := r.resolve(from)
		switch {
		case err == nil:
			parent = start.sha
		case !errors.Is(err, errMissing) || c.From != "":
			return "", fmt.Errorf("%s: %s: %w", c.Repository, from, err)
		}
	}
	ref := "refs/heads/" + c.Branch
	after, err := g.writeCommit(g.ctx, r, commitDraft{
		ref: ref, parent: parent, committer: u.User, author: c.Author, message: c.Message, files: c.Files, deleted: c.Delete,
	})
	if err != nil {
		return "", err
	}
	return after, g.pushed(r, []refUpdate{{name: ref, before: before, after: after}}, u)
}

// SetBranch points a branch at a commit that is already there, as a forced push
// back to an older commit does; a branch that is missing is created. SHA may be
// any name of a commit.
func (g *GitHub) SetBranch(fullName, branch, sha, as string) error {
	r, u, err := g.actorIn(fullName, as, RoleWrite)
	if err != nil {
		return err
	}
	r.pushing.Lock()
	defer r.pushing.Unlock()
	c, err := r.resolve(sha)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", fullName, sha, err)
	}
	ref := "refs/heads/" + branch
	before, _ := r.refs.get(ref)
	if before == c.sha {
		return nil
	}
	if err := r.refs.set(ref, c.sha); err != nil {
		return err
	}
	return g.pushed(r, []refUpdate{{name: ref, before: before, after: c.sha}}, u)
}

// DeleteBranch deletes a branch; pull requests from it are closed.
func (g *GitHub) DeleteBranch(fullName, branch, as string) error {
	r, u, err := g.actorIn(fullName, as, RoleWrite)
	if err != nil {
		return err
	}
	r.pushing.Lock()
	defer r.pushing.Unlock()
	before, ok := r.branch(branch)
	if !ok {
		return fmt.Errorf("%s: no branch %q", fullName, branch)
	}
	ref := "refs/heads/" + branch
	if _, err := g.git.run(g.ctx, r.dir, nil, "update-ref", "-d", ref, before); err != nil {
		return err
	}
	return g.pushed(r, []refUpdate{{name: ref, before: before}}, u)
}

// actorIn finds a repository and a person with at least this role in it; the
// owner when login is empty. It takes the lock.
func (g *GitHub) actorIn(fullName, login string, role Role) (*repository, *user, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repositoryByName(fullName)
	if r == nil {
		return nil, nil, fmt.Errorf("no repository %q", fullName)
	}
	u, err := g.actorOf(r, login, role)
	return r, u, err
}

func (g *GitHub) actorOf(r *repository, login string, role Role) (*user, error) {
	u := r.owner
	if login != "" {
		u = g.userByLogin(strings.TrimPrefix(login, "@"))
	}
	if u == nil {
		return nil, fmt.Errorf("no user %q", login)
	}
	if !u.suspended.IsZero() {
		return nil, fmt.Errorf("%s is suspended", u.Login)
	}
	if !r.role(u).atLeast(role) {
		return nil, fmt.Errorf("%s has no %s access to %s", u.Login, role, r.fullName())
	}
	return u, nil
}
