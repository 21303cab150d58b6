package emulator

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// The ways to merge a pull request.
const (
	MergeCommit = "merge"
	MergeSquash = "squash"
	MergeRebase = "rebase"
)

// Merge merges a pull request the way named ("" is MergeCommit) and answers the
// new tip of the base branch. It sends push on the base and pull_request closed.
func (g *GitHub) Merge(fullName string, number int, method, as string) (string, error) {
	r, u, err := g.actorIn(fullName, as, RoleWrite)
	if err != nil {
		return "", err
	}
	sha, err := g.merge(g.ctx, r, number, u, mergeRequest{method: method})
	if err != nil {
		return "", fmt.Errorf("%s#%d: %w", fullName, number, err)
	}
	return sha, nil
}

type mergeRequest struct {
	method         string
	expect         string // the head must be this, when given
	title, message string
}

// merge takes the locks itself; errors are GitHub's.
func (g *GitHub) merge(ctx context.Context, r *repository, number int, by *user, m mergeRequest) (string, error) {
	if m.method == "" {
		m.method = MergeCommit
	}
	r.pushing.Lock()
	defer r.pushing.Unlock()
	g.mu.Lock()
	p, err := g.pullNumber(r.fullName(), number)
	if err != nil {
		g.mu.Unlock()
		return "", notFound()
	}
	pull := *p // heads of forks may move while we work; this one is merged
	g.mu.Unlock()
	switch {
	case !pull.open() || pull.draft:
		return "", notMergeable()
	case m.expect != "" && m.expect != pull.headSHA:
		return "", mergeError(http.StatusConflict, "Head branch was modified. Review and try the merge again.")
	}
	baseTip, ok := r.branch(pull.baseRef)
	if !ok {
		return "", notMergeable()
	}
	result, rewritten, err := g.mergeObjects(ctx, &pull, baseTip, by, m)
	if err != nil {
		return "", err
	}
	if err := r.refs.set("refs/heads/"+pull.baseRef, result); err != nil {
		return "", err
	}
	g.mu.Lock()
	g.markMergedFrom(p, baseTip, by, result, rewritten)
	g.sendPull(p, "closed", by, nil)
	g.touch()
	g.mu.Unlock()
	return result, g.pushed(r, []refUpdate{{name: "refs/heads/" + pull.baseRef, before: baseTip, after: result}}, by)
}

// markMergedFrom is markMerged with the commits counted from the old base.
func (g *GitHub) markMergedFrom(p *pullRequest, baseTip string, by *user, result string, rewritten []string) {
	own, err := p.base.objects.between([]string{baseTip}, p.headSHA, 0)
	g.markMerged(p, by, result, rewritten)
	if err == nil && len(own) > 0 {
		p.commits = nil
		for i := len(own) - 1; i >= 0; i-- {
			p.commits = append(p.commits, own[i].sha)
		}
	}
}

// mergeObjects writes the commits of a merge and answers the new tip.
func (g *GitHub) mergeObjects(ctx context.Context, p *pullRequest, baseTip string, by *user, m mergeRequest) (string, []string, error) {
	switch m.method {
	case MergeCommit:
		title := or(m.title, fmt.Sprintf("Merge pull request #%d from %s/%s", p.number, p.headOwner.Login, p.headRef))
		tree, err := g.mergeTree(ctx, p.base, "", baseTip, p.headSHA)
		if err != nil {
			return "", nil, err
		}
		sha, err := g.commitTree(ctx, p.base, tree, []string{baseTip, p.headSHA}, by, nil, join(title, or(m.message, p.title)))
		return sha, nil, err
	case MergeSquash:
		tree, err := g.mergeTree(ctx, p.base, "", baseTip, p.headSHA)
		if err != nil {
			return "", nil, err
		}
		title := or(m.title, fmt.Sprintf("%s (#%d)", p.title, p.number))
		author := signature{name: p.author.Login, email: p.author.Email, when: g.now()}
		sha, err := g.commitTree(ctx, p.base, tree, []string{baseTip}, by, &author, join(title, m.message))
		return sha, nil, err
	case MergeRebase:
		return g.rebase(ctx, p, baseTip, by)
	default:
		return "", nil, invalid("PullRequest", "merge_method", "invalid", "")
	}
}

// rebase replays the commits of a pull request, one by one, on the base.
func (g *GitHub) rebase(ctx context.Context, p *pullRequest, baseTip string, by *user) (string, []string, error) {
	commits, err := p.ownCommits()
	if err != nil {
		return "", nil, err
	}
	tip, rewritten := baseTip, []string{}
	for _, c := range commits {
		if len(c.parents) != 1 {
			continue // merges fall away in a rebase
		}
		tree, err := g.mergeTree(ctx, p.base, c.parents[0], tip, c.sha)
		if err != nil {
			return "", nil, err
		}
		if tip, err = g.commitTree(ctx, p.base, tree, []string{tip}, by, &c.author, c.message); err != nil {
			return "", nil, err
		}
		rewritten = append(rewritten, tip)
	}
	return tip, rewritten, nil
}

// mergeTree merges two commits into a tree; a conflict is notMergeable.
func (g *GitHub) mergeTree(ctx context.Context, r *repository, base, ours, theirs string) (string, error) {
	if base != "" {
		return g.mergeTreeFrom(ctx, r, base, ours, theirs)
	}
	out, err := g.git.run(ctx, r.dir, nil, "merge-tree", "--write-tree", "--no-messages", ours, theirs)
	if err != nil {
		return "", notMergeable()
	}
	tree, _, _ := strings.Cut(string(out), "\n")
	return tree, nil
}

// mergeTreeFrom merges with a base of our choice. Git before 2.40 cannot be told
// the base, so the commit is replayed as a child of it: ours gets a stand-in
// whose only parent is the base.
func (g *GitHub) mergeTreeFrom(ctx context.Context, r *repository, base, ours, theirs string) (string, error) {
	c, err := r.objects.commit(ours)
	if err != nil {
		return "", err
	}
	robot := &user{User: User{Login: "rebase", Email: "noreply@github.com"}}
	standIn, err := g.commitTree(ctx, r, c.tree, []string{base}, robot, nil, "stand-in")
	if err != nil {
		return "", err
	}
	return g.mergeTree(ctx, r, "", standIn, theirs)
}

// commitTree writes a commit object by a person; the author may be another.
func (g *GitHub) commitTree(ctx context.Context, r *repository, tree string, parents []string, by *user, author *signature, message string) (string, error) {
	committer := signature{name: by.Login, email: by.Email, when: g.now()}
	if author == nil {
		author = &committer
	}
	args := []string{"commit-tree", tree}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	env := []string{
		"GIT_AUTHOR_NAME=" + author.name, "GIT_AUTHOR_EMAIL=" + author.email, gitDate("GIT_AUTHOR_DATE", *author),
		"GIT_COMMITTER_NAME=" + committer.name, "GIT_COMMITTER_EMAIL=" + committer.email, gitDate("GIT_COMMITTER_DATE", committer),
	}
	out, err := g.git.runAs(ctx, r.dir, env, []byte(message), args...)
	return strings.TrimSpace(string(out)), err
}

func gitDate(name string, s signature) string {
	return fmt.Sprintf("%s=@%d %s", name, s.when.Unix(), s.when.Format("-0700"))
}

// mergeVerdict remembers whether two commits can be merged.
type mergeVerdict struct {
	base, head string
	clean      bool
}

// mergeable answers whether a pull request can be merged. It takes the lock.
func (g *GitHub) mergeable(ctx context.Context, p *pullRequest) *bool {
	g.mu.Lock()
	head, open, known := p.headSHA, p.open(), p.verdict
	base, ok := p.base.branch(p.baseRef)
	g.mu.Unlock()
	if !open || !ok {
		return nil
	}
	if known.base != base || known.head != head {
		_, err := g.mergeTree(ctx, p.base, "", base, head)
		known = mergeVerdict{base: base, head: head, clean: err == nil}
		g.mu.Lock()
		p.verdict = known
		g.mu.Unlock()
	}
	return &known.clean
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func join(title, message string) string {
	if message == "" {
		return title
	}
	return title + "\n\n" + message
}
