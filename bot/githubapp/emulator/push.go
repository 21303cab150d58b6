package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// refUpdate is one ref that a push has changed. "" stands for no commit.
type refUpdate struct {
	name, before, after string
}

func (u refUpdate) branch() (string, bool) { return strings.CutPrefix(u.name, "refs/heads/") }
func (u refUpdate) isTag() bool            { return strings.HasPrefix(u.name, "refs/tags/") }

// mostTags is how many tags one push may bring before GitHub sends no event.
const mostTags = 3

// maxPushCommits is how many commits a push event lists at most.
const maxPushCommits = 2048

// push is what one ref update means, worked out before any lock is taken.
type push struct {
	refUpdate
	forced  bool
	commits []*commit // new ones, oldest first
	head    *commit   // nil when deleted
	baseRef string
	changes map[string]treeChanges
}

// pullUpdate is a pull request whose head has moved, with its new numbers.
type pullUpdate struct {
	pull  *pullRequest
	push  *push
	stats pullStats
}

// pushed does everything that follows from refs having moved: events, check
// suites, pull requests. The caller holds the repository's push lock and not
// GitHub.mu.
func (g *GitHub) pushed(r *repository, updates []refUpdate, by *user) error {
	var pushes []*push
	for _, u := range updates {
		p, err := g.readPush(r, u)
		if err != nil {
			return fmt.Errorf("push of %s to %s: %w", u.name, r.fullName(), err)
		}
		pushes = append(pushes, p)
	}
	pulls, err := g.readPullUpdates(r, pushes)
	if err != nil {
		return err
	}
	tags := 0
	for _, p := range pushes {
		if p.isTag() {
			tags++
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r.pushedAt, r.updatedAt = g.now(), g.now()
	for _, p := range pushes {
		if _, branch := p.branch(); !branch && (!p.isTag() || tags > mostTags) {
			continue
		}
		g.sendPush(r, p, by)
		g.openSuites(r, p, by)
		for _, u := range pulls {
			if u.push == p {
				g.moveHead(u, by)
			}
		}
		g.closePulls(r, p, by)
	}
	g.touch()
	return nil
}

func (g *GitHub) readPush(r *repository, u refUpdate) (*push, error) {
	p := &push{refUpdate: u, changes: map[string]treeChanges{}}
	if u.after == "" {
		return p, nil
	}
	head, err := r.objects.commit(u.after)
	if errors.Is(err, errMissing) { // a tag on something that is no commit
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.head = head
	excluded := []string{u.before}
	if u.before == "" {
		excluded = nil
		for _, other := range r.refs.list("refs/heads/") {
			if other.name == u.name {
				continue
			}
			excluded = append(excluded, other.sha)
			if other.sha == u.after {
				p.baseRef = other.name
			}
		}
	}
	if p.commits, err = r.objects.between(excluded, u.after, maxPushCommits); err != nil {
		return nil, err
	}
	slices.Reverse(p.commits)
	p.forced = u.before != "" && !r.objects.isAncestor(u.before, u.after)
	for _, c := range append([]*commit{head}, p.commits...) {
		if p.changes[c.sha], err = r.objects.changes(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// changes compares a commit with its first parent.
func (o *objects) changes(c *commit) (treeChanges, error) {
	before := ""
	if len(c.parents) > 0 {
		if parent, err := o.commit(c.parents[0]); err == nil {
			before = parent.tree
		}
	}
	return o.diffTrees(before, c.tree)
}

// readPullUpdates finds the open pull requests whose head branch has moved.
func (g *GitHub) readPullUpdates(r *repository, pushes []*push) ([]pullUpdate, error) {
	var updates []pullUpdate
	g.mu.Lock()
	for _, p := range pushes {
		branch, ok := p.branch()
		if !ok || p.after == "" {
			continue
		}
		for _, base := range g.allRepositories() {
			for _, pull := range base.pulls {
				if pull.open() && pull.head == r && pull.headRef == branch && pull.headSHA != p.after {
					updates = append(updates, pullUpdate{pull: pull, push: p})
				}
			}
		}
	}
	g.mu.Unlock()
	for i, u := range updates {
		if err := g.bringHead(u.pull.base, r, u.pull.number, u.push.after); err != nil {
			return nil, err
		}
		stats, err := g.readStats(u.pull.base, u.pull.baseRef, u.push.after)
		if err != nil {
			return nil, err
		}
		updates[i].stats = stats
	}
	return updates, nil
}

// moveHead is what a push does to an open pull request.
func (g *GitHub) moveHead(u pullUpdate, by *user) {
	p := u.pull
	if !p.open() {
		return
	}
	before := p.headSHA
	p.headSHA, p.stats, p.updatedAt = u.push.after, u.stats, g.now()
	if tip, ok := p.base.branch(p.baseRef); ok {
		p.baseSHA = tip
	}
	g.sendPull(p, "synchronize", by, object{"before": before, "after": p.headSHA})
}

// closePulls closes what a push makes pointless: the head or base branch is
// gone, or the base has got the commits some other way.
func (g *GitHub) closePulls(r *repository, p *push, by *user) {
	branch, ok := p.branch()
	if !ok {
		return
	}
	for _, base := range g.allRepositories() {
		for _, pull := range base.pulls {
			if !pull.open() {
				continue
			}
			isHead := pull.head == r && pull.headRef == branch
			isBase := base == r && pull.baseRef == branch
			switch {
			case p.after == "" && (isHead || isBase):
				g.closePull(pull, by)
			case isBase && slices.ContainsFunc(p.commits, func(c *commit) bool { return c.sha == pull.headSHA }):
				g.markMergedFrom(pull, p.before, by, p.after, nil)
				g.sendPull(pull, "closed", by, nil)
			}
		}
	}
}
