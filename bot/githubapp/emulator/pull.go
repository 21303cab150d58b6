package emulator

import (
	"fmt"
	"strings"
	"time"
)

// PullRequest is what the outside knows of a pull request.
type PullRequest struct {
	ID             int64
	Repository     string // the base's owner/name
	Number         int
	Title, Body    string
	State          string // open or closed
	Draft          bool
	Author         string
	HeadRepository string // owner/name, empty when the fork is gone
	HeadRef        string
	HeadSHA        string
	BaseRef        string
	BaseSHA        string
	Merged         bool
	MergedBy       string
	MergeCommitSHA string
	HTMLURL        string
}

type pullRequest struct {
	id          int64
	number      int
	base        *repository
	head        *repository // nil when the fork is gone
	headOwner   *user
	author      *user
	title, body string
	state       string
	draft       bool
	labels      []string
	headRef     string
	headSHA     string
	baseRef     string
	baseSHA     string
	merged      bool
	mergedBy    *user
	mergeCommit string
	// rewritten are the commits a rebase merge made; commits are the pull
	// request's own, fixed when it was merged.
	rewritten, commits   []string
	stats                pullStats
	comments             []*comment
	createdAt, updatedAt time.Time
	closedAt, mergedAt   time.Time
	verdict              mergeVerdict
}

func (p *pullRequest) open() bool     { return p.state == "open" }
func (p *pullRequest) fromFork() bool { return p.head != p.base }

// pullStats are the numbers GitHub shows on a pull request.
type pullStats struct {
	commits, files, additions, deletions int
}

// NewPullRequest describes a pull request to open.
type NewPullRequest struct {
	Repository string // the base's owner/name
	Title      string // the head's name when empty
	Body       string
	// Head is a branch of the repository, or owner:branch of a fork.
	Head  string
	Base  string // the default branch when empty
	Draft bool
	As    string // login; the owner of the head when empty
}

// OpenPullRequest opens a pull request.
func (g *GitHub) OpenPullRequest(n NewPullRequest) (PullRequest, error) {
	g.mu.Lock()
	r := g.repositoryByName(n.Repository)
	if r == nil {
		g.mu.Unlock()
		return PullRequest{}, fmt.Errorf("no repository %q", n.Repository)
	}
	if n.As == "" {
		owner, _, forked := strings.Cut(n.Head, ":")
		if n.As = r.owner.Login; forked {
			n.As = owner
		}
	}
	u, err := g.actorOf(r, n.As, RoleRead)
	g.mu.Unlock()
	if err != nil {
		return PullRequest{}, err
	}
	p, err := g.openPull(r, u, n)
	if err != nil {
		return PullRequest{}, fmt.Errorf("%s: %w", n.Repository, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.pullView(p), nil
}

// openPull does what both ways of opening share. It takes the lock; errors are
// GitHub's.
func (g *GitHub) openPull(r *repository, by *user, n NewPullRequest) (*pullRequest, error) {
	if n.Base == "" {
		n.Base = r.defaultBranch
	}
	if n.Title == "" {
		n.Title = n.Head
	}
	r.pushing.Lock() // nobody else pushes, opens or merges here meanwhile
	defer r.pushing.Unlock()
	g.mu.Lock()
	head, branch := g.headOf(r, n.Head)
	g.mu.Unlock()
	if head == nil {
		return nil, invalid("PullRequest", "head", "invalid", "")
	}
	headSHA, ok := head.branch(branch)
	if !ok {
		return nil, invalid("PullRequest", "head", "invalid", "")
	}
	baseSHA, ok := r.branch(n.Base)
	if !ok {
		return nil, invalid("PullRequest", "base", "invalid", "")
	}
	number := g.nextNumber(r)
	if err := g.bringHead(r, head, number, headSHA); err != nil {
		return nil, err
	}
	stats, err := g.readStats(r, n.Base, headSHA)
	if err != nil {
		return nil, err
	}
	if stats.commits == 0 {
		return nil, invalid("PullRequest", "base", "custom", fmt.Sprintf("No commits between %s and %s", n.Base, n.Head))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, other := range r.pulls {
		if other.open() && other.head == head && other.headRef == branch && other.baseRef == n.Base {
			return nil, invalid("PullRequest", "base", "custom",
				fmt.Sprintf("A pull request already exists for %s:%s.", head.owner.Login, branch))
		}
	}
	p := &pullRequest{
		id: g.nextID(), number: number, base: r, head: head, headOwner: head.owner, author: by,
		title: n.Title, body: n.Body, state: "open", draft: n.Draft,
		headRef: branch, headSHA: headSHA, baseRef: n.Base, baseSHA: baseSHA,
		stats: stats, createdAt: g.now(), updatedAt: g.now(),
	}
	r.pulls = append(r.pulls, p)
	g.sendPull(p, "opened", by, nil)
	g.touch()
	return p, nil
}

func (g *GitHub) nextNumber(r *repository) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(r.pulls) + 1
}

// headOf reads "branch" and "owner:branch".
func (g *GitHub) headOf(r *repository, head string) (*repository, string) {
	owner, branch, named := strings.Cut(head, ":")
	if !named {
		return r, head
	}
	if sameName(owner, r.owner.Login) {
		return r, branch
	}
	for _, fork := range g.allRepositories() {
		if sameName(fork.owner.Login, owner) && fork.parent == r {
			return fork, branch
		}
	}
	return nil, ""
}

// bringHead makes refs/pull/N/head in the base repository, fetching from a fork.
func (g *GitHub) bringHead(base, head *repository, number int, sha string) error {
	ref := fmt.Sprintf("refs/pull/%d/head", number)
	if base == head {
		return base.refs.set(ref, sha)
	}
	_, err := g.git.run(g.ctx, base.dir, nil, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
		head.dir, "+"+sha+":"+ref)
	return err
}

// readStats counts what a pull request from sha into a branch brings.
func (g *GitHub) readStats(base *repository, baseRef, sha string) (pullStats, error) {
	tip, ok := base.branch(baseRef)
	if !ok {
		return pullStats{}, nil
	}
	commits, err := base.objects.between([]string{tip}, sha, 0)
	if err != nil {
		return pullStats{}, err
	}
	stats := pullStats{commits: len(commits)}
	files, err := g.diff(g.ctx, base, tip, sha, false)
	if err != nil {
		return pullStats{}, err
	}
	stats.files = len(files)
	for _, f := range files {
		stats.additions += f.additions
		stats.deletions += f.deletions
	}
	return stats, nil
}

// ownCommits lists a pull request's commits, oldest first.
func (p *pullRequest) ownCommits() ([]*commit, error) {
	if p.commits != nil {
		var list []*commit
		for _, sha := range p.commits {
			c, err := p.base.objects.commit(sha)
			if err != nil {
				return nil, err
			}
			list = append(list, c)
		}
		return list, nil
	}
	tip, ok := p.base.branch(p.baseRef)
	if !ok {
		tip = p.baseSHA
	}
	list, err := p.base.objects.between([]string{tip}, p.headSHA, 0)
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list, err
}

func (g *GitHub) pullView(p *pullRequest) PullRequest {
	v := PullRequest{
		ID: p.id, Repository: p.base.fullName(), Number: p.number, Title: p.title, Body: p.body, State: p.state,
		Draft: p.draft, Author: p.author.Login, HeadRef: p.headRef, HeadSHA: p.headSHA, BaseRef: p.baseRef,
		BaseSHA: p.baseSHA, Merged: p.merged, MergeCommitSHA: p.mergeCommit,
		HTMLURL: g.page("%s/pull/%d", p.base.fullName(), p.number),
	}
	if p.head != nil {
		v.HeadRepository = p.head.fullName()
	}
	if p.mergedBy != nil {
		v.MergedBy = p.mergedBy.Login
	}
	return v
}

// pullNumber finds a pull request by repository and number.
func (g *GitHub) pullNumber(fullName string, number int) (*pullRequest, error) {
	r := g.repositoryByName(fullName)
	if r == nil || number < 1 || number > len(r.pulls) {
		return nil, fmt.Errorf("no pull request %s#%d", fullName, number)
	}
	return r.pulls[number-1], nil
}
